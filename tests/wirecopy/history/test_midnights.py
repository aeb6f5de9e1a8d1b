"""A day is half-open in UTC, whatever the zone of the site and whichever source lists it: also at a month's end."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from aiohttp import web

from tests.wirecopy.history.test_history import a_day
from tests.wirecopy.history.wordpress_site import Post, WordPressSite, every
from tests.wirecopy.running import ANCHOR, serving, settings_of
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
START = datetime(2026, 10, 1, tzinfo=UTC)
BORDERS = [START + at + second * SECOND for at in (timedelta(), DAY) for second in (-1, 0, 1)]
LISTS = ("sitemap", "template", "paging", "wordpress")


def site_in(zone: ZoneInfo) -> WordPressSite:
    """Six posts at the borders of the day, and what the feed shows of today."""
    shown = [Post(number=100 + post.number, at=post.at) for post in every(DAY / 12, ANCHOR - 2 * DAY, 20)]
    return WordPressSite(zone, [*(Post(number=number, at=at) for number, at in enumerate(BORDERS)), *shown])


def with_lists(site: WordPressSite):
    """Beside its API and feeds: a sitemap of each local month, and a page of each local day."""

    async def answer(request: web.Request) -> web.Response:
        here, path = f"http://{request.host}", request.path.strip("/")
        links = {site.link(post, here): post.at.astimezone(site.zone) for post in site.posts}
        if path == "robots.txt":
            return web.Response(text=f"Sitemap: {here}/index.xml")
        if path == "index.xml":
            parts = "".join(f"<sitemap><loc>/s-2026-{month}.xml</loc></sitemap>" for month in ("09", "10", "11"))
            return web.Response(text=f"<sitemapindex>{parts}</sitemapindex>", content_type="text/xml")
        if path.startswith("s-"):
            urls = "".join(f"<url><loc>{url}</loc></url>" for url, at in links.items() if f"s-{at:%Y-%m}.xml" == path)
            return web.Response(text=f"<urlset>{urls}</urlset>", content_type="text/xml")
        if path.startswith("days/"):
            day = "".join(
                f"<h2><a href='{url}'>A</a></h2>" for url, at in links.items() if f"days/{at:%Y-%m-%d}" == path
            )
            return web.Response(text=day, content_type="text/html") if day else web.Response(status=404)
        return await site.answer(request)

    return answer


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Kolkata", "Pacific/Auckland"])
def test_the_borders_of_a_day(zone: str, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four sites in one zone, each read by another source: all take the same three of the six posts."""
    feeds = tmp_path / "feeds.toml"
    with ExitStack() as stack:
        text = ""
        for name in LISTS:
            site = site_in(ZoneInfo(zone))
            site.closed = 404 if name == "paging" else 0
            here = stack.enter_context(serving(with_lists(site)))
            archive = f'archive = "{here}/days/{{yyyy}}-{{mm}}-{{dd}}"\n' if name == "template" else ""
            text += f'[[feed]]\nid = "{name}"\nurl = "{here}/feed/"\nhistory = ["{name}"]\n{archive}'
        feeds.write_text(text)
        for key, value in settings_of(layout, feeds).items():
            monkeypatch.setenv(key, value)
        assert a_day(START + DAY, "first")["unaccounted"] == 0
    rows = pl.read_parquet(layout.partition("articles", START.date())).select("feed_id", "via", "published_at").rows()
    assert sorted(rows) == sorted((name, name, at) for name in LISTS for at in BORDERS[1:4])


def test_the_feed_of_a_category(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API lists the category's posts; the sitemap of the whole site brings no others."""
    site = site_in(ZoneInfo("America/Havana"))
    site.posts[:] = [replace(post, category=1 + post.number % 2) for post in site.posts]
    with serving(with_lists(site)) as here:
        (tmp_path / "feeds.toml").write_text(f'[[feed]]\nid = "sport"\nurl = "{here}/topics/sport/feed/"\n')
        for key, value in settings_of(layout, tmp_path / "feeds.toml").items():
            monkeypatch.setenv(key, value)
        assert a_day(START + DAY, "first")["unaccounted"] == 0
    rows = pl.read_parquet(layout.partition("articles", START.date())).select("via", "published_at").rows()
    assert sorted(rows) == [("wordpress", at) for at in BORDERS[1:4:2]]
