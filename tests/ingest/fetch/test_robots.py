"""ingest.fetch.robots: RFC 9309 over a true server."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import ConnectFailed, FetchError, RefusedAddress, RobotsDisallowed, RobotsUnavailable
from ingest.fetch.fetch import Fetcher
from ingest.fetch.wellknown import MemoryFileCache
from ingest.options import FetchOptions
from ingest.records import Page

pytestmark = pytest.mark.asyncio


def fetcher(**changes: Any) -> Fetcher:
    free: dict[str, Any] = {
        "allow_networks": ("127.0.0.0/8",),
        "host_gap": timedelta(0),
        "read_tdmrep": False,
        "deadline": timedelta(seconds=5),
    }
    return Fetcher(FetchOptions(**{**free, **changes}))


def status(code: int) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=code)

    return answer


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        pytest.param("User-agent: *\nDisallow: /x", False, id="everyone"),
        pytest.param("User-agent: *\nDisallow: /x\n\nUser-agent: wirecopy\nAllow: /", True, id="our-group-wins"),
        pytest.param("User-agent: WireCopy\nDisallow: /\n\nUser-agent: *\nAllow: /", False, id="us-in-any-case"),
        pytest.param("User-agent: otherbot\nDisallow: /", True, id="another"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /x", True, id="longest-rule-wins"),
        pytest.param("User-agent: *\nDisallow: /*.html$", True, id="wildcard"),
        pytest.param("\ufeffUser-agent: *\nDisallow: /x", False, id="bom"),
        pytest.param("<html>not found</html>", True, id="html"),
        pytest.param("", True, id="empty"),
        pytest.param(b"\xff\xfe\x00User-agent: *\nDisallow: /", True, id="junk"),
    ],
)
async def test_rules(site: Any, robots: str | bytes, allowed: bool) -> None:
    """The file decides, not we."""
    site.pages.update({"/robots.txt": robots, "/x": "x"})
    async with fetcher() as fetch:
        if allowed:
            assert isinstance(await fetch.get(site.url("/x")), Page)
        else:
            with pytest.raises(RobotsDisallowed, match=r"robots\.txt forbids") as caught:
                await fetch.get(site.url("/x"))
            assert (caught.value.code, caught.value.retryable) == ("robots", False)
            assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    ("code", "allowed"), [(404, True), (403, True), (401, True), (410, True), (500, False), (503, False), (429, False)]
)
async def test_a_robots_txt_that_cannot_be_had(site: Any, code: int, allowed: bool) -> None:
    """4xx: there is none. 5xx and 429: nothing is allowed for now, which can be retried."""
    site.pages.update({"/robots.txt": status(code), "/x": "x"})
    async with fetcher() as fetch:
        for _ in range(2):
            if allowed:
                await fetch.get(site.url("/x"))
            else:
                with pytest.raises(RobotsUnavailable, match=str(code)) as caught:
                    await fetch.get(site.url("/x"))
                assert caught.value.retryable
                assert caught.value.url == site.url("/x")
    assert site.paths().count("/robots.txt") == 1


async def test_an_unreadable_robots_txt_is_asked_for_again(site: Any) -> None:
    """After a while, and then it counts."""
    site.pages.update({"/robots.txt": status(500), "/x": "x"})
    async with fetcher(robots_retry=timedelta(seconds=0.1)) as fetch:
        with pytest.raises(RobotsUnavailable):
            await fetch.get(site.url("/x"))
        site.pages["/robots.txt"] = "User-agent: *\nAllow: /"
        await asyncio.sleep(0.15)
        assert isinstance(await fetch.get(site.url("/x")), Page)


async def test_many_pages_ask_once(site: Any) -> None:
    """Also when they come at the same time; another port is another origin."""
    site.pages.update({"/robots.txt": "User-agent: *\nDisallow: /no", "/x": "x"})
    async with fetcher() as fetch:
        await asyncio.gather(*(fetch.get(site.url("/x")) for _ in range(10)))
    assert site.paths().count("/robots.txt") == 1


async def test_every_hop_is_asked(site: Any, other_site: Any) -> None:
    """A redirect into a forbidden place ends there, told with the URL of the hop."""

    async def away(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": other_site.url("/secret")})

    site.pages["/x"] = away
    other_site.pages.update({"/robots.txt": "User-agent: *\nDisallow: /secret", "/secret": "x"})
    async with fetcher() as fetch:
        with pytest.raises(RobotsDisallowed) as caught:
            await fetch.get(site.url("/x"))
    assert caught.value.url == other_site.url("/secret")
    assert other_site.paths() == ["/robots.txt"]


async def test_a_redirected_robots_txt_counts(site: Any, other_site: Any) -> None:
    """RFC 9309, 2.3.1.2: also over hosts."""

    async def away(_request: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": other_site.url("/robots.txt")})

    site.pages.update({"/robots.txt": away, "/x": "x"})
    other_site.pages["/robots.txt"] = "User-agent: *\nDisallow: /x"
    async with fetcher() as fetch:
        with pytest.raises(RobotsDisallowed):
            await fetch.get(site.url("/x"))


async def test_a_redirect_loop_is_no_robots_txt(site: Any) -> None:
    """RFC 9309, 2.3.1.2: then it may be taken as missing."""

    async def loop(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/robots.txt"})

    site.pages.update({"/robots.txt": loop, "/x": "x"})
    async with fetcher() as fetch:
        assert isinstance(await fetch.get(site.url("/x")), Page)


async def test_crawl_delay_widens_the_gap(site: Any) -> None:
    """0.3 s instead of none, for our group only, and never more than the cap."""
    site.pages.update(
        {"/robots.txt": "User-agent: wirecopy\nCrawl-delay: 0.3\n\nUser-agent: *\nCrawl-delay: 9999", "/x": "x"}
    )
    async with fetcher() as fetch:
        await asyncio.gather(*(fetch.get(site.url("/x")) for _ in range(3)))
    times = [moment for path, _, moment in site.hits if path == "/x"]
    assert times[2] - times[0] > 0.55


async def test_crawl_delay_is_capped(site: Any) -> None:
    """A delay of hours would be a ban; it counts as the cap."""
    site.pages.update({"/robots.txt": "User-agent: *\nCrawl-delay: 9999", "/x": "x"})
    async with fetcher(max_crawl_delay=timedelta(seconds=0.1)) as fetch:
        started = time.monotonic()
        await asyncio.gather(*(fetch.get(site.url("/x")) for _ in range(3)))
    assert time.monotonic() - started < 30


async def test_a_huge_robots_txt_is_read_up_to_the_cap(site: Any) -> None:
    """What lies in the first 500 kB counts; the rest does not, and is no error."""
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /early\n" + "# filler\n" * 100_000 + "Disallow: /late\n"
    site.pages.update({"/late": "x", "/early": "x"})
    async with fetcher() as fetch:
        assert isinstance(await fetch.get(site.url("/late")), Page)
        with pytest.raises(RobotsDisallowed):
            await fetch.get(site.url("/early"))


async def test_no_connection_is_told_as_such() -> None:
    """A dead host is `connect`, a private one `refused_address`: the code of the page would be the same."""
    async with fetcher() as fetch:
        with pytest.raises(ConnectFailed, match=r"robots\.txt"):
            await fetch.get("http://127.0.0.1:9/x")
        with pytest.raises(RefusedAddress):
            await fetch.get("http://10.0.0.1/x")


async def test_it_can_be_switched_off(site: Any) -> None:
    """Then robots.txt is not even asked for."""
    site.pages.update({"/robots.txt": "User-agent: *\nDisallow: /", "/x": "x"})
    async with fetcher(respect_robots=False) as fetch:
        await fetch.get(site.url("/x"))
    assert site.paths() == ["/x"]


async def test_the_next_run_need_not_ask_again(site: Any) -> None:
    """What one fetcher read, the next finds on the shelf, for twelve hours."""
    file_cache, now = MemoryFileCache(), datetime(2026, 11, 22, tzinfo=UTC)
    site.pages.update({"/robots.txt": "User-agent: *\nDisallow: /private", "/x": "x"})
    options = FetchOptions(allow_networks=("127.0.0.0/8",), host_gap=timedelta(0), read_tdmrep=False)
    for hours in (0, 1, 11, 13):
        at = now + timedelta(hours=hours)
        async with Fetcher(options, file_cache=file_cache, now=lambda at=at: at) as fetch:  # type: ignore[misc]
            await fetch.get(site.url("/x"))
            with pytest.raises(RobotsDisallowed):
                await fetch.get(site.url("/private"))
    assert site.paths() == ["/robots.txt", "/x", "/x", "/x", "/robots.txt", "/x"]


@pytest.mark.parametrize("before", ["User-agent: *\nDisallow: /private", None])
async def test_after_thirty_days_of_5xx_the_last_copy_counts(site: Any, before: str | None) -> None:
    """RFC 9309, 2.3.1.4: until then nothing may be fetched; then what was read before, or no rules at all."""
    file_cache, now = MemoryFileCache(), datetime(2026, 11, 22, tzinfo=UTC)
    options = FetchOptions(allow_networks=("127.0.0.0/8",), host_gap=timedelta(0), read_tdmrep=False)
    site.pages.update({"/x": "x", "/private": "p"} | ({"/robots.txt": before} if before else {}))

    async def get(path: str, days: float) -> str:
        async with Fetcher(options, file_cache=file_cache, now=lambda: now + timedelta(days=days)) as fetch:
            try:
                await fetch.get(site.url(path))
            except FetchError as error:
                return error.code
            return "ok"

    assert await get("/x", 0) == "ok"
    site.pages["/robots.txt"] = status(503)
    assert [await get("/x", days) for days in (1, 2, 30.9)] == ["robots_unavailable"] * 3
    assert await get("/x", 31.1) == "ok"
    assert await get("/private", 31.1) == ("robots" if before else "ok")
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /x"
    assert await get("/x", 32) == "robots"
