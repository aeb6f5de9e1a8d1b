"""Hostile servers, in one place: each attack ends within the limits, with its code, and memory stays bounded."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp.abc import AbstractResolver

from ingest.errors import FetchError, NoText, RefusedAddress
from ingest.fetch.fetch import Fetcher, utc_now
from ingest.options import ExtractOptions, FetchOptions
from ingest.pull import FeedTask, Work, pull
from ingest.records import Article, Entry, Feed, Page, Via
from ingest.workers.workers import WorkerPool
from tests.ingest.hostile import ATTACKS, hostile, serve_until_killed

SPAWN = get_context("spawn")
DEADLINE: Final = timedelta(seconds=1.5)
MEMORY: Final = 200_000_000  # bytes that a fetching process may grow to while all attacks run at once

CODES: Final[dict[str, str]] = {
    "slow_drip": "timeout",
    "slow_headers": "timeout",
    "slow_status": "timeout",
    "endless_body": "too_large",
    "endless_chunks": "too_large",
    "endless_headers": "too_large",
    "endless_header": "too_large",
    "many_headers": "too_large",
    "giant_header": "too_large",
    "endless_interim": "timeout",
    "length_too_long": "connect",
    "length_huge": "too_large",
    "two_lengths": "connect",
    "length_too_short": "connect",
    "wrong_charset": "ok",
    "nested_encodings": "connect",
    "many_members": "connect",
    "not_http": "connect",
    "garbage": "connect",
    "reset": "connect",
    "redirect_loop": "http_3xx",
    "to_link_local": "refused_address",
    "to_private": "refused_address",
    "to_a_file": "refused_address",
    "gzip_bomb": "too_large",
    "brotli_bomb": "too_large",
    "zstd_bomb": "too_large",
}


def options(**changes: Any) -> FetchOptions:
    """May reach 127.0.0.1 and no other private address."""
    free: dict[str, Any] = {"allow_networks": ("127.0.0.1/32",), "host_gap": timedelta(0), "respect_robots": False}
    free["read_tdmrep"] = False
    return FetchOptions(**{**free, "host_failures": 1_000, "deadline": DEADLINE, **changes})


async def code_of(fetcher: Fetcher, url: str) -> str:
    """How a get ends: "ok", or the code of its error."""
    try:
        await fetcher.get(url)
    except FetchError as error:
        return error.code
    return "ok"


class _NoExtractor:
    """What comes through is fetched well; extraction has tests of its own."""

    async def extract(self, page: Page, _entry: Entry, *, via: Via) -> Article:
        raise NoText(page.final_url, "fetched")


async def pulled(fetcher: Fetcher, base: str) -> tuple[dict[str, str], dict[str, str]]:
    """(code of each attack as a feed, code of each as a page of an honest feed)."""
    names = [*ATTACKS, "feed"]
    feeds = [FeedTask(feed=Feed(id=name, url=f"{base}/{name}")) for name in names]
    polls: dict[str, str] = {}
    pages: dict[str, str] = {}
    async with WorkerPool(ExtractOptions(workers=1), publisher_of=str) as pool:
        stream = pull(
            Work(feeds=feeds), fetch=fetcher, parse=pool.parse, extract=_NoExtractor(), select=lambda _entry: "take",
            via="live", archive=lambda _capture: None, now=utc_now, feeds_at_once=8, pages_at_once=8,
        )  # fmt: skip
        async for result in stream:
            assert result.poll is not None
            polls[result.poll.feed_id] = result.poll.code
            pages.update((each.entry.title or "", getattr(each.result, "code", "article")) for each in result.taken)
    return polls, pages


def attack_all(base: str, answers: Any) -> None:
    """Every attack by itself, as a feed and as a page, in this process; puts codes, seconds and memory on *answers*."""

    async def run() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        async with Fetcher(options(host_connections=16, connections=16)) as fetcher:
            codes = await asyncio.gather(*(code_of(fetcher, f"{base}/{name}") for name in CODES))
            return dict(zip(CODES, codes, strict=True)), *await pulled(fetcher, base)

    started = time.monotonic()
    found = asyncio.run(run())
    answers.put((found, time.monotonic() - started, peak_memory()))


def peak_memory() -> int:
    """Bytes that this process has had in memory at most; ru_maxrss would count what its parent had at the fork."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s*(\d+) kB", status)[1])


def test_every_attack_has_its_code() -> None:
    """No attack of the server goes untested."""
    assert CODES.keys() == ATTACKS.keys()


@pytest.mark.slow
def test_all_attacks_end_with_their_codes_in_bounded_memory() -> None:
    """As a get, as a feed and as a page of a feed, many at once, in a process of their own whose memory is measured."""
    answers, port = SPAWN.Queue(), SPAWN.Queue()
    server = SPAWN.Process(target=serve_until_killed, args=(port,), daemon=True)
    server.start()
    child = SPAWN.Process(target=attack_all, args=(port.get(timeout=60), answers), daemon=True)
    child.start()
    try:
        (gets, feeds, pages), seconds, peak = answers.get(timeout=90)
    finally:
        for process in (child, server):
            process.kill()
            process.join()
    assert gets == CODES
    assert feeds == {**CODES, "wrong_charset": "not_a_feed", "feed": "ok"}
    assert pages == {**CODES, "wrong_charset": "no_text"}
    assert seconds < 60  # without deadlines the slow ones alone would run for ever
    assert peak < MEMORY


class _Rebinding(AbstractResolver):
    """A name server in the attacker's hand: a public address at first, loopback from then on."""

    def __init__(self) -> None:
        self.answers = ["93.184.215.14"]
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[Any]:
        self.asked += 1
        address = self.answers.pop() if self.answers else "127.0.0.1"
        return [{"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


@pytest.mark.asyncio
async def test_dns_rebinding() -> None:
    """Whoever checks a name and resolves it again to connect is lost; the guard sees the very address of the socket."""
    resolver = _Rebinding()
    await resolver.resolve("rebind.example")  # what a check of the name would have seen
    async with hostile() as (base, asked):
        port = base.rpartition(":")[2]
        async with Fetcher(options(allow_networks=()), resolver=resolver) as fetcher:
            with pytest.raises(RefusedAddress, match=r"127\.0\.0\.1 is not a public address"):
                await fetcher.get(f"http://rebind.example:{port}/wrong_charset")
        async with Fetcher(options(), resolver=resolver) as allowed:  # the same path does lead to the server
            assert await code_of(allowed, f"http://rebind.example:{port}/wrong_charset") == "ok"
    assert resolver.asked >= 3
    assert asked == ["/wrong_charset"]


@pytest.mark.asyncio
async def test_a_page_in_a_wrong_charset_is_taken_byte_by_byte() -> None:
    """Whatever the header says: decoding is not fetching."""
    async with hostile() as (base, _), Fetcher(options()) as fetcher:
        page = await fetcher.get(f"{base}/wrong_charset")
    assert isinstance(page, Page)
    assert page.body == b"caf\xe9 \x96 \x80\x00\xff\xfe"
