"""ingest.fetch.fetch: deadlines, caps and broken answers, one by one (test_attacks has them all at once)."""

from __future__ import annotations

import asyncio
import gzip
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import brotli
import pytest
from aiohttp import web

from ingest.errors import ConnectFailed, FetchTimeout, TooLarge
from ingest.records import Page
from tests.ingest.fetching import fetcher, page_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda raw: bytes(brotli.compress(raw, quality=5)),
    "zstd": zstd.compress,
}

pytestmark = pytest.mark.asyncio


def header_lines(count: int, size: int) -> bytes:
    return b"".join(b"X-%d: %s\r\n" % (number, b"y" * size) for number in range(count)) + b"\r\n"


async def test_a_slow_drip_ends_at_the_deadline(raw_server: Any) -> None:
    """A byte now and then resets every idle timeout, but not the deadline."""

    async def drip(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with raw_server(drip) as url:
        started = time.monotonic()
        with pytest.raises(FetchTimeout, match=r"deadline of 0\.5 s"):
            await page_of(url, deadline=timedelta(seconds=0.5))
    assert time.monotonic() - started < 5  # the drip itself never ends


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc"]
)
async def test_silence_ends_at_the_deadline(raw_server: Any, sent: bytes) -> None:
    """At whatever point the server stops to speak."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await reader.read()

    async with raw_server(silent) as url:
        with pytest.raises(FetchTimeout):
            await page_of(url, deadline=timedelta(seconds=0.3))


async def test_an_endless_body_ends_at_the_cap(raw_server: Any) -> None:
    """Without Content-Length, as fast as it goes; little more than the cap is read."""
    sent = 0

    async def endless(_reader: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()
            sent += 10_000

    async with raw_server(endless) as url:
        with pytest.raises(TooLarge, match="cap of 100,000"):
            await page_of(url, page_bytes=100_000)
    assert sent < 10_000_000


async def test_a_large_content_length_is_not_even_read(site: Any) -> None:
    """The server says itself that it is too much."""
    site.pages["/x"] = b"x" * 200_000
    with pytest.raises(TooLarge, match="200,000 bytes"):
        await page_of(site.url("/x"), page_bytes=100_000)


async def test_a_page_of_just_the_cap_is_whole(site: Any) -> None:
    """The cap itself is allowed; feeds have their own."""
    site.pages["/x"] = b"x" * 100_000
    assert len((await page_of(site.url("/x"), page_bytes=100_000)).body) == 100_000
    async with fetcher(page_bytes=10, feed_bytes=100_000) as fetch:
        assert isinstance(await fetch.get(site.url("/x"), kind="feed"), Page)


@pytest.mark.parametrize("ratio", ["gzip", "br", "zstd"])
async def test_a_bomb_ends_at_the_cap(site: Any, ratio: str) -> None:
    """A few kB on the wire, 60 MB behind it: memory stays at the cap."""
    data = PACK[ratio](bytes(60_000_000))

    async def bomb(_request: web.Request) -> web.Response:
        return web.Response(body=data, headers={"Content-Encoding": ratio})

    site.pages["/x"] = bomb
    tracemalloc.start()
    with pytest.raises(TooLarge):
        await page_of(site.url("/x"), page_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
async def test_packed_bodies_come_out_plain(site: Any, encoding: str) -> None:
    """And the headers no longer say that they are packed."""
    pack = PACK[encoding]

    async def packed(request: web.Request) -> web.Response:
        assert encoding in request.headers["Accept-Encoding"]
        return web.Response(body=pack(b"news " * 1_000), headers={"Content-Encoding": encoding, "ETag": '"a"'})

    site.pages["/x"] = packed
    page = await page_of(site.url("/x"))
    assert (page.body, page.headers["etag"]) == (b"news " * 1_000, '"a"')
    assert "content-encoding" not in page.headers
    assert "content-length" not in page.headers


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(b"x")), "not accepted", id="stacked"),
        pytest.param("compress", b"arjf", "not accepted", id="not-offered"),
        pytest.param("gzip", b"\x00html", "cannot be decompressed", id="not-gzip"),
        pytest.param("gzip", gzip.compress(b"x" * 999)[:-9], "ends early", id="cut-off"),
    ],
)
async def test_bad_encodings_are_refused(site: Any, encoding: str, body: bytes, reason: str) -> None:
    """A broken answer, with the cause chained."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    site.pages["/x"] = answer
    with pytest.raises(ConnectFailed, match=reason) as caught:
        await page_of(site.url("/x"))
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", ConnectFailed, id="content-length-too-long"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", ConnectFailed, id="chunk-cut-off"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ConnectFailed, id="no-chunk-size"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx", TooLarge, id="content-length-huge"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", ConnectFailed, id="content-length-negative"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", ConnectFailed, id="not-http"),
        pytest.param(b"", ConnectFailed, id="closed-at-once"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + header_lines(100, 1_000), TooLarge, id="100-large-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + header_lines(1_000, 1), TooLarge, id="1000-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", TooLarge, id="one-huge-header"),
    ],
)
async def test_broken_answers(raw_server: Any, answer: bytes, error: type[Exception]) -> None:
    """Each ends as one of our errors, never as a page and never as aiohttp's."""

    async def speak(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    async with raw_server(speak) as url:
        with pytest.raises(error):
            await page_of(url)


async def test_a_content_length_that_is_too_short_gives_what_it_says(raw_server: Any) -> None:
    """What lies behind is not part of the answer, nor of the next one."""

    async def speak(_reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnewsHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        )
        await writer.drain()

    async with raw_server(speak) as url, fetcher() as fetch:
        bodies = [(await fetch.get(url)) for _ in range(2)]
    assert [page.body for page in bodies if isinstance(page, Page)] == [b"news", b"news"]


async def test_long_honest_headers_pass(site: Any) -> None:
    """Content security policies of 15 kB exist; aiohttp's own cap is 8 kB."""

    async def wordy(_request: web.Request) -> web.Response:
        return web.Response(text="x", headers={"Content-Security-Policy": "a " * 8_000})

    site.pages["/x"] = wordy
    assert (await page_of(site.url("/x"))).body == b"x"
