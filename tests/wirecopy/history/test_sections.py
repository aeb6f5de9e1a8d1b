"""A sitemap of a whole site behind the feed of one section: only the section's articles are taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.wirecopy.history.test_history import TEXT, a_day, a_feed
from tests.wirecopy.history.test_searches import rows
from tests.wirecopy.running import ANCHOR, serving, settings_of
from wirecopy.history import sources
from wirecopy.steps import find_places
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

OLD = {f"/{section}/{day}-{section}": day for section in ("sport", "culture") for day in ("2026-10-05", "2026-10-06")}
SHOWN = [f"/sport/match-{number}" for number in range(5)]


@pytest.fixture
def desk(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A newspaper with a feed of sport; `feeds` writes the list."""
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        here, path = f"http://{request.host}", request.path
        feeds.asked.append(path)
        if path == "/sport/feed.json":
            text = a_feed(here, *((one, ANCHOR) for one in SHOWN))
            return web.Response(text=text, content_type="application/json")
        if path == "/sitemap.xml":
            urls = "".join(f"<url><loc>{here}{one}</loc></url>" for one in OLD)
            return web.Response(text=f"<urlset>{urls}</urlset>", content_type="text/xml")
        if path not in OLD:
            return web.Response(status=404)
        meta = f'<meta property="article:published_time" content="{OLD[path]}T12:00:00Z">'
        body = f"<article><h1>Of {path}</h1><p>{TEXT * 5}{path}</p></article>"
        return web.Response(text=f"<html><head>{meta}</head><body>{body}</body></html>", content_type="text/html")

    monkeypatch.setattr(sources, "SOURCES", (sources.RawCaptures, sources.FeedItself, sources.Sitemaps))
    with serving(answer) as address:
        for name, value in settings_of(layout, tmp_path / "feeds.toml").items():
            monkeypatch.setenv(name, value)

        def feeds(more: str = "") -> None:
            text = f'[[feed]]\nid = "sport"\nurl = "{address}/sport/feed.json"\n{more}'
            (tmp_path / "feeds.toml").write_text(text)

        feeds.asked = []
        feeds()
        yield feeds


def stored(layout: Layout) -> dict[str, set[str]]:
    """Names of articles by what listed them."""
    found: dict[str, set[str]] = {}
    for day in layout.dates("articles"):
        for row in pl.read_parquet(layout.partition("articles", day)).to_dicts():
            found.setdefault(row["via"], set()).add(row["url"].rpartition("/")[2])
    return found


def test_a_feed_of_a_section(layout: Layout, desk: Any) -> None:
    """Learnt from what it shows, told by a check, and counted as outside; feeds.toml may say that all is meant. A page
    that the run of another day fetched still names the source that listed it.
    """
    for day in (6, 5):
        a_day(ANCHOR.replace(month=10, day=day + 1), f"day-{day}")
    assert stored(layout) == {"sitemap": {"2026-10-05-sport", "2026-10-06-sport"}}
    assert {(row["entries"], row["outside"]) for row in rows(layout, "searches")} <= {(4, 2), (4, 3)}
    [place] = find_places()["sport"]
    assert place["section"] == ["/sport/"]
    desk('section = ["/"]\n')
    a_day(ANCHOR.replace(month=10, day=6), "whole")
    assert "2026-10-05-culture" in stored(layout)["sitemap"]


def test_a_list_that_tells_nothing(layout: Layout, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses only: within the budget of pages the pages decide; what is beyond it stays open, and is told."""
    monkeypatch.setattr(
        "tests.wirecopy.history.test_sections.OLD", {f"/sport/match-{n}": "2026-10-05" for n in (91, 92, 93)}
    )
    monkeypatch.setenv("WIRECOPY_PAGES_PER_FEED", "2")
    report = a_day(ANCHOR.replace(month=10, day=6), "first")
    assert (report["outcomes"], report["unfinished_searches"]) == ({"stored": 2}, 1)
    report = a_day(ANCHOR.replace(month=10, day=6), "second")
    assert (report["outcomes"], report["unfinished_searches"]) == ({"stored": 1}, 0)


def test_sections_of_one_site_share_its_lists(layout: Layout, desk: Any, tmp_path: Path) -> None:
    """One request, whichever feed asks first; each takes its own."""
    address = (tmp_path / "feeds.toml").read_text().split('"')[3].removesuffix("/sport/feed.json")
    desk(f'[[feed]]\nid = "culture"\nurl = "{address}/sport/feed.json?culture"\nsection = ["/culture/"]\n')
    report = a_day(ANCHOR.replace(month=10, day=6), "both")
    assert report["unaccounted"] == 0
    assert {"2026-10-05-sport", "2026-10-05-culture"} <= stored(layout)["sitemap"]
    assert desk.asked.count("/sitemap.xml") == 1
    assert sum(row["requests"] for row in rows(layout, "searches")) == 1
