"""Searches: a source of history that asks sites, its places, its budget, its memory, and its books."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

import polars as pl
import pytest

from ingest.errors import HttpStatus, IngestError
from ingest.records import Entry, Feed, Span, Via
from ingest.text.urls import entry_key
from ingest.work import Found
from tests.wirecopy.history.test_history import TEXT, a_day, a_feed, paths
from tests.wirecopy.running import ANCHOR, serving, settings_of
from wirecopy.errors import UsageError
from wirecopy.history import sources
from wirecopy.history.askinggetter import AskingGetter
from wirecopy.history.searched import Ask, Searched
from wirecopy.runs.selection import EntrySelector
from wirecopy.steps import plan
from wirecopy.store.feeds.places import Place, Places
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.schema import POLLS
from wirecopy.store.ledger import append_log, entry_states
from wirecopy.store.staging.plans import read_plan

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
PAST = ANCHOR - 20 * DAY
ITEM = {"/dated": PAST - timedelta(hours=3), "/older": PAST - 2 * DAY}
PAGES = {
    **{path: at.isoformat() for path, at in ITEM.items()},
    "/hinted": (PAST - timedelta(hours=5)).isoformat(),
    "/eve": (PAST - DAY - timedelta(seconds=1)).isoformat(),
    "/nameless": "",
}


class Listings(Searched):
    """A toy: one list, `/listing.json`, that dates some of its entries."""

    name: ClassVar[str] = "sitemap"
    via: ClassVar[Via] = "sitemap"

    async def look(self, feed: Feed, fetch: AskingGetter) -> Place:
        url = feed.url.replace("/feed.json", "/listing.json")
        await fetch.document(url)
        return self.place(feed, url, reaches=(PAST - 90 * DAY).date())

    async def read(self, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        page = await fetch.document(ask.url)
        yield Found(page=page, reader="feed", complete=True)


@pytest.fixture
def site(layout: Layout, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A newspaper whose feed shows today, and whose list has an article of the past day by its date, one by its page
    only, one of the day before by its page, and one without any date.
    """
    from aiohttp import web

    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        here = f"http://{request.host}"
        if request.path == "/feed.json":
            return web.Response(text=a_feed(here, ("/new", ANCHOR)), content_type="application/json")
        if request.path == "/listing.json":
            return web.Response(text=listing(here), content_type="application/json")
        if request.path not in PAGES:
            return web.Response(status=404)
        date = PAGES[request.path]
        meta = f'<meta property="article:published_time" content="{date}">' if date else ""
        body = f"<article><h1>Of {request.path}</h1><p>{TEXT * 5}{request.path}</p></article>"
        return web.Response(text=f"<html><head>{meta}</head><body>{body}</body></html>", content_type="text/html")

    with serving(answer) as address:
        (tmp_path / "feeds.toml").write_text(f'[[feed]]\nid = "gazette"\nurl = "{address}/feed.json"\n')
        for name, value in settings_of(layout, tmp_path / "feeds.toml").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sources, "SOURCES", (sources.RawCaptures, sources.FeedItself, Listings))
        yield asked


def listing(here: str) -> str:
    """Two entries with dates, three with a last change only, one with nothing."""
    data = json.loads(a_feed(here, *ITEM.items()))
    changed = (PAST - timedelta(hours=1)).isoformat()
    for path in ("/hinted", "/eve", "/nameless"):
        data["items"].append({"id": path, "url": f"{here}{path}", "x": changed})
    return json.dumps(data)


def rows(layout: Layout, table: str) -> list[dict[str, Any]]:
    files = [layout.partition(table, day) for day in layout.dates(table)]
    return [row for path in files for row in pl.read_parquet(path).to_dicts()]


@pytest.fixture
def by_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list tells of its undated entries that they are of the days before PAST."""

    async def read(self: Searched, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        span = Span(start=PAST - 3 * DAY, end=PAST)
        yield Found(page=await fetch.document(ask.url), reader="feed", span=span, complete=True)

    monkeypatch.setattr(Listings, "read", read)


def live_decision(layout: Layout, name: str, published: datetime) -> str:
    states = entry_states(layout, (PAST - 9 * DAY).date(), ANCHOR.date())
    link = next(row["link"] for row in rows(layout, "outcomes") if row["link"].endswith(f"/{name}"))
    key = entry_key(link, "gazette", None)
    entry = Entry(entry_key=key, feed_id="gazette", guid=None, link=link, title=None, published_at=published)
    return EntrySelector(states=states, now=ANCHOR, max_age=99 * DAY).select(entry)


def test_a_search_is_booked_and_is_no_poll(layout: Layout, site: list[str]) -> None:
    """Every entry of the list is counted once; where neither a date nor a hint excludes it, its page decides."""
    a_day(PAST, "first")
    assert paths(layout) == ["/dated", "/hinted"]
    [search] = rows(layout, "searches")
    assert [search[name] for name in ("source", "code", "complete", "documents", "failed", "entries")] == [
        "sitemap", "ok", True, 1, 0, 5,
    ]  # fmt: skip
    assert [search[name] for name in ("taken", "known", "outside", "undated", "repeated", "deferred")] == [
        4, 0, 1, 0, 0, 0,
    ]  # fmt: skip
    assert [poll["feed_id"] for poll in rows(layout, "polls")] == ["gazette"]  # of the feed itself
    assert {row["via"] for row in rows(layout, "articles")} == {"sitemap"}


def test_the_pages_own_date_decides(layout: Layout, site: list[str], by_hint: None) -> None:
    """An entry with a hint is fetched; of another day it waits for that day's run, which asks nobody."""
    a_day(PAST, "first")
    assert paths(layout) == ["/dated", "/hinted"]
    assert site.count("/listing.json") == 1  # for the look and the search
    codes = {row["link"].rpartition("/")[2]: (row["code"], row["terminal"]) for row in rows(layout, "outcomes")}
    assert codes == {
        "dated": ("stored", True), "hinted": ("stored", True), "eve": ("another_day", False),
        "nameless": ("undated", True),
    }  # fmt: skip
    for name, at in (("nameless", PAST), ("eve", PAST - DAY)):
        assert live_decision(layout, name, at) == "take"  # if the feed shows it with a date, later
    site.clear()
    report = a_day(PAST - DAY, "second")
    assert paths(layout) == ["/dated", "/eve", "/hinted", "/older"]
    assert site == ["/older"]  # neither the feed nor the list nor the page is asked for again
    assert report["unaccounted"] == 0
    assert [(search["documents"], search["requests"]) for search in rows(layout, "searches")] == [(1, 0), (1, 1)]
    site.clear()
    a_day(PAST, "again")
    assert site == []


def test_a_budget_that_is_spent(layout: Layout, site: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the search, and is told."""

    async def read(self: Searched, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        for number in range(5):
            yield Found(page=await fetch.document(f"{ask.url}?{number}"), reader="feed")

    monkeypatch.setattr(Listings, "read", read)
    monkeypatch.setenv("WIRECOPY_HISTORY_REQUESTS", "3")
    report = a_day(PAST, "first")
    [search] = rows(layout, "searches")
    assert (search["code"], search["documents"], search["failed"], search["complete"]) == ("deferred", 2, 1, False)
    [left] = report["unfinished"]  # of which verdict warns
    assert left.startswith("gazette, sitemap: ")
    assert "history_requests" in left


def test_pages_fetched_to_see_their_date_have_a_budget(
    layout: Layout, site: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a list that tells nothing but when pages were changed, some are taken; the next run goes on with others."""

    async def read(self: Searched, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        yield Found(page=await fetch.document(ask.url), reader="feed", span=Span(end=PAST + DAY), complete=True)

    monkeypatch.setattr(Listings, "read", read)
    monkeypatch.setenv("WIRECOPY_PAGES_PER_FEED", "2")
    report = a_day(PAST, "first")
    assert [(one["taken"], one["deferred"], one["complete"]) for one in rows(layout, "searches")] == [(3, 1, False)]
    assert "pages without a date that are left: 1" in report["unfinished"][0]
    assert a_day(PAST, "second")["unfinished"] == []
    assert {row["link"].rpartition("/")[2] for row in rows(layout, "outcomes")} == {
        "dated",
        "hinted",
        "eve",
        "nameless",
    }


def test_places_are_remembered_and_refusals_rest(
    layout: Layout, site: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look is good for a month; a source that says no is not asked for a week."""
    a_day(PAST, "first")
    state = State.open(layout, None)
    [place] = Places(state).all().values()
    assert (place.source, place.reaches, place.checked_at) == ("sitemap", (PAST - 90 * DAY).date(), ANCHOR)

    async def read(self: Searched, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        yield Found(page=await fetch.document(f"{ask.url.replace('listing', 'forbidden')}"), reader="feed")

    monkeypatch.setattr(Listings, "read", read)
    monkeypatch.setitem(PAGES, "/forbidden.json", "")

    async def refused(self: Any, url: str, **_: Any) -> Any:
        raise HttpStatus(url, "answered 403", 403)

    with monkeypatch.context() as patch:
        patch.setattr(AskingGetter, "get", refused)
        a_day(PAST - 3 * DAY, "refused")
    a_day(PAST - 4 * DAY, "resting")
    assert [search["code"] for search in rows(layout, "searches")] == ["resting", "http_4xx", "ok"]
    [place] = Places(state).all().values()
    assert place.rests_until == ANCHOR + 7 * DAY


def test_what_just_passed_is_not_searched(layout: Layout, site: list[str]) -> None:
    """The scheduled day stays cheap: its entries stand in the feeds."""
    a_day(ANCHOR, "yesterday")
    assert rows(layout, "searches") == []
    assert "/listing.json" not in site


def test_a_gap_is_searched_at_once(layout: Layout, site: list[str]) -> None:
    """Entries came and went between two polls of yesterday: the site's list is asked although the day is fresh."""
    polls = [
        dict.fromkeys(POLLS.names)
        | {"run_id": "r", "attempt": "a", "part": "p", "mode": "live", "feed_id": "gazette", "code": "ok", "url": "u"}
        | {"polled_at": ANCHOR - timedelta(hours=hours), "newest": ANCHOR - timedelta(hours=hours)}
        | {"oldest": ANCHOR - timedelta(hours=hours + 1)}
        for hours in (20, 5)
    ]
    append_log(layout, "polls", (ANCHOR - DAY).date(), polls)
    a_day(ANCHOR, "yesterday")
    assert [search["source"] for search in rows(layout, "searches")] == ["sitemap"]


def test_only_some_sources(layout: Layout, site: list[str]) -> None:
    """A run may be limited to some of them; a name that none has is an error with a suggestion."""
    times = {"start": (PAST - DAY).isoformat(), "end": PAST.isoformat()}
    planned = plan(kind="day", run_id="r", sources=["sitemap"], **times)
    assert {job.source for job in read_plan(layout, planned["run"]["plan"], 0)} == {"sitemap"}
    with pytest.raises(UsageError, match="Did you mean sitemap"):
        plan(kind="day", run_id="r", sources=["sitemaps"], **times)


def test_a_feed_may_refuse_history(layout: Layout, site: list[str], tmp_path: Any) -> None:
    """`history = []` in feeds.toml."""
    path = tmp_path / "feeds.toml"
    path.write_text(path.read_text() + "history = []\n")
    a_day(PAST, "first")
    assert rows(layout, "searches") == []
