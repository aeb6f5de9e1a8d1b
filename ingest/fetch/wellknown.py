"""Files at a well-known place of a host (robots.txt, tdmrep.json): fetched once, cached over runs and processes.

RFC 9309, 2.3.1: no such file (4xx, too many redirects) means no rules. If a file cannot be read (5xx, 429, no
connection), every page of the host ends in that error. After 30 days of it the copy read before counts, or none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from ingest.errors import FetchError, HttpStatus
from ingest.options import FetchOptions

if TYPE_CHECKING:
    from protego import Protego

GIVEN_UP: Final = timedelta(days=30)  # RFC 9309, 2.3.1.4: "a reasonably long period of time (for example, 30 days)"

GetText = Callable[[str], Awaitable[str]]
"""Fetches such a file: the text, cut at the cap; raises FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedFile:
    """The cached state of one file. Times are aware UTC."""

    text: str | None  # None: there is no such file
    read_at: datetime | None  # last answer of the host; None: never
    failing_since: datetime | None  # unreadable since; None: it was read


class FileCache(Protocol):
    """Where files are remembered over runs and processes. Called from worker threads."""

    def load(self, url: str) -> CachedFile | None:
        """The cached state of *url*."""
        ...

    def save(self, url: str, cached: CachedFile) -> None:
        """Remember it."""
        ...


class MemoryFileCache:
    """The shelf of one process."""

    def __init__(self) -> None:
        self._cached: dict[str, CachedFile] = {}

    def load(self, url: str) -> CachedFile | None:
        """See FileCache."""
        return self._cached.get(url)

    def save(self, url: str, cached: CachedFile) -> None:
        """See FileCache."""
        self._cached[url] = cached


class WellKnown:
    """The files of one run."""

    def __init__(
        self,
        options: FetchOptions,
        get_text: GetText,
        *,
        now: Callable[[], datetime],
        file_cache: FileCache | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options, self._get_text, self._now, self._clock = options, get_text, now, clock
        self._file_cache: FileCache = file_cache or MemoryFileCache()
        self._cached: dict[str, CachedFile] = {}
        self._failed: dict[str, tuple[FetchError, float]] = {}  # with the monotonic time of the next attempt
        self._locks: dict[str, asyncio.Lock] = {}

    async def read(self, url: str) -> str | None:
        """The text of the file, None if there is none; raises the FetchError for which it cannot be read."""
        async with self._locks.setdefault(url, asyncio.Lock()):
            cached = self._cached.get(url) or await asyncio.to_thread(self._file_cache.load, url)
            if cached and self._is_fresh(cached):
                self._cached[url] = cached
                return cached.text
            error, until = self._failed.get(url, (None, 0.0))
            if error and self._clock() < until:
                return _after(cached, error, self._now())
            return await self._asked(url, cached)

    def _is_fresh(self, cached: CachedFile) -> bool:
        if cached.failing_since or cached.read_at is None:
            return False
        return timedelta() <= self._now() - cached.read_at < self._options.robots_keep

    async def _asked(self, url: str, cached: CachedFile | None) -> str | None:
        now = self._now()
        try:
            text: str | None = await self._get_text(url)
        except FetchError as error:
            if not _is_absent(error):
                since = cached.failing_since if cached and cached.failing_since else now
                cached = replace(cached or CachedFile(text=None, read_at=None, failing_since=None), failing_since=since)
                await self._keep(url, cached)
                self._failed[url] = error, self._clock() + self._options.robots_retry.total_seconds()
                return _after(cached, error, now)
            text = None
        self._failed.pop(url, None)
        await self._keep(url, CachedFile(text=text, read_at=now, failing_since=None))
        return text

    async def _keep(self, url: str, cached: CachedFile) -> None:
        self._cached[url] = cached
        await asyncio.to_thread(self._file_cache.save, url, cached)


class ParsedFiles:
    """The parsed files of some sites: each is parsed once, and again after it was fetched again."""

    def __init__(self, parse: Callable[[str], Protego]) -> None:
        self._parse = parse
        self._known: dict[str, tuple[str, Protego]] = {}  # by site: the text and its rules

    def rules(self, site: str, text: str) -> Protego:
        """The rules of *text*, the file of *site* as it was read last."""
        known = self._known.get(site)
        if known is None or known[0] is not text:
            known = self._known[site] = text, self._parse(text)
        return known[1]


def _is_absent(error: FetchError) -> bool:
    return isinstance(error, HttpStatus) and error.status < 500 and error.status != 429


def _after(cached: CachedFile | None, error: FetchError, now: datetime) -> str | None:
    if cached and cached.failing_since and now - cached.failing_since >= GIVEN_UP:
        return cached.text
    raise error
