"""Archive sitemaps as a source of history, on a site whose index shows the last two months only."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ingest.workers.process import Worker
from tests.wirecopy.history.test_history import TEXT, a_day, a_feed, paths
from tests.wirecopy.history.test_searches import rows
from tests.wirecopy.running import ANCHOR, serving, settings_of
from wirecopy.history import sources
from wirecopy.steps import find_places
from wirecopy.store.feeds.places import Places
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
MONTHS = ("2026-11", "2026-10", "2026-09")
ARTICLES = {  # path → (publication, month file that lists it)
    "/oct-5-a": ("2026-10-05T00:00:00Z", "2026-10"),
    "/oct-5-b": ("2026-10-05T23:59:59Z", "2026-10"),
    "/oct-6": ("2026-10-06T00:00:00Z", "2026-10"),
    "/oct-4": ("2026-10-04T23:59:59Z", "2026-10"),
    "/sep-30": ("2026-09-30T12:00:00Z", "2026-09"),
}


def month(here: str, name: str) -> bytes:
    """A gzipped urlset without news elements: the pages' own dates decide."""
    listed = [path for path, (_, of) in ARTICLES.items() if of == name]
    urls = "".join(f"<url><loc>{here}{path}?id=1&lang=en</loc></url>" for path in listed)
    return gzip.compress(f'<?xml version="1.0"?><urlset xmlns="http://x">{urls}</urlset>'.encode())


@pytest.fixture
def site(layout: Layout, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A newspaper with a robots.txt that names an index of gzipped months, newest first; September is not listed."""
    from aiohttp import web

    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        here, path = f"http://{request.host}", request.path
        if path == "/feed.json":
            return web.Response(text=a_feed(here, ("/new", ANCHOR)), content_type="application/json")
        if path == "/robots.txt":
            return web.Response(text=f"User-agent: *\nSitemap: {here}/index.xml\n")
        if path == "/index.xml":
            parts = "".join(f"<sitemap><loc>{here}/s-{name}.xml.gz</loc></sitemap>" for name in MONTHS[:2])
            return web.Response(text=f"<sitemapindex>{parts}</sitemapindex>", content_type="text/html")
        if path.startswith("/s-") and path[3:10] in MONTHS:
            return web.Response(body=month(here, path[3:10]), content_type="text/plain")
        if path not in ARTICLES:
            return web.Response(status=404)
        meta = f'<meta property="article:published_time" content="{ARTICLES[path][0]}">'
        body = f"<article><h1>Of {path}</h1><p>{TEXT * 5}{path}</p></article>"
        return web.Response(text=f"<html><head>{meta}</head><body>{body}</body></html>", content_type="text/html")

    with serving(answer) as address:
        (tmp_path / "feeds.toml").write_text(f'[[feed]]\nid = "gazette"\nurl = "{address}/feed.json"\n')
        for name, value in settings_of(layout, tmp_path / "feeds.toml").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sources, "SOURCES", (sources.RawCaptures, sources.FeedItself, sources.Sitemaps))
        yield asked


def october(day: int) -> Any:
    """The end of a day of October."""
    return ANCHOR.replace(month=10, day=day) + DAY


def names(layout: Layout) -> list[str]:
    return sorted(path.partition("?")[0] for path in paths(layout))


def test_a_month_file_is_asked_for_once(layout: Layout, site: list[str]) -> None:
    """The days of a month share it, each page is fetched once, and a day holds what was published in it."""
    a_day(october(5), "fifth")
    assert names(layout) == ["/oct-5-a", "/oct-5-b"]
    reports = [a_day(october(day), f"day-{day}") for day in (4, 6, 7)]
    assert names(layout) == ["/oct-4", "/oct-5-a", "/oct-5-b", "/oct-6"]
    assert [report["unaccounted"] for report in reports] == [0, 0, 0]
    counted = {path: site.count(path) for path in ("/index.xml", "/s-2026-10.xml.gz", "/oct-4", "/oct-6")}
    assert counted == {"/index.xml": 1, "/s-2026-10.xml.gz": 1, "/oct-4": 1, "/oct-6": 1}
    assert all(search["complete"] for search in rows(layout, "searches"))


def test_a_month_that_the_index_hides(layout: Layout, site: list[str]) -> None:
    """Its address follows from its siblings', and is tried once; a month that is not there is no failure."""
    a_day(october(1), "october")  # whose local day may stand in September
    assert site.count("/s-2026-09.xml.gz") == 1
    a_day(ANCHOR.replace(month=9, day=30) + DAY, "september")
    assert names(layout) == ["/sep-30"]
    a_day(ANCHOR.replace(month=3, day=3), "march")
    assert {(search["code"], search["failed"]) for search in rows(layout, "searches")} == {("ok", 0)}
    assert site.count("/s-2026-03.xml.gz") == 1
    [place] = find_places()["gazette"]  # as `wirecopy feeds check` does
    assert (place["source"], place["reaches"], place["url"]) == ("sitemap", "2026-10-01", place["url"])
    assert str(place["url"]).endswith("/index.xml")


def test_a_repeated_backfill_starts_no_process(
    layout: Layout, site: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed's document was read by another run a moment ago, and lists nothing of the day; the feed counts as read,
    with every entry of it, and a source that looks at it reads raw/.
    """
    for day in (5, 6):
        a_day(october(day), f"first-{day}")
    asked, started = len(site), []
    begin = Worker.start
    monkeypatch.setattr(Worker, "start", lambda *more, **named: started.append(more) or begin(*more, **named))
    for number in range(2):
        report = a_day(october(5), f"again-{number}")
        assert (report["due_feeds"], report["unread_feeds"], report["unaccounted"]) == (1, 0, 0)
        assert report["entries"]["outside"] == report["seen"] == 1
    assert not started
    assert len(site) == asked
    places = Places(state := State.open(layout, None))
    with sqlite3.connect(layout.state / "state.db") as database:
        database.execute("DELETE FROM history_places")
    assert ("gazette", "sitemap") not in places.all()
    a_day(october(7), "seventh")  # looks for the sitemap again, beginning with what the feed shows
    assert ("gazette", "sitemap") in places.all()
    assert site[asked:].count("/feed.json") == 0
    state.close()
