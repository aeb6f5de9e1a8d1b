"""pull: a shard against the served newsroom; what a killed attempt leaves; two runs at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from demo.newsroom import Newsroom
from ingest.feedlist.feedlist import load_feeds
from tests.wirecopy import children
from tests.wirecopy.builders import content
from tests.wirecopy.children import SPAWN
from tests.wirecopy.running import ANCHOR, planned, serving, work
from wirecopy.steps import publish, pull
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    """Everything is published."""
    with Newsroom(anchor=ANCHOR, slow=timedelta(milliseconds=100)) as served:
        yield served


@pytest.fixture
def variables(layout: Layout, newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings, here and for children."""
    found = {
        "WIRECOPY_DATA": str(layout.root), "WIRECOPY_FEEDS": str(newsroom.write_feeds(tmp_path / "feeds.toml")),
        "WIRECOPY_NOW": ANCHOR.isoformat(), "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8", "WIRECOPY_HOST_GAP": "0",
        "WIRECOPY_EXTRACT_WORKERS": "1", "WIRECOPY_SHARDS": "1",
    }  # fmt: skip
    for key, value in found.items():
        monkeypatch.setenv(key, value)
    return found


def urls(layout: Layout) -> list[str]:
    return sorted(row["canonical_url"] for row in content(layout, "articles")["articles"])


@pytest.fixture
def truth(newsroom: Newsroom) -> list[str]:
    return sorted(one.url for one in newsroom.truth() if one.ends == "article")


@pytest.mark.slow
def test_killed_in_the_middle(layout, variables, truth, monkeypatch):
    """kill -9 of the pull: finished parts are committed, what it had taken is booked; later runs take all the rest."""
    first = planned()
    assert children.run_child(children.pull_and_die, first["shards"][0], variables, 20) == -9
    report = publish(run=first["run"], pulled=[])
    assert report["outcomes"].get("interrupted", 0) > 0
    assert (report["unaccounted"], report["shards"] - report["shards_done"]) == (0, 1)
    monkeypatch.setenv("WIRECOPY_NOW", (ANCHOR + timedelta(hours=1)).isoformat())
    later = planned(end=ANCHOR + timedelta(hours=1), name="later")
    publish(run=later["run"], pulled=[pull(**shard) for shard in later["shards"]])
    assert urls(layout) == truth
    assert len(set(urls(layout))) == len(urls(layout))


def test_stopped_in_the_middle(layout, variables):
    """A bug, or SIGTERM: what is finished is handed over, what is not is booked, and no entry is in both."""
    run = planned()
    tried = 0

    def progress(count: int) -> None:
        nonlocal tried
        tried += count
        if tried >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(**run["shards"][0], progress=progress)
    report = publish(run=run["run"], pulled=[])
    assert (report["outcomes"]["stored"] >= 20, report["unaccounted"]) == (True, 0)
    outcomes = pl.read_parquet(layout.store / "outcomes/**/*.parquet")
    assert set(outcomes["code"]) >= {"stored", "interrupted"}
    assert outcomes["entry_key"].is_unique().all()


@pytest.mark.slow
def test_a_retry_while_the_first_attempt_lives(layout, variables, truth):
    """Both attempts of a shard run to their end and both publish: each article once, each attempt's entries counted."""
    run = planned()
    processes = [SPAWN.Process(target=children.pull_and_publish, args=(run, variables)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(100)
    assert [process.exitcode for process in processes] == [0, 0]
    publish(run=run["run"], pulled=[{}])
    assert urls(layout) == truth
    polls = pl.read_parquet(layout.store / "polls/**/*.parquet")
    assert polls.filter(
        pl.col("taken") != pl.col("entries") - pl.sum_horizontal("known", "too_old", "outside", "repeated", "deferred")
    ).is_empty()
    assert list(layout.staging.glob("*.part")) == []


@pytest.mark.slow
def test_two_live_runs_and_a_day_at_once(layout, variables, truth):
    """A scheduled run, one from a shell, and the completion of a day."""
    runs = [planned(), planned(name="shell"), planned("day", ANCHOR, DAY, "day")]
    processes = [SPAWN.Process(target=children.pull_and_publish, args=(run, variables)) for run in runs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(100)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert urls(layout) == truth


def test_a_published_plan_is_gone(layout, variables):
    """Clearing `pull` alone after the run: the error says what to clear."""
    run = planned()
    publish(run=run["run"], pulled=[{}])
    with pytest.raises(Exception, match="Clear its `plan` task"):
        pull(**run["shards"][0])


def lose_parts(layout: Layout) -> None:
    """The attempt's captures lie in raw/, and nobody knows what became of them."""
    for path in layout.staging.iterdir():
        path.unlink()


def test_raw_that_was_removed_meanwhile(layout, variables, newsroom):
    """Retention takes raw files between plan and pull: what they held is left out, and the next run asks the feeds."""
    first = planned("day", ANCHOR, DAY)
    pull(**first["shards"][0])
    lose_parts(layout)

    def retention() -> None:
        for path in layout.raw.rglob("*.parquet"):
            path.unlink()

    assert work("day", ANCHOR, DAY, "again", retention)["outcomes"] == {}
    assert work("day", ANCHOR, DAY, "third")["outcomes"]["stored"] == sum(
        one.ends == "article" and one.published_at >= ANCHOR - DAY and one.slug != "el-mercado-de-la-lonja-reabre"
        for one in newsroom.truth()
    )


def test_past_run_uses_raw_without_network(layout, variables, newsroom):
    """A new store over the same raw/: pages are not fetched again, `via` says so."""
    first = planned("day", ANCHOR, DAY)
    pull(**first["shards"][0])
    lose_parts(layout)
    newsroom.hits.clear()
    assert work("day", ANCHOR, DAY, "again")["outcomes"]["stored"] > 20
    assert set(pl.read_parquet(layout.store / "articles/**/*.parquet")["via"]) == {"raw"}
    assert {url for url in newsroom.hits if newsroom.site.pages.get(url)} <= {newsroom.url("footbridge-opens-at-weir")}


def test_a_day_with_nothing_says_so(layout, variables, caplog):
    """It succeeds empty, and the log of verdict tells. Pages whose day no archive tells were looked at."""
    with caplog.at_level("INFO", "wirecopy"):
        report = work("day", ANCHOR - 30 * DAY, DAY, "empty")
    assert set(report["outcomes"]) <= {"another_day"}
    assert (report["dates"], layout.dates("articles")) == ([], [])
    assert "run=empty is complete" in caplog.text


@pytest.mark.slow
def test_a_store_restored_from_a_backup(layout, variables, newsroom, truth, monkeypatch):
    """The feed state is younger than the store: a 304 would hide what was lost, so the feeds are read in full again."""
    quarter = timedelta(minutes=15)
    backup = layout.root.with_name("backup")
    try:
        for now in (ANCHOR - DAY, ANCHOR):
            newsroom.now = now
            monkeypatch.setenv("WIRECOPY_NOW", now.isoformat())
            work("live", now, quarter, str(now))
            if now < ANCHOR:
                shutil.copytree(layout.store, backup)
    finally:
        newsroom.now = ANCHOR
    assert urls(layout) == truth
    shutil.rmtree(layout.store)
    backup.rename(layout.store)
    assert len(urls(layout)) < len(truth)
    monkeypatch.setenv("WIRECOPY_NOW", (ANCHOR + 2 * quarter).isoformat())
    work("live", ANCHOR + 2 * quarter, quarter, "restored")
    assert urls(layout) == truth


@pytest.mark.slow
def test_a_feed_that_moved_is_asked_there(layout, variables, newsroom, tmp_path, monkeypatch):
    """Over real HTTP: redirected for a week, then asked at its new address; what the list says stays its name."""
    from aiohttp import web

    feed = next(one for one in load_feeds(tmp_path / "feeds.toml").feeds)
    asked: list[str] = []

    async def old_place(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=301, headers={"Location": feed.url})

    with serving(old_place) as address:
        text = (tmp_path / "feeds.toml").read_text().replace(feed.url, f"{address}/old.xml")
        (tmp_path / "feeds.toml").write_text(text)
        for day in (0, 3, 8, 9):
            now = ANCHOR + day * DAY
            monkeypatch.setenv("WIRECOPY_NOW", now.isoformat())
            work("live", now, timedelta(minutes=15), f"day {day}")
    polls = pl.read_parquet(layout.store / "polls/**/*.parquet").filter(pl.col("feed_id") == feed.id).sort("polled_at")
    assert polls["code"].is_in(["ok", "unchanged", "not_modified"]).all()
    assert polls["url"].to_list() == [f"{address}/old.xml"] * 3 + [feed.url]
    assert polls["moved_to"].to_list() == [feed.url] * 3 + [None]
    assert asked.count("/old.xml") == 3


@pytest.mark.slow
def test_what_a_new_feed_brings(layout, variables, truth, monkeypatch):
    """With `first_poll` set the older entries are counted and left, also by the next poll; a backfill gets them."""
    monkeypatch.setenv("WIRECOPY_FIRST_POLL", "1d")
    for number in (0, 1):
        now = ANCHOR + timedelta(minutes=30 * number)
        monkeypatch.setenv("WIRECOPY_NOW", now.isoformat())
        run = planned(end=now, name=f"r{number}")
        report = publish(run=run["run"], pulled=[pull(**shard) for shard in run["shards"]])
        assert report["unaccounted"] == 0
        if number == 0:
            first = urls(layout)
            assert report["entries"]["too_old"] > 0
    assert urls(layout) == first
    assert set(first) < set(truth)
    tried = pl.read_parquet(layout.store / "outcomes/**/*.parquet")["published_at"]  # null: nobody can call it old
    assert tried.drop_nulls().min() >= ANCHOR - DAY
    work("day", ANCHOR - DAY, DAY, "a day before")
    assert len(urls(layout)) > len(first)


def test_two_redirectors_to_one_article(layout, variables, newsroom, tmp_path, monkeypatch):
    """Two feeds reach a page by different redirectors: one article, by its own address; later runs ask for none."""
    from aiohttp import web

    page = next(one.url for one in newsroom.truth() if one.ends == "article")
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        name, _, kind = request.path.removeprefix("/").partition(".")
        if not kind:
            return web.Response(status=302, headers={"Location": page})
        item = f"<item><title>{name}</title><link>{address}/{name}</link><guid>{name}</guid></item>"
        return web.Response(
            body=f"<rss><channel><title>{len(asked)}</title>{item}</channel></rss>", content_type="text/xml"
        )

    with serving(answer) as address:
        feeds = (f'[[feed]]\nid = "{name}"\nurl = "{address}/{name}.xml"\n' for name in ("ab", "cd"))
        (tmp_path / "feeds.toml").write_text("".join(feeds))
        newsroom.hits.clear()
        work("live", ANCHOR, timedelta(minutes=15), "first")
        first = newsroom.hits[page]
        monkeypatch.setenv("WIRECOPY_NOW", (ANCHOR + timedelta(minutes=30)).isoformat())
        work("live", ANCHOR + timedelta(minutes=30), timedelta(minutes=15), "second")
    assert urls(layout) == [page]
    outcomes = pl.read_parquet(layout.store / "outcomes/**/*.parquet")
    assert sorted(outcomes["code"]) == ["already_stored", "stored"]
    assert outcomes["article_id"].n_unique() == 1
    assert (first, newsroom.hits[page]) == (2, 2)
    assert [asked.count(path) for path in ("/ab", "/cd", "/ab.xml", "/cd.xml")] == [1, 1, 2, 2]


@pytest.mark.slow
def test_a_budget_of_pages_per_feed(layout, variables, truth, monkeypatch):
    """A live run takes three pages of each feed and counts the rest as deferred; the next ones end where one would."""
    monkeypatch.setenv("WIRECOPY_PAGES_PER_FEED", "3")
    deferred = []
    for number in range(40):
        now = ANCHOR + timedelta(minutes=30 * number)
        monkeypatch.setenv("WIRECOPY_NOW", now.isoformat())
        run = planned(end=now, name=f"r{number}")
        report = publish(run=run["run"], pulled=[pull(**shard) for shard in run["shards"]])
        assert report["unaccounted"] == 0
        polls = pl.read_parquet(layout.store / "polls/**/*.parquet").filter(pl.col("run_id") == f"r{number}")
        assert (polls["taken"] <= 3).all()
        deferred.append(polls["deferred"].sum())
        if urls(layout) == truth:
            break
    assert urls(layout) == truth
    assert deferred[0] > 0
    assert number > 2
