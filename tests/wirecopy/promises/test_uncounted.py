"""What once vanished without a count: entries beyond the cap, a second failed poll, and how long a host wants rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from aiohttp import web

from ingest.feed.formats.kind import MAX_ENTRIES
from ingest.records import FeedPull
from tests.wirecopy.builders import HEADER, a_part, a_poll, at, skipped, taken
from tests.wirecopy.sites import Site, a_site
from wirecopy.steps import plan, publish, pull
from wirecopy.store.files.layout import Layout

DAY = timedelta(days=1)


@pytest.fixture
def site(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with a_site(layout, tmp_path, monkeypatch) as made:
        yield made


def run(name: str) -> dict:
    """A live run; its report."""
    planned = plan(kind="live", run_id=name)
    return publish(run=planned["run"], pulled=[pull(**shard) for shard in planned["shards"]])


@pytest.mark.slow
def test_entries_beyond_the_cap_are_counted(site, monkeypatch):
    """A feed that shows three more than are read: seen is what it shows, and what is left is deferred."""
    monkeypatch.setenv("WIRECOPY_PAGES_PER_FEED", "2")
    site.shown = [f"A{n}" for n in range(MAX_ENTRIES + 3)]
    report = run("r")
    assert (report["seen"], report["tried"]) == (MAX_ENTRIES + 3, 2)
    assert (report["entries"]["deferred"], report["unaccounted"]) == (MAX_ENTRIES + 1, 0)


def test_every_failed_poll_of_an_attempt_is_a_row(layout, tmp_path, monkeypatch):
    """Two documents of one feed that failed in one attempt, none with a capture: two rows, and publishing adds none."""
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "gazette"\nurl = "https://gazette.example/feed.xml"\n')
    for key, value in {"DATA": layout.root, "FEEDS": tmp_path / "feeds.toml", "NOW": at(12).isoformat()}.items():
        monkeypatch.setenv(f"WIRECOPY_{key}", str(value))
    polls = [a_poll(code="timeout", detail=detail, http_status=None) for detail in ("the first", "the second")]
    for _ in range(2):
        a_part(layout, [FeedPull(poll=poll) for poll in polls])
        publish(run=HEADER, pulled=[{}])
        rows = pl.read_parquet(layout.store / "polls/**/*.parquet")
        assert sorted(rows["detail"]) == ["the first", "the second"]


@pytest.mark.slow
@pytest.mark.parametrize("busy", ["/p/A0", "/robots.txt"])
def test_a_host_that_wants_a_day_gets_it_over_runs(site, monkeypatch, busy):
    """A page, or robots.txt, answers 429 with Retry-After of a day: no run of that day asks the host, then one does."""
    answer = site.answer

    async def too_many(request: web.Request) -> web.Response:
        if request.path == busy and site.slow == 0:
            site.hits[request.path] += 1
            return web.Response(status=429, headers={"Retry-After": "86400"})
        return await answer(request)

    site.shown = ["A0"]
    now = datetime.now(UTC).replace(microsecond=0)
    with a_site_answering(site, too_many):
        for number, hours in enumerate((0, 0.3, 1, 5, 23)):
            monkeypatch.setenv("WIRECOPY_NOW", (now + timedelta(hours=hours)).isoformat())
            run(f"r{number}")
        assert site.hits[busy] == 1
        site.slow = 0.01  # it answers again
        monkeypatch.setenv("WIRECOPY_NOW", (now + timedelta(hours=25)).isoformat())
        run("later")
        run("again")
    assert site.titles() == {"A0"}


def a_site_answering(site: Site, answer):
    """The pages of *site* from a server that answers otherwise."""
    from tests.wirecopy.running import serving

    class Serving:
        def __enter__(self):
            self.server = serving(answer)
            site.base = self.server.__enter__()
            site.write_feeds({"s": f"{site.base}/s.xml"})

        def __exit__(self, *error):
            self.server.__exit__(*error)

    return Serving()


def test_a_page_that_is_to_be_asked_later_costs_no_try(layout, tmp_path, monkeypatch):
    """It is due when the host said, however often others of its host are met before."""
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "gazette"\nurl = "https://gazette.example/feed.xml"\n')
    for key, value in {"DATA": layout.root, "FEEDS": tmp_path / "feeds.toml", "NOW": at(12).isoformat()}.items():
        monkeypatch.setenv(f"WIRECOPY_{key}", str(value))
    result = skipped("http_4xx", http_status=429, wait=DAY)
    a_part(layout, [FeedPull(poll=None, taken=(taken("wall", result),))])
    publish(run=HEADER, pulled=[{}])
    rows = pl.read_parquet(layout.store / "outcomes/**/*.parquet").select("tries", "counted", "next_try_at").rows()
    assert rows == [(0, False, at(10) + DAY)]
