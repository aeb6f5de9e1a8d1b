"""ingest.fetch.fetch: when a host is asked: gaps, few at once, rests and Retry-After."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ConnectFailed, HttpStatus
from ingest.fetch.headers import retry_after
from tests.ingest.fetching import NOW, fetcher, redirect

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param("Sun, 22 Nov 2026 12:05:00 GMT", 300, id="date"),
        pytest.param("Sun, 22 Nov 2026 11:00:00 GMT", 0, id="past-date"),
        pytest.param("99999999999999999999", 7 * 86_400, id="huge"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86_400, id="far-date"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param(None, None, id="absent"),
    ],
)
async def test_retry_after(value: str | None, seconds: int | None) -> None:
    """Seconds or a date, within a week."""
    assert retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=30))
async def test_retry_after_takes_any_text(value: str) -> None:
    """It is the server's text."""
    wait = retry_after(value, NOW)
    assert wait is None or timedelta() <= wait <= timedelta(days=7)


async def test_a_host_that_asks_for_rest_gets_it(site: Any) -> None:
    """After 429 with Retry-After no other page of the host is asked for; the error says so and carries the wait."""

    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "600"})

    site.pages["/x"], site.pages["/y"] = busy, "y"
    async with fetcher() as fetch:
        with pytest.raises(HttpStatus) as first:
            await fetch.get(site.url("/x"))
        with pytest.raises(HttpStatus, match="not asked") as second:
            await fetch.get(site.url("/y"))
    assert first.value.retry_after == timedelta(seconds=600)
    assert second.value.retry_after
    assert second.value.retry_after > timedelta(seconds=590)
    assert site.paths() == ["/x"]


async def test_a_short_rest_is_waited_for(site: Any) -> None:
    """Retry-After: 1 costs a second, not the page."""

    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "1"})

    site.pages["/x"], site.pages["/y"] = busy, "y"
    async with fetcher() as fetch:
        with pytest.raises(HttpStatus):
            await fetch.get(site.url("/x"))
        await fetch.get(site.url("/y"))
    assert site.hits[1][2] - site.hits[0][2] > 0.9


async def test_a_dead_host_costs_few_deadlines() -> None:
    """After four failures in a row the rest of its pages fail at once, with the same code."""
    async with fetcher() as fetch:
        errors = []
        for number in range(6):
            with pytest.raises(ConnectFailed) as caught:
                await fetch.get(f"http://127.0.0.1:9/{number}")  # nobody listens there
            errors.append("not asked" in str(caught.value))
    assert errors == [False] * 4 + [True] * 2


async def test_waiting_for_a_turn_does_not_eat_the_deadline(site: Any) -> None:
    """Six pages at 0.3 s each, one at a time, all within a deadline of 0.6 s each."""

    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text="x")

    site.pages["/x"] = slow
    async with fetcher(host_connections=1, deadline=timedelta(seconds=0.6)) as fetch:
        pages = await asyncio.gather(*(fetch.get(site.url("/x")) for _ in range(6)))
    assert len(pages) == 6


async def test_connections_are_bounded(site: Any, other_site: Any) -> None:
    """Two per host, and no more than the total over all hosts."""
    now, most = {"": 0, site.port: 0, other_site.port: 0}, {"": 0, site.port: 0, other_site.port: 0}

    async def counted(request: web.Request) -> web.Response:
        port = request.url.port
        for key in ("", port):
            now[key] += 1
            most[key] = max(most[key], now[key])
        await asyncio.sleep(0.02)
        for key in ("", port):
            now[key] -= 1
        return web.Response(text="x")

    site.pages["/x"] = other_site.pages["/x"] = counted
    async with fetcher(connections=3, host_connections=2) as fetch:
        await asyncio.gather(*(fetch.get(each.url("/x")) for each in (site, other_site) for _ in range(10)))
    assert most[site.port] == most[other_site.port] == 2
    assert most[""] == 3


async def test_requests_to_one_host_keep_their_gap(site: Any, other_site: Any) -> None:
    """0.2 s between the starts on one host, also after a redirect; another host does not wait for it."""
    site.pages["/x"], site.pages["/r"], other_site.pages["/x"] = "x", redirect("/x"), "x"
    async with fetcher(host_gap=timedelta(seconds=0.2)) as fetch:
        urls = [site.url("/x"), site.url("/x"), site.url("/r"), other_site.url("/x")]
        await asyncio.gather(*(fetch.get(url) for url in urls))
    times = sorted(hit[2] for hit in site.hits)
    assert len(times) == 4
    assert all(later - earlier > 0.1 for earlier, later in pairwise(times))
    assert other_site.hits[0][2] < times[-1]
