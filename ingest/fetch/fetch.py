"""One careful GET. Redirects are followed by hand; each hop passes robots.txt, the slot of its host, the address guard,
the deadline and the caps. The reasons are in docs/decisions/fetching.md.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest.errors import FetchError, HttpStatus, RefusedAddress, TdmOptOut, TooLarge
from ingest.feed.formats.kinds import accept_header
from ingest.fetch.cookies import ChainCookies
from ingest.fetch.decoding import ACCEPT_ENCODING, decoder_for, is_whole
from ingest.fetch.errormapping import bad_status, translated
from ingest.fetch.guard import AddressGuard, check_scheme
from ingest.fetch.headers import absolute, kept_headers, origin, without_validators
from ingest.fetch.hosttime import HostTime
from ingest.fetch.ratelimit import CircuitBreaker, MemoryRateLimiter, RateLimiter, RestCache
from ingest.fetch.refresh import MAX_REFRESHES, refresh_target
from ingest.fetch.robots import Robots
from ingest.fetch.tdmfiles import TdmFiles
from ingest.fetch.wellknown import FileCache, WellKnown
from ingest.options import FetchOptions
from ingest.records import NotModified, Page, Validators
from ingest.text.tdm import FILE_HEADER, opts_out
from ingest.text.urls import host_of
from ingest.work import DocumentKind

ACCEPT: Final[dict[DocumentKind, str]] = {
    "feed": accept_header(),
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
    "sitemap": "application/xml, text/xml;q=0.9, application/gzip;q=0.8, */*;q=0.1",
    "json": "application/json, */*;q=0.1",
}
REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
PERMANENT: Final = frozenset((301, 308))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """The parts of a request that stay the same over its hops."""

    url: str
    headers: Mapping[str, str]
    own_headers: Mapping[str, str]  # of the feed: for its own origin only, they may hold a key
    cap: int  # bytes, before and after decompression
    cut: bool = False  # beyond the cap: cut instead of TooLarge
    conditional: bool = False
    obey: bool = False  # robots.txt
    mined: bool = False  # a page whose text is taken: the host may reserve that


@dataclass(frozen=True, slots=True)
class _Redirect:
    status: int
    location: str
    cookies: tuple[tuple[str, str], ...] = ()  # that the answer sets


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


class Fetcher:
    """Fetches pages and feeds politely. An async context manager; one per process and run."""

    def __init__(
        self,
        options: FetchOptions | None = None,
        *,
        rate_limiter: RateLimiter | None = None,
        now: Callable[[], datetime] = utc_now,
        resolver: AbstractResolver | None = None,
        file_cache: FileCache | None = None,
        rest_cache: RestCache | None = None,
    ) -> None:
        self._options = options or FetchOptions()
        self._rate_limiter: RateLimiter = rate_limiter or MemoryRateLimiter()
        self._now, self._resolver = now, resolver  # None: the system's
        self._guard = AddressGuard(self._options.allow_networks)
        self._circuit_breaker, self._host_time = self._breaker(rest_cache), HostTime(self._options.host_time)
        self._rest_cache = rest_cache
        files = WellKnown(self._options, self._file_text, now=now, file_cache=file_cache)
        self._robots, self._tdm_files = Robots(self._options, files), TdmFiles(files)
        self._connections = asyncio.Semaphore(self._options.connections)
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._session: aiohttp.ClientSession | None = None

    def _breaker(self, rest_cache: RestCache | None) -> CircuitBreaker:
        return CircuitBreaker(self._options, rests=rest_cache.load() if rest_cache else None)

    async def __aenter__(self) -> Self:
        options = self._options
        self._session = aiohttp.ClientSession(
            # The limits are ours (see _turn): waiting for a connection must not eat the deadline of a request.
            connector=aiohttp.TCPConnector(
                limit=0, socket_factory=self._guard.socket_factory, resolver=self._resolver, ttl_dns_cache=60
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=options.connect_timeout.total_seconds()),
            auto_decompress=False,  # decoding.py does it under a cap
            trust_env=False,  # a proxy from the environment would connect where the guard cannot look
            max_line_size=options.header_bytes,
            max_field_size=options.header_bytes,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str | None = None,
        kind: DocumentKind = "page",
    ) -> Page | NotModified:
        """The page behind *url* after redirects, or NotModified if *validators* still hold; else a FetchError, or
        Deferred if the host has had its time.

        The error's url is the hop where it happened. *headers* go to the origin of *url* only.
        """
        validators = validators or Validators()
        conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        sent = {name: value for name, value in conditions.items() if value}
        ask = _Ask(
            url=url,
            headers={"Accept": accept or ACCEPT[kind], **sent},
            own_headers=headers or {},
            cap=self._cap(kind),
            conditional=bool(sent),
            obey=self._options.respect_robots,
            mined=kind == "page",
        )
        page = await self._follow(ask)
        if kind != "sitemap":
            page = await self._refreshed(page, ask)
        if ask.mined and self._options.obey_tdm and isinstance(page, Page) and opts_out(page):
            raise TdmOptOut(page.final_url, "the page reserves text and data mining (tdm-reservation, or noai)")
        return page

    def _cap(self, kind: DocumentKind) -> int:
        options = self._options
        return {"sitemap": options.sitemap_bytes, "page": options.page_bytes}.get(kind, options.feed_bytes)

    async def _refreshed(self, page: Page | NotModified, ask: _Ask) -> Page | NotModified:
        """The page that *page* leads to by meta refresh, at most three times; *page* itself if it is one to read."""
        for _ in range(MAX_REFRESHES):
            target = refresh_target(page) if isinstance(page, Page) else None
            if target is None:
                break
            found = await self._follow(replace(ask, url=target, own_headers={}))
            page = replace(found, url=ask.url, headers=without_validators(found.headers))
        return page

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that robots.txt of the site of *url* lists; raises a FetchError if it cannot be read."""
        return await self._robots.sitemaps(url)

    async def _file_text(self, url: str) -> str:
        accept = {"Accept": "text/plain, application/json, */*;q=0.1"}
        obey = self._options.respect_robots and not url.endswith("/robots.txt")
        ask = _Ask(url=url, headers=accept, own_headers={}, cap=self._options.robots_bytes, cut=True, obey=obey)
        page = await self._follow(ask)
        return page.body.decode("utf-8-sig", "replace") if isinstance(page, Page) else ""

    async def _follow(self, ask: _Ask) -> Page | NotModified:
        """Hop by hop to the answer. Only exchanges count against the deadline, waiting for a slot does not."""
        target, seen, left = ask.url, set[tuple[str, str]](), self._options.deadline.total_seconds()
        cookies = ChainCookies()
        moved_to = ask.url  # as far as redirects were permanent
        while True:
            check_scheme(target)
            delay = await self._robots.check(target) if ask.obey else timedelta()
            opted_out = await self._opted_out_by_host(target, ask)
            async with self._turn(target, delay):
                started = time.monotonic()
                answer = await self._noted(target, ask, left, cookies.header(target))
                left -= time.monotonic() - started
            if isinstance(answer, Page) and opted_out:
                return replace(answer, headers={**answer.headers, FILE_HEADER: "1"})
            if not isinstance(answer, _Redirect):
                return answer if moved_to == ask.url else replace(answer, moved_to=moved_to)
            seen.add((target, cookies.header(target)))
            cookies.keep(target, answer.cookies)
            permanent = answer.status in PERMANENT and moved_to == target
            target = _next_target(ask, target, answer, seen, self._options.max_redirects, cookies)
            moved_to = target if permanent else moved_to

    async def _opted_out_by_host(self, target: str, ask: _Ask) -> bool:
        """Whether the host's file reserves *target*: a page that must not be kept is not even requested."""
        if not ask.mined or not self._options.read_tdmrep or not await self._tdm_files.opts_out(target):
            return False
        if self._options.obey_tdm:
            raise TdmOptOut(target, "the host's /.well-known/tdmrep.json reserves text and data mining")
        return True

    @asynccontextmanager
    async def _turn(self, url: str, delay: timedelta) -> AsyncIterator[None]:
        """Our turn at the host of *url*: few at once, a gap, rest if it needs rest; then a connection. Raises Deferred
        if the host has had its time.
        """
        host = host_of(url)
        with self._host_time.busy(host, url):
            async with self._hosts.setdefault(host, asyncio.Semaphore(self._options.host_connections)):
                self._circuit_breaker.wait(host, url)  # a host that rests costs no slot
                own = self._options.host_gaps.get(host, timedelta())
                await self._slot(host, url, max(self._options.host_gap, own, delay))
                await _pause(self._circuit_breaker.wait(host, url))
                async with self._connections:
                    yield

    async def _slot(self, host: str, url: str, gap: timedelta) -> None:
        """Wait for the next slot of *host*; one that comes after its time is not taken."""
        most = self._host_time.left(host, url)
        # In a thread: it may wait for a lock over all processes.
        wait = await asyncio.to_thread(self._rate_limiter.acquire_slot, host, gap, most)
        if wait is None:
            raise self._host_time.up(host, url)
        await _pause(wait)

    async def _noted(self, target: str, ask: _Ask, left: float, cookie: str) -> Page | NotModified | _Redirect:
        """One exchange, and its effect on the host's health."""
        host = host_of(target)
        try:
            with translated(target, self._options.deadline):
                async with asyncio.timeout(max(left, 0.0)):
                    answer = await self._exchange(target, ask, cookie)
        except FetchError as error:
            rest = self._circuit_breaker.bad(host, error)
            if rest and self._rest_cache:
                await asyncio.to_thread(self._rest_cache.save, host, rest)
            raise
        self._circuit_breaker.good(host)
        return answer

    async def _exchange(self, target: str, ask: _Ask, cookie: str) -> Page | NotModified | _Redirect:
        if self._session is None:
            raise RuntimeError("Fetcher is an async context manager: `async with Fetcher(...) as fetcher`")
        headers = {"User-Agent": self._options.user_agent, "Accept-Encoding": ACCEPT_ENCODING, **ask.headers}
        if cookie:
            headers["Cookie"] = cookie
        if origin(target) == origin(ask.url):
            headers = _merged(headers, ask.own_headers)
        async with self._session.get(_parsed(target), headers=headers, allow_redirects=False) as response:
            fetched_at = self._now()
            self._check_header_size(target, response)
            if response.status in REDIRECTS and "Location" in response.headers:
                location = absolute(target, response.headers["Location"], response.status)
                set_now = tuple((name, morsel.value) for name, morsel in response.cookies.items())
                return _Redirect(response.status, location, set_now)
            if response.status == 304 and ask.conditional:
                kept = kept_headers(response.headers.items())
                return NotModified(url=ask.url, fetched_at=fetched_at, headers=kept)
            if response.status != 200:
                raise bad_status(target, response, fetched_at)
            body = await _read(target, response, ask)
            return Page(
                fetch_id=uuid.uuid4().hex,
                url=ask.url,
                final_url=str(response.url),
                status=response.status,
                headers=kept_headers(response.headers.items()),
                body=body,
                fetched_at=fetched_at,
            )

    def _check_header_size(self, target: str, response: aiohttp.ClientResponse) -> None:
        size = sum(len(name) + len(value) for name, value in response.raw_headers)
        if size > self._options.header_bytes:
            raise TooLarge(target, f"the headers are {size:,} bytes, the cap is {self._options.header_bytes:,}")


async def _pause(time_off: timedelta) -> None:
    if time_off:  # sleep(0) costs a round of the loop
        await asyncio.sleep(time_off.total_seconds())


async def _read(target: str, response: aiohttp.ClientResponse, ask: _Ask) -> bytes:
    """The decompressed body, never more than the cap; the wire is read no further than the cap either."""
    declared = response.content_length or 0
    if declared > ask.cap and not ask.cut:
        raise TooLarge(target, f"the body is {declared:,} bytes, the cap is {ask.cap:,}")
    decoder = decoder_for(response.headers.get("Content-Encoding"))
    pieces, size, on_wire = list[bytes](), 0, 0
    async for chunk in response.content.iter_any():
        on_wire += len(chunk)
        pieces.append(decoder.feed(chunk, ask.cap + 1 - size))
        size += len(pieces[-1])
        if on_wire > ask.cap or size > ask.cap:
            if ask.cut:
                return b"".join(pieces)[: ask.cap]
            raise TooLarge(target, f"the body goes beyond the cap of {ask.cap:,} bytes ({on_wire:,} on the wire)")
    body = b"".join(pieces)
    try:
        decoder.finish()
    except EOFError:
        if not is_whole(body):
            raise
    return body


def _next_target(
    ask: _Ask, target: str, answer: _Redirect, seen: set[tuple[str, str]], most: int, cookies: ChainCookies
) -> str:
    if (answer.location, cookies.header(answer.location)) in seen:
        raise HttpStatus(target, "a redirect loop, also with the cookies that it sets", answer.status)
    if len(seen) > most:
        raise HttpStatus(target, f"more than {most} redirects from {ask.url}", answer.status)
    return answer.location


def _parsed(target: str) -> URL:
    try:
        return URL(target)
    except ValueError as error:  # a host that cannot be written in IDNA
        raise RefusedAddress(target, f"not a URL that can be asked for ({error})") from error


def _merged(ours: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """A feed's own headers win, whatever their case."""
    theirs = {name.lower() for name in own}
    return {name: value for name, value in ours.items() if name.lower() not in theirs} | dict(own)
