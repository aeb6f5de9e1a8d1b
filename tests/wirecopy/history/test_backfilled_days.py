"""Days that are filled by sources of history, through the steps of a run as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from aiohttp import web

from tests.wirecopy.history.test_history import a_day
from tests.wirecopy.history.web_archive import InternetArchive
from tests.wirecopy.history.wordpress_site import Post, WordPressSite, every
from tests.wirecopy.running import ANCHOR, serving
from wirecopy.errors import RunFailed
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
START = datetime(2026, 10, 15, tzinfo=UTC)


@contextmanager
def reading(
    layout: Layout, folder: Any, patch: pytest.MonkeyPatch, answer: Any, feed: str, **more: str
) -> Iterator[str]:
    """The settings for runs that read one feed of a site."""
    with serving(answer) as address:
        (folder / "feeds.toml").write_text(feed.replace("SITE", address))
        for name, value in {
            "DATA": str(layout.root), "FEEDS": str(folder / "feeds.toml"), "NOW": ANCHOR.isoformat(),
            "ALLOW_NETWORKS": "127.0.0.0/8", "HOST_GAP": "0", "EXTRACT_WORKERS": "1", "SHARDS": "1", **more,
        }.items():  # fmt: skip
            patch.setenv(f"WIRECOPY_{name}", value.replace("SITE", address))
        yield address


def articles(layout: Layout) -> pl.DataFrame:
    found = list(layout.store.glob("articles/**/*.parquet"))
    return pl.concat([pl.read_parquet(path) for path in found]).sort("published_at") if found else pl.DataFrame()


def searches(layout: Layout) -> dict[str, dict[str, Any]]:
    """The last search of each source."""
    rows = pl.concat([pl.read_parquet(path) for path in layout.store.glob("searches/**/*.parquet")]).to_dicts()
    return {row["source"]: row for row in rows}


def test_a_day_of_wordpress(layout, tmp_path, monkeypatch):
    """The three posts of the UTC day, none of its neighbours; each page once; the words are those of the pages."""
    borders = [START + at + timedelta(seconds=second) for at in (timedelta(), DAY) for second in (-1, 0, 1)]
    posts = [Post(number=number, at=at) for number, at in enumerate(borders)]
    site = WordPressSite(ZoneInfo("Asia/Kolkata"), [*posts, *every(timedelta(hours=2), ANCHOR - 3 * DAY, 30)])
    feed = '[[feed]]\nid = "s"\nurl = "SITE/feed/"\n'
    with reading(layout, tmp_path, monkeypatch, site.answer, feed):
        a_day(START + DAY, "first")
        taken = articles(layout)
        assert taken["published_at"].to_list() == borders[1:4]
        assert set(taken["via"]) == {"wordpress"}
        assert not any("words of the API" in text for text in taken["text"])
        books = searches(layout)
        assert (books["wordpress"]["taken"], books["wordpress"]["documents"], books["wordpress"]["complete"]) == (
            3,
            1,
            True,
        )
        site.hits.clear()
        a_day(START + DAY, "again")
        assert (site.asked("/wp-json"), sum(site.pages().values())) == ([], 0)
        a_day(START, "the day before")
        assert len(site.asked("/wp-json")) == 1
        assert articles(layout)["published_at"].to_list() == borders[:4]


@dataclass
class DayArchive:
    """A site with a short feed, and an archive page for each local day; only the page of an article has its date."""

    articles: WordPressSite
    hits: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.hits.append(request.path_qs)
        home = f"http://{request.host}"
        if request.path == "/feed.xml":
            latest = max(self.articles.posts, key=lambda post: post.at)
            return web.Response(text=self.articles.rss([latest], home), content_type="application/rss+xml")
        if request.path.startswith("/archive/"):
            day = request.path.removeprefix("/archive/").strip("/")
            local = [
                post for post in self.articles.posts if f"{post.at.astimezone(self.articles.zone):%Y/%m/%d}" == day
            ]
            links = "".join(f'<li><a href="/{day}/{post.name}/">Post {post.number}</a></li>' for post in local)
            nav = '<nav><a href="/">Home</a><a href="/about-the-harbour-gazette/">About</a></nav>'
            return web.Response(
                text=f"<html><body>{nav}<main><ul>{links}</ul></main></body></html>", content_type="text/html"
            )
        return self.articles.page(request, home)


def test_a_day_of_archive_pages(layout, tmp_path, monkeypatch):
    """Its neighbours list some of it; what the pages date elsewhere waits for that day's run, which fetches no page."""
    borders = [START + at + timedelta(seconds=second) for at in (timedelta(), DAY) for second in (-1, 0, 1)]
    posts = [Post(number=number, at=at) for number, at in enumerate(borders)]
    site = DayArchive(WordPressSite(ZoneInfo("Pacific/Auckland"), [*posts, Post(number=99, at=ANCHOR)]))
    address = 'url = "SITE/feed.xml"\narchive = "SITE/archive/{yyyy}/{mm}/{dd}/"'
    feed = f'[[feed]]\nid = "d"\n{address}\nhistory = ["template"]\n'
    with reading(layout, tmp_path, monkeypatch, site.answer, feed):
        a_day(START + DAY, "first")
        assert articles(layout)["published_at"].to_list() == borders[1:4]
        assert set(articles(layout)["via"]) == {"template"}
        pages = [hit for hit in site.hits if "/post-" in hit]
        assert len(pages) == len(set(pages)) == 6
        site.hits.clear()
        a_day(START, "the day before")
        assert articles(layout)["published_at"].to_list() == borders[:4]
        assert [hit for hit in site.hits if "/post-" in hit] == []


@pytest.mark.parametrize("closed", [401, 500])
def test_a_token_of_the_feed_goes_to_its_server_only(layout, tmp_path, monkeypatch, capfd, closed):
    """Neither places, searches, raw/ nor what is printed has it, whatever fails."""
    site = WordPressSite(ZoneInfo("UTC"), every(timedelta(hours=6), START - 2 * DAY, 30), closed=closed)
    feed = '[[feed]]\nid = "t"\nurl = "SITE/feed/?token=s3cr3tvalue&k=0wnvalue"\nsecret = ["k"]\n'
    with reading(layout, tmp_path, monkeypatch, site.answer, feed):
        told = ""
        try:
            a_day(START + DAY, "first")
        except RunFailed as red:  # the API fails
            told = str(red)
    assert [hit for hit in site.hits if "s3cr3tvalue" in hit and "0wnvalue" in hit]
    assert len(searches(layout)) >= 2
    told += "".join(capfd.readouterr()) + str(list(searches(layout).values()))
    left = [path for path in layout.root.rglob("*") if path.is_file()]
    for word in ("s3cr3tvalue", "0wnvalue"):
        assert word not in told
        assert [path for path in left if word.encode() in path.read_bytes()] == []


def test_a_day_of_a_web_archive(layout, tmp_path, monkeypatch):
    """The feed as it was then lists the articles; their pages are fetched from their site."""
    site = WordPressSite(ZoneInfo("UTC"), every(timedelta(hours=6), START - 2 * DAY, 30), closed=404, says_so=False)
    captures: dict[str, dict[datetime, str]] = {}
    archive = InternetArchive(captures)
    feed = '[[feed]]\nid = "w"\nurl = "SITE/feed/"\nhistory = ["wayback"]\n'
    with (
        serving(archive.answer) as base,
        reading(layout, tmp_path, monkeypatch, site.answer, feed, WAYBACK=base, WAYBACK_GAP="1ms") as address,
    ):
        evening = START + timedelta(hours=20)
        shown = [post for post in site.posts if post.at <= evening]
        captures[f"{address}/feed/"] = {evening: site.rss(shown[::-1], address)}
        a_day(START + DAY, "first")
        taken = articles(layout)
        assert taken["published_at"].to_list() == [START + timedelta(hours=6) * number for number in range(4)]
        assert set(taken["via"]) == {"wayback"}


def test_a_sitemap_of_changes_beside_an_exact_list(layout, tmp_path, monkeypatch):
    """WordPress's own sitemap tells of each post when it was changed: none is fetched only to see its date."""
    site = WordPressSite(ZoneInfo("UTC"), every(timedelta(hours=6), START - 2 * DAY, 60), plain=True)
    listed = "".join(
        f"<url><loc>SITE{site.link(post, '')}</loc><lastmod>2026-11-20</lastmod></url>" for post in site.posts
    )

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/sitemap.xml":
            text = f'<urlset xmlns="http://x">{listed.replace("SITE", f"http://{request.host}")}</urlset>'
            return web.Response(text=text, content_type="application/xml")
        return await site.answer(request)

    feed = '[[feed]]\nid = "s"\nurl = "SITE/?feed=rss2"\n'
    with reading(layout, tmp_path, monkeypatch, answer, feed):
        a_day(START + DAY, "first")
        books = searches(layout)
    assert len(articles(layout)) == 4
    assert sum(site.pages().values()) == 4
    assert (books["sitemap"]["taken"], books["sitemap"]["deferred"], books["wordpress"]["taken"]) == (0, 0, 4)
