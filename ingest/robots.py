"""robots.txt by RFC 9309: one per origin, read through the same careful fetcher as everything else.

No such file (4xx, too many redirects): all is allowed. A server that fails (5xx, 429): nothing is allowed for a while,
a RobotsUnavailable that can be retried. No connection: that error itself, because the page could not be had either.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from ingest.errors import FetchError, HttpStatus, RobotsDisallowed, RobotsUnavailable
from ingest.options import FetchOptions

AGENT: Final = "wirecopy"  # the name that robots.txt may single out

GetText = Callable[[str], Awaitable[str]]
"""Fetches a robots.txt: the text, cut at the cap; raises FetchError."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What one origin's robots.txt said."""

    rules: Protego | None  # None: all is allowed
    error: FetchError | None  # why it could not be read: nothing is allowed
    until: float  # monotonic: then it is asked for again


class Robots:
    """The robots.txt files of one run."""

    def __init__(self, options: FetchOptions, get_text: GetText, clock: Callable[[], float] = time.monotonic) -> None:
        self._options, self._get_text, self._clock = options, get_text, clock
        self._known: dict[str, _Known] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check(self, url: str) -> timedelta:
        """The Crawl-delay for *url*, zero if there is none; RobotsDisallowed, RobotsUnavailable or what asking met."""
        known = await self._of(_origin(url))
        if known.error:
            raise _for_page(url, known.error)
        if known.rules is None:
            return timedelta()
        if not known.rules.can_fetch(url, AGENT):
            raise RobotsDisallowed(url, f"{_origin(url)}/robots.txt forbids this path for {AGENT}")
        delay = known.rules.crawl_delay(AGENT) or 0.0
        return min(timedelta(seconds=min(max(delay, 0.0), 86_400.0)), self._options.max_crawl_delay)

    async def _of(self, origin: str) -> _Known:
        async with self._locks.setdefault(origin, asyncio.Lock()):
            known = self._known.get(origin)
            if known is None or known.until <= self._clock():
                known = self._known[origin] = await self._ask(origin)
            return known

    async def _ask(self, origin: str) -> _Known:
        keep = self._clock() + self._options.robots_keep.total_seconds()
        try:
            return _Known(Protego.parse(await self._get_text(f"{origin}/robots.txt")), None, keep)
        except HttpStatus as error:
            if error.status < 500 and error.status != 429:
                return _Known(None, None, keep)
            return _Known(None, error, self._soon())
        except FetchError as error:
            return _Known(None, error, self._soon())

    def _soon(self) -> float:
        return self._clock() + self._options.robots_retry.total_seconds()


def _for_page(url: str, error: FetchError) -> FetchError:
    """The error of asking for robots.txt, told of the page that was wanted."""
    if isinstance(error, HttpStatus):
        reason = f"{error.url} answered {error.status}, and then nothing may be fetched (RFC 9309, 2.3.1.4)"
        answer: FetchError = RobotsUnavailable(url, reason)
    else:
        answer = type(error)(url, f"asking for robots.txt first: {error.reason}")
    answer.__cause__ = error
    return answer


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
