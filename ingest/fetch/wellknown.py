"""Files at a well-known place of a host (robots.txt, tdmrep.json): asked for once, remembered over runs and processes.

RFC 9309, 2.3.1: no such file (4xx, too many redirects) means no rules. One that cannot be read (5xx, 429, no
connection) is an error for whoever asks, until that has gone on for 30 days: then the copy read before counts, or none.
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
class Held:
    """What is remembered of one file. Times are aware UTC."""

    text: str | None  # None: there is no such file
    read_at: datetime | None  # last answer of the host; None: never
    failing_since: datetime | None  # unreadable since; None: it was read


class Shelf(Protocol):
    """Where files are remembered over runs and processes. Called from worker threads."""

    def load(self, url: str) -> Held | None:
        """What is remembered of *url*."""
        ...

    def save(self, url: str, held: Held) -> None:
        """Remember it."""
        ...


class MemoryShelf:
    """The shelf of one process."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def load(self, url: str) -> Held | None:
        """See Shelf."""
        return self._held.get(url)

    def save(self, url: str, held: Held) -> None:
        """See Shelf."""
        self._held[url] = held


class WellKnown:
    """The files of one run."""

    def __init__(
        self,
        options: FetchOptions,
        get_text: GetText,
        *,
        now: Callable[[], datetime],
        shelf: Shelf | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options, self._get_text, self._now, self._clock = options, get_text, now, clock
        self._shelf: Shelf = shelf or MemoryShelf()
        self._held: dict[str, Held] = {}
        self._failed: dict[str, tuple[FetchError, float]] = {}  # with the monotonic time of the next attempt
        self._locks: dict[str, asyncio.Lock] = {}

    async def read(self, url: str) -> str | None:
        """The text of the file, None if there is none; raises the FetchError for which it cannot be read."""
        async with self._locks.setdefault(url, asyncio.Lock()):
            held = self._held.get(url) or await asyncio.to_thread(self._shelf.load, url)
            if held and self._is_fresh(held):
                self._held[url] = held
                return held.text
            error, until = self._failed.get(url, (None, 0.0))
            if error and self._clock() < until:
                return _after(held, error, self._now())
            return await self._asked(url, held)

    def _is_fresh(self, held: Held) -> bool:
        if held.failing_since or held.read_at is None:
            return False
        return timedelta() <= self._now() - held.read_at < self._options.robots_keep

    async def _asked(self, url: str, held: Held | None) -> str | None:
        now = self._now()
        try:
            text: str | None = await self._get_text(url)
        except FetchError as error:
            if not _is_absent(error):
                since = held.failing_since if held and held.failing_since else now
                held = replace(held or Held(text=None, read_at=None, failing_since=None), failing_since=since)
                await self._keep(url, held)
                self._failed[url] = error, self._clock() + self._options.robots_retry.total_seconds()
                return _after(held, error, now)
            text = None
        self._failed.pop(url, None)
        await self._keep(url, Held(text=text, read_at=now, failing_since=None))
        return text

    async def _keep(self, url: str, held: Held) -> None:
        self._held[url] = held
        await asyncio.to_thread(self._shelf.save, url, held)


class ParsedFiles:
    """What the files of some sites say: each parsed once, and again when it was read anew."""

    def __init__(self, parse: Callable[[str], Protego]) -> None:
        self._parse = parse
        self._known: dict[str, tuple[str, Protego]] = {}  # by site: the text, and what it says

    def rules(self, site: str, text: str) -> Protego:
        """The rules of *text*, the file of *site* as it was read last."""
        known = self._known.get(site)
        if known is None or known[0] is not text:
            known = self._known[site] = text, self._parse(text)
        return known[1]


def _is_absent(error: FetchError) -> bool:
    return isinstance(error, HttpStatus) and error.status < 500 and error.status != 429


def _after(held: Held | None, error: FetchError, now: datetime) -> str | None:
    if held and held.failing_since and now - held.failing_since >= GIVEN_UP:
        return held.text
    raise error
