"""A hostile server: each path attacks a fetcher in its own way. Plain asyncio, so that no library makes it behave."""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Final

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Attack = Callable[[asyncio.StreamWriter], Awaitable[None]]

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BOMB: Final = 400_000_000  # bytes that a bomb unpacks to: twice the memory that the fetcher may take
PACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda raw: gzip.compress(raw, compresslevel=9),
    "br": lambda raw: bytes(brotli.compress(raw, quality=1)),
    "zstd": zstd.compress,
}


async def slow_drip(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever: it resets every idle timeout."""
    writer.write(OK + b"\r\n")
    await _drip(writer, b".")


async def slow_headers(writer: asyncio.StreamWriter) -> None:
    """A header line now and then, for ever."""
    writer.write(OK)
    await _drip(writer, b"X-More: y\r\n")


async def slow_status(writer: asyncio.StreamWriter) -> None:
    """The status line itself byte by byte."""
    writer.write(b"HTTP/1.1 200 ")
    await _drip(writer, b"O")


async def endless_body(writer: asyncio.StreamWriter) -> None:
    """As fast as it goes, without Content-Length."""
    writer.write(OK + b"\r\n")
    await _flood(writer, b"x" * 65_536)


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    """The same, chunked."""
    writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    await _flood(writer, b"10000\r\n" + b"x" * 65_536 + b"\r\n")


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    """Header lines as fast as they go."""
    writer.write(OK)
    await _flood(writer, b"X-More: y\r\n" * 6_000)


async def endless_header(writer: asyncio.StreamWriter) -> None:
    """One header line that never ends."""
    writer.write(OK + b"X-More: ")
    await _flood(writer, b"y" * 65_536)


async def many_headers(writer: asyncio.StreamWriter) -> None:
    """100,000 header lines, then a page."""
    writer.write(OK + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"Content-Length: 1\r\n\r\nx")


async def giant_header(writer: asyncio.StreamWriter) -> None:
    """One of 20 MB, then a page."""
    writer.write(OK + b"X-Big: " + b"y" * 20_000_000 + b"\r\nContent-Length: 1\r\n\r\nx")


async def endless_interim(writer: asyncio.StreamWriter) -> None:
    """Interim answers (100 Continue) for ever, the final one never."""
    await _flood(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


async def length_too_long(writer: asyncio.StreamWriter) -> None:
    """Content-Length promises more than comes."""
    writer.write(OK + b"Content-Length: 100000\r\n\r\nshort")


async def length_huge(writer: asyncio.StreamWriter) -> None:
    """Content-Length beyond the cap."""
    writer.write(OK + b"Content-Length: 99999999999\r\n\r\nx")


async def two_lengths(writer: asyncio.StreamWriter) -> None:
    """Two that disagree: how requests are smuggled."""
    writer.write(OK + b"Content-Length: 1\r\nContent-Length: 3\r\n\r\nabc")


async def length_too_short(writer: asyncio.StreamWriter) -> None:
    """Content-Length promises less: what lies behind would be taken for the next answer."""
    writer.write(OK + b"Content-Length: 4\r\n\r\nnewsEVIL")


async def wrong_charset(writer: asyncio.StreamWriter) -> None:
    """Bytes that are not what the header says; a charset that nobody has."""
    body = "caf\u00e9 \u2013 \u20ac".encode("cp1252") + b"\x00\xff\xfe"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-7-nonsense\r\n")
    writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)


async def nested_encodings(writer: asyncio.StreamWriter) -> None:
    """A bomb inside a bomb."""
    body = gzip.compress(bomb("gzip"))
    writer.write(OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def many_members(writer: asyncio.StreamWriter) -> None:
    """A gzip body of empty members: each costs a fresh decoder."""
    writer.write(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"") * 100_000)


async def not_http(writer: asyncio.StreamWriter) -> None:
    """Another protocol."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(range(256)) * 40)


async def garbage(writer: asyncio.StreamWriter) -> None:
    """Bytes without a line end, for ever."""
    await _flood(writer, b"\x16\x03\x01" * 20_000)


async def reset(writer: asyncio.StreamWriter) -> None:
    """RST in mid-body."""
    import socket
    import struct

    writer.write(OK + b"Content-Length: 100000\r\n\r\n" + b"x" * 5_000)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def redirect_loop(writer: asyncio.StreamWriter) -> None:
    """To itself."""
    _redirect(writer, b"/redirect_loop")


async def to_link_local(writer: asyncio.StreamWriter) -> None:
    """To the address where clouds keep their keys."""
    _redirect(writer, b"http://169.254.169.254/latest/meta-data/")


async def to_private(writer: asyncio.StreamWriter) -> None:
    """To a private address."""
    _redirect(writer, b"http://10.0.0.1/admin")


async def to_a_file(writer: asyncio.StreamWriter) -> None:
    """To a file of this machine."""
    _redirect(writer, b"file:///etc/passwd")


async def gzip_bomb(writer: asyncio.StreamWriter) -> None:
    """See BOMB."""
    _bomb(writer, "gzip")


async def brotli_bomb(writer: asyncio.StreamWriter) -> None:
    """See BOMB."""
    _bomb(writer, "br")


async def zstd_bomb(writer: asyncio.StreamWriter) -> None:
    """See BOMB."""
    _bomb(writer, "zstd")


ATTACKS: Final[dict[str, Attack]] = {
    attack.__name__: attack
    for attack in (
        slow_drip, slow_headers, slow_status, endless_body, endless_chunks, endless_headers, endless_header,
        many_headers, giant_header, endless_interim, length_too_long, length_huge, two_lengths, length_too_short,
        wrong_charset, nested_encodings, many_members, not_http, garbage, reset, redirect_loop, to_link_local,
        to_private, to_a_file, gzip_bomb, brotli_bomb, zstd_bomb,
    )
}  # fmt: skip


def feed_of_attacks(base: str) -> bytes:
    """An honest feed with an entry for each attack."""
    entries = "".join(f"<item><title>{name}</title><link>{base}/{name}</link></item>" for name in ATTACKS)
    return f'<rss version="2.0"><channel><title>Attacks</title>{entries}</channel></rss>'.encode()


@asynccontextmanager
async def hostile(host: str = "127.0.0.1") -> AsyncIterator[tuple[str, list[str]]]:
    """Serve every attack at its name, and /feed; yields the base URL and the paths asked for."""
    asked: list[str] = []

    async def feed(writer: asyncio.StreamWriter) -> None:
        body = feed_of_attacks(f"http://{host}:{server.sockets[0].getsockname()[1]}")
        writer.write(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            asked.append(path := head.split(b" ")[1].decode())
            await {**ATTACKS, "feed": feed}[path[1:]](writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, host, 0)
    try:
        yield f"http://{host}:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


def serve_until_killed(port: object) -> None:
    """Serve in a process of its own, whose memory is not the fetcher's; puts the base URL on the queue *port*."""

    async def serve() -> None:
        for encoding in PACK:
            bomb(encoding)
        async with hostile() as (base, _):
            port.put(base)  # type: ignore[attr-defined]
            await asyncio.sleep(3_600)

    asyncio.run(serve())


@cache
def bomb(encoding: str) -> bytes:
    """BOMB zeros, packed."""
    return PACK[encoding](bytes(BOMB))


def _bomb(writer: asyncio.StreamWriter, encoding: str) -> None:
    body = bomb(encoding)
    head = OK + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    writer.write(head + body)


def _redirect(writer: asyncio.StreamWriter, target: bytes) -> None:
    writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n")


async def _drip(writer: asyncio.StreamWriter, piece: bytes) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.05)


async def _flood(writer: asyncio.StreamWriter, piece: bytes) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
