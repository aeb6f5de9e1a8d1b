"""The newsroom's past, from every archive that holds some of it: all of a day, each once, nothing of other days."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from demo.newsroom import Newsroom
from tests.wirecopy.builders import content
from wirecopy.steps import plan, publish, pull, verdict
from wirecopy.store.files.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("newsroom-past")]

DAY = timedelta(days=1)
ANCHOR = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(anchor=ANCHOR, now=ANCHOR) as running:
        yield running


@pytest.fixture(scope="module")
def desk(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """The settings of `make airflow DEMO=1`, and the newsroom's clock."""
    feeds = newsroom.write_feeds(tmp_path_factory.mktemp("desk") / "feeds.toml")
    archive = f"http://{newsroom.addresses['meridian']}:{newsroom.port}"
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in {
            "WIRECOPY_FEEDS": str(feeds), "WIRECOPY_NOW": ANCHOR.isoformat(), "WIRECOPY_SHARDS": "1",
            "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8", "WIRECOPY_HOST_GAP": "0", "WIRECOPY_WAYBACK": archive,
            "WIRECOPY_WAYBACK_GAP": "0", "WIRECOPY_WARC": f"{archive}/crawl-data/CC-NEWS/",
            "WIRECOPY_EXTRACT_WORKERS": "1",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield monkeypatch


@pytest.fixture(scope="module")
def days(newsroom: Newsroom) -> list[datetime]:
    """Two days of before, the earlier one first."""
    return [newsroom.days[0] - count * DAY for count in (6, 5)]


@pytest.fixture(scope="module")
def whole(desk: pytest.MonkeyPatch, days: list[datetime], tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """Backfilled with every source, the oldest day first."""
    return filled(tmp_path_factory.mktemp("oldest first") / "data", days, desk)


def backfill(day: datetime) -> None:
    """One day, as the DAG does it."""
    run = plan(kind="day", run_id=f"run of {day:%m-%d}", start=day.isoformat(), end=(day + DAY).isoformat())
    report = publish(run=run["run"], pulled=[pull(**shard) for shard in run["shards"]])
    assert verdict(run=run["run"], report=report)["unaccounted"] == 0


def filled(place: Path, days: Iterable[datetime], monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A store of its own, backfilled day by day."""
    monkeypatch.setenv("WIRECOPY_DATA", str(place))
    for day in days:
        backfill(day)
    return Layout(place)


def truth(
    newsroom: Newsroom, days: Iterable[datetime], *, without: frozenset[str] = frozenset()
) -> dict[str, list[str]]:
    """URLs by day of what any archive but those of *without* holds."""
    wanted = {f"{day:%Y-%m-%d}" for day in days}
    found: dict[str, list[str]] = {}
    for one in newsroom.site.old_truth():
        day = f"{one.published_at:%Y-%m-%d}"
        if day in wanted and newsroom.site.past.sources[one.slug] - without:
            found.setdefault(day, []).append(one.url)
    return {day: sorted(urls) for day, urls in found.items()}


def held(layout: Layout) -> dict[str, list[str]]:
    """URLs by date of what the store has; a double would show."""
    found: dict[str, list[str]] = {}
    for row in content(layout, "articles")["articles"]:
        found.setdefault(str(row["date"]), []).append(row["canonical_url"])
    return {day: sorted(urls) for day, urls in found.items()}


def test_every_source_is_needed_and_no_more_comes(newsroom, days, whole):
    """All that any archive holds of the days, each once, nothing of others; six sources brought something."""
    assert held(whole) == truth(newsroom, days)
    assert len(held(whole)) == len(days)
    assert {row["via"] for row in rows_of(whole)} >= {"sitemap", "wordpress", "paging", "template", "warc", "wayback"}
    changed = {slug for slug, one in newsroom.site.past.articles.items() if len(one.versions) > 1}
    revised = {row["canonical_url"] for row in content(whole, "revisions")["revisions"]}
    assert revised
    assert revised <= {newsroom.site.full.url(slug) for slug in changed}  # as the crawler saw them, and as they are


def test_newest_day_first(days, whole, desk, tmp_path):
    """The other order gives the same content."""
    assert same(filled(tmp_path / "data", days[::-1], desk), whole)


def test_sources_that_are_added_later(newsroom, days, whole, desk, tmp_path):
    """Without the archives of others less is found; when they are named the days are what they had been at once."""
    with pytest.MonkeyPatch.context() as without:
        for name in ("WIRECOPY_WARC", "WIRECOPY_WAYBACK"):
            without.delenv(name)
        later = filled(tmp_path / "data", days, desk)
    assert held(later) == truth(newsroom, days, without=frozenset(("warc", "wayback")))
    assert same(filled(tmp_path / "data", days, desk), whole)


def test_two_days_at_once(days, whole, desk, tmp_path):
    """Two processes on one store, each with a day."""
    desk.setenv("WIRECOPY_DATA", str(tmp_path / "data"))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(backfill, days))
    assert same(Layout(tmp_path / "data"), whole)


def test_killed_and_run_again(days, whole, desk, tmp_path):
    """kill -9 while pages are being taken, then the same days again: nothing is lost, doubled or filed elsewhere."""
    desk.setenv("WIRECOPY_DATA", str(tmp_path / "data"))
    layout = Layout(tmp_path / "data")
    killed = get_context("spawn").Process(target=backfill, args=(days[1],))
    killed.start()
    deadline = time.monotonic() + 120
    while '"took"' not in "".join(path.read_text() for path in tmp_path.glob("data/state/staging/*.journal")):
        assert killed.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed.kill()
    killed.join()
    assert held(layout) != held(whole)
    assert same(filled(layout.root, days, desk), whole)


def same(one: Layout, other: Layout) -> bool:
    """Whether two stores hold the same articles and revisions."""
    assert content(one, "articles", "revisions") == content(other, "articles", "revisions")
    return True


def rows_of(layout: Layout) -> list[dict[str, object]]:
    """All columns of the articles."""
    import polars as pl

    return [row for path in layout.store.glob("articles/**/*.parquet") for row in pl.read_parquet(path).to_dicts()]
