"""ingest.fetch.fetch: redirects, hop by hop."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import FetchTimeout, HttpStatus
from tests.ingest.fetching import fetcher, page_of, redirect

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(site: Any, status: int) -> None:
    """The page knows what was asked and where it was found, without the fragment."""
    site.pages["/a"], site.pages["/b?x=1"] = redirect("b?x=1#part", status), "found"
    page = await page_of(site.url("/a"))
    assert (page.url, page.final_url, page.body) == (site.url("/a"), site.url("/b?x=1"), b"found")


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        pytest.param({"/": "/"}, "redirect loop", id="to-itself"),
        pytest.param({"/": "/b", "/b": "/c", "/c": "/b"}, "redirect loop", id="circle"),
        pytest.param(
            {"/": "/1"} | {f"/{n}": f"/{n + 1}" for n in range(1, 20)}, "more than 8 redirects", id="too-many"
        ),
        pytest.param({"/": "http://[broken"}, "no URL", id="no-url"),
    ],
)
async def test_redirects_end(site: Any, pages: dict[str, str], reason: str) -> None:
    """Circles, long chains and nonsense are http_3xx."""
    site.pages.update({path: redirect(target) for path, target in pages.items()})
    with pytest.raises(HttpStatus, match=reason) as caught:
        await page_of(site.url("/"))
    assert caught.value.code == "http_3xx"
    assert len(site.hits) <= 9


async def test_redirects_share_one_deadline(site: Any) -> None:
    """Each hop alone would be in time."""

    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.2)
        return web.Response(status=302, headers={"Location": f"/?{int(request.query_string or 0) + 1}"})

    site.pages.update({"/": slow} | {f"/?{n}": slow for n in range(20)})
    with pytest.raises(FetchTimeout):
        await page_of(site.url("/"), deadline=timedelta(seconds=0.5))
    assert len(site.hits) <= 3


async def test_headers_of_a_feed_stay_with_its_origin(site: Any, other_site: Any) -> None:
    """A key is not carried to another host by a redirect, but it is within the same."""
    site.pages["/a"], site.pages["/b"] = redirect("/b"), redirect(other_site.url("/c"))
    other_site.pages["/c"] = "x"
    async with fetcher() as fetch:
        await fetch.get(site.url("/a"), headers={"Authorization": "secret"})
    assert [hit[1].get("authorization") for hit in site.hits + other_site.hits] == ["secret", "secret", None]
