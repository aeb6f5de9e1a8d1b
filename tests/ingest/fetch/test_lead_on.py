"""Pages that only lead on, chains that want their cookie back, bodies with an encoding that nobody knows."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from os import urandom
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import ConnectFailed, HttpStatus
from ingest.fetch.refresh import refresh_target
from ingest.records import Page
from tests.ingest.fetching import fetcher, page_of
from tests.ingest.samples import PARAGRAPHS, a_page

HERE, THERE = "https://go.example/x", "https://a.example/b"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        pytest.param('<meta http-equiv="refresh" content="0;url=/there">', "https://go.example/there", id="relative"),
        pytest.param("<META HTTP-EQUIV=Refresh CONTENT='1; URL=\"https://a.example/b\"'>", THERE, id="quotes"),
        pytest.param(
            '<noscript><meta http-equiv="refresh" content="0;URL=https://a.example/b"></noscript>', THERE, id="noscript"
        ),
        pytest.param(
            '<meta content="0,https://a.example/b?x=1&amp;y=2#top" http-equiv="refresh">', THERE + "?x=1&y=2",
            id="comma",
        ),
        pytest.param('<meta http-equiv="refresh" content="300;url=/there">', None, id="a-ticker"),
        pytest.param('<meta http-equiv="refresh" content="0">', None, id="reloads-itself"),
        pytest.param('<meta http-equiv="refresh" content="0;url=https://go.example/x#again">', None, id="to-itself"),
        pytest.param('<meta http-equiv="refresh" content="0;url=javascript:go()">', None, id="no-web-address"),
        pytest.param('<meta http-equiv="refresh" content="0;url=/there">' + "".join(PARAGRAPHS), None, id="has-a-text"),
    ],
)  # fmt: skip
def test_refresh_target(body: str, target: str | None) -> None:
    """Followed is what leads on at once from a page without a text of its own."""
    page: Page = a_page(f"<html><head><title>Go</title></head><body>{body}</body></html>", url=HERE)
    assert refresh_target(page) == target


async def test_a_meta_refresh_is_followed(site: Any) -> None:
    """The page knows what was asked, and where the article was found."""
    site.pages["/go"] = '<meta http-equiv="refresh" content="0;url=/a">'
    site.pages["/a"] = "the article"
    page = await page_of(site.url("/go"))
    assert (page.url, page.final_url, page.body) == (site.url("/go"), site.url("/a"), b"the article")


async def test_meta_refreshes_end(site: Any) -> None:
    """Pages that lead to each other for ever are asked a few times."""
    site.pages["/a"] = '<meta http-equiv="refresh" content="0;url=/b">'
    site.pages["/b"] = '<meta http-equiv="refresh" content="0;url=/a">'
    await page_of(site.url("/a"))
    assert len(site.hits) == 4


async def test_a_chain_that_wants_its_cookie(site: Any) -> None:
    """A site that sends round until its cookie comes back gets it, within the chain and never after it."""

    async def gate(request: web.Request) -> web.Response:
        if request.cookies.get("seen") == "1":
            return web.Response(text="the article")
        return web.Response(status=302, headers={"Location": "/set"})

    async def setter(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/a", "Set-Cookie": "seen=1; Path=/"})

    site.pages.update({"/a": gate, "/set": setter})
    assert (await page_of(site.url("/a"))).body == b"the article"
    site.hits.clear()
    await page_of(site.url("/a"))
    assert "cookie" not in site.hits[0][1]


async def test_a_loop_with_cookies_ends(site: Any) -> None:
    """A new cookie each time is no way out."""
    count = iter(range(100))

    async def again(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/", "Set-Cookie": f"n={next(count)}"})

    site.pages["/"] = again
    with pytest.raises(HttpStatus):
        await page_of(site.url("/"))
    assert len(site.hits) <= 10


async def test_cookies_stay_with_their_site(site: Any, other_site: Any) -> None:
    """Another site of the chain does not get them."""

    async def setter(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": other_site.url("/b"), "Set-Cookie": "key=1"})

    site.pages["/a"] = setter
    other_site.pages["/b"] = "x"
    await page_of(site.url("/a").replace("127.0.0.1", "localhost"))
    assert "cookie" not in other_site.hits[0][1]


@pytest.mark.parametrize("name", ["aws-chunked", "UTF-8", "none", "binary", ""])
async def test_an_encoding_that_nobody_knows(site: Any, name: str) -> None:
    """The body is left as it is."""

    async def plain(_request: web.Request) -> web.Response:
        return web.Response(text="plain", headers={"Content-Encoding": name})

    site.pages["/"] = plain
    assert (await page_of(site.url("/"))).body == b"plain"


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        pytest.param("gzip", lambda body: body, id="never-packed"),
        pytest.param("zstd", lambda body: body, id="never-packed-zstd"),
        pytest.param("gzip", lambda body: gzip.compress(body)[:-8], id="without-its-end"),
    ],
)
async def test_a_header_that_lies(site: Any, name: str, pack: Callable[[bytes], bytes]) -> None:
    """A body that says gzip and is text, or that lacks gzip's last bytes behind the whole document, is read."""
    body = b"<html><body>" + "".join(PARAGRAPHS).encode() + b"</body></html>\n<!-- cached -->"

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=pack(body), headers={"Content-Encoding": name})

    site.pages["/"] = answer
    assert (await page_of(site.url("/"))).body == body


async def test_half_a_page_is_an_error(site: Any) -> None:
    """A compressed body that ends in the middle of its document is asked for again."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"<html>" + urandom(9_000))[:-99], headers={"Content-Encoding": "gzip"})

    site.pages["/"] = answer
    with pytest.raises(ConnectFailed):
        await page_of(site.url("/"))


async def test_a_feed_behind_a_meta_refresh(site: Any) -> None:
    """It is read where it is now; its validators are not kept, since the page that leads to it would be asked."""

    async def feed(_request: web.Request) -> web.Response:
        return web.Response(text="<rss></rss>", headers={"ETag": '"a"'})

    site.pages["/go"] = '<meta http-equiv="refresh" content="0;url=/feed">'
    site.pages["/feed"] = feed
    async with fetcher() as fetch:
        page = await fetch.get(site.url("/go"), kind="feed")
    assert isinstance(page, Page)
    assert (page.body, page.headers.get("etag")) == (b"<rss></rss>", None)
