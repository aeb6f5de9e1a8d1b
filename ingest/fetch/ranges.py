"""Large files of the web, read from any offset as a stream: archives of gigabytes, which `Fetcher.get` would refuse.

A file that a user names is a download and no crawl: robots.txt is not asked. All else holds: the address guard, the gap
between requests, Retry-After. A connection that breaks is taken up at the byte where it broke.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp

from ingest.errors import ConnectFailed, FetchError, HttpStatus
from ingest.fetch.errormapping import bad_status, translated
from ingest.fetch.guard import AddressGuard, check_scheme
from ingest.fetch.headers import absolute
from ingest.fetch.ratelimit import MemoryRateLimiter, RateLimiter
from ingest.options import FetchOptions
from ingest.text.urls import host_of

Result = TypeVar("Result")

BUFFER: Final = 1 << 20  # bytes in memory per open file: aiohttp stops reading at twice as many
SILENCE: Final = timedelta(seconds=60)  # a stream that gives nothing for so long is broken: CDNs give up after 30 s
TRIES: Final = 5  # in a row, without a byte in between: a restarted server is back by then
PAUSE: Final = timedelta(seconds=2)  # before the second try, doubled each time
LONGEST_WAIT: Final = timedelta(minutes=2)  # a Retry-After beyond this ends the download; it goes on at the next run
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Changed(FetchError):
    """The file is not the one that was read before: its size or its tag is another one."""

    code = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which file an address gives."""

    size: int | None  # bytes; None: the server does not say
    tag: str  # ETag, else Last-Modified, else empty


class Ranges:
    """Opens large files. A context manager: its connections live in a thread, so that a plain loop can read them."""

    def __init__(
        self,
        options: FetchOptions,
        *,
        rate_limiter: RateLimiter | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._options, self._now = options, now
        self._rate_limiter = rate_limiter or MemoryRateLimiter()
        self._guard = AddressGuard(options.allow_networks)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ranges", daemon=True)
        self._session: aiohttp.ClientSession | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._session = self.wait(self._connected())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            self.wait(self._session.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, url: str, *, start: int = 0, end: int | None = None, edition: Edition | None = None) -> RemoteFile:
        """The bytes *start* … *end* (exclusive; None: to its end) of *url*. Raises FetchError, Changed if it is not
        *edition* any more.
        """
        return RemoteFile(self, url, start, end, edition)

    def read(self, url: str, *, start: int = 0, end: int | None = None, edition: Edition | None = None) -> bytes:
        """As `open`, all at once: for what is small."""
        with self.open(url, start=start, end=end, edition=edition) as file:
            pieces = list(iter(lambda: file.read(BUFFER), b""))
            if file.error:
                raise file.error
            return b"".join(pieces)

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of *work*, which the thread does."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _connected(self) -> aiohttp.ClientSession:
        connect, silence = self._options.connect_timeout.total_seconds(), SILENCE.total_seconds()
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._guard.socket_factory),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=silence),
            auto_decompress=False,  # offsets are those of the packed file
            trust_env=False,  # as Fetcher's
            read_bufsize=BUFFER,
        )

    async def answer(self, url: str, start: int, end: int | None) -> aiohttp.ClientResponse:
        """The open response to one GET after redirects: 200, 206 or 416. Raises FetchError."""
        assert self._session
        last = "" if end is None else str(end - 1)
        headers = {"User-Agent": self._options.user_agent, "Accept-Encoding": "identity"}
        if start or end is not None:
            headers["Range"] = f"bytes={start}-{last}"
        for _ in range(self._options.max_redirects + 1):
            check_scheme(url)
            await self._slot(url)
            with translated(url, SILENCE):
                response = await self._session.get(url, headers=headers, allow_redirects=False)
            if response.status in (200, 206, 416):
                return response
            response.close()
            if response.status not in _REDIRECTS or "Location" not in response.headers:
                raise bad_status(url, response, self._now())
            url = absolute(url, response.headers["Location"], response.status)
        raise HttpStatus(url, f"more than {self._options.max_redirects} redirects", 302)

    async def _slot(self, url: str) -> None:
        wait = await asyncio.to_thread(self._rate_limiter.acquire_slot, host_of(url), self._options.host_gap, None)
        if wait:
            await asyncio.sleep(wait.total_seconds())


class RemoteFile:
    """One file as a stream, with the methods that a reader of archives needs: read, tell, close.

    `read` never raises, because readers in other languages make a panic of it: at an error the file ends, and `error`
    says why.
    """

    def __init__(self, ranges: Ranges, url: str, start: int, end: int | None, edition: Edition | None) -> None:
        self._ranges, self._url, self._at, self._end = ranges, url, start, end
        self._response: aiohttp.ClientResponse | None = None
        self._piece_read, self._used = b"", 0  # the piece in work, and how much of it was given out
        self.error: FetchError | None = None
        self.edition = edition or Edition(size=None, tag="")
        self._known = edition is not None
        ranges.wait(self._with_patience(self._connect))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        """At most *size* bytes, at least one; none at the end, or after an error."""
        if self._used == len(self._piece_read) and not self.error:
            try:
                self._piece_read, self._used = self._ranges.wait(self._with_patience(self._piece)), 0
            except FetchError as error:
                self.error = error
        stop = len(self._piece_read) if size < 0 else min(self._used + size, len(self._piece_read))
        piece, self._used = self._piece_read[self._used : stop], stop
        self._at += len(piece)
        return piece

    def tell(self) -> int:
        """The offset of the next byte in the whole file."""
        return self._at

    def close(self) -> None:
        """Give the connection back."""
        if self._response:
            self._response.close()

    async def _with_patience(self, step: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """The result of *step*; what a second try can help is tried again, from the byte where it broke."""
        for number in range(TRIES):
            try:
                return await step()
            except FetchError as error:
                wait = _wait(error, number)
                if wait is None:
                    raise
                if self._response:
                    self._response.close()
                    self._response = None
                await asyncio.sleep(wait.total_seconds())
        raise AssertionError("unreachable")

    async def _piece(self) -> bytes:
        """What has come meanwhile, up to twice BUFFER; nothing at the end of the file."""
        if self._end is not None and self._at >= self._end:
            return b""
        if self._response is None:
            await self._connect()
        assert self._response
        with translated(self._url, SILENCE):
            piece = await self._response.content.readany()
        whole = min((one for one in (self._end, self.edition.size) if one is not None), default=self._at)
        if not piece and self._at < whole:
            raise ConnectFailed(self._url, f"it ended {whole - self._at:,} bytes early")
        return piece if self._end is None else piece[: self._end - self._at]  # a server without ranges sends all

    async def _connect(self) -> None:
        response = await self._ranges.answer(self._url, self._at, self._end)
        self._response = response
        size, start = _measure(response)
        here = Edition(size=size, tag=response.headers.get("ETag") or response.headers.get("Last-Modified") or "")
        if self._known and not _same(self.edition, here):
            response.close()
            raise Changed(self._url, f"it was replaced: {_told(self.edition)} before, {_told(here)} now")
        self.edition, self._known = here, True
        if response.status == 416:
            self._end = self._at
        await self._skip(response, self._at - start)

    async def _skip(self, response: aiohttp.ClientResponse, count: int) -> None:
        """A server without ranges sends the file from its beginning."""
        with translated(self._url, SILENCE):
            while count > 0:
                piece = await response.content.read(min(count, BUFFER))
                if not piece:
                    raise ConnectFailed(self._url, f"it ended {count:,} bytes before the wanted place")
                count -= len(piece)


def _measure(response: aiohttp.ClientResponse) -> tuple[int | None, int]:
    """The size of the whole file if it is told, and the offset at which the body begins."""
    said = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status == 206 and said:
        return (int(said[3]) if said[3] != "*" else None), int(said[1])
    if response.status == 416:
        total = response.headers.get("Content-Range", "").rpartition("/")[2]
        return (int(total) if total.isdecimal() else None), 0
    return response.content_length, 0


def _same(before: Edition, now: Edition) -> bool:
    """What a server does not tell cannot differ."""
    sizes = before.size is None or now.size is None or before.size == now.size
    return sizes and (not before.tag or not now.tag or before.tag == now.tag)


def _told(edition: Edition) -> str:
    return f"{edition.size} bytes, {edition.tag or 'no tag'}"


def _wait(error: FetchError, number: int) -> timedelta | None:
    """How long to wait before the next try; None: none can help."""
    if isinstance(error, Changed) or not error.retryable or number + 1 >= TRIES:
        return None
    if isinstance(error, HttpStatus):
        if error.status < 500 and error.status != 429:
            return None
        if error.retry_after:
            return error.retry_after if error.retry_after <= LONGEST_WAIT else None
    return PAUSE * float(2**number)
