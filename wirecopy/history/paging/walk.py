"""Reads a feed's older documents, one after the other, until what they list is older than the interval.

Nothing is trusted: an address or a body that comes again ends the walk, and so do two documents in a row that are older
than the interval, unless the second is newer than the first (an archive that begins with its oldest page).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from ingest.errors import HttpStatus, IngestError, ParseError
from ingest.feed.glance import Glance, glance
from ingest.history.feedaddresses import blogger_page, day_feed, numbered
from ingest.records import Feed, Page
from ingest.work import Found, Getter
from wirecopy.history.asking import ask
from wirecopy.history.paging.ways import Paging, followed

Documents = AsyncGenerator[Found | IngestError, None]
Next = Callable[[Page, Glance, int], str | None]
"""The address behind a document, the number of which counts from 1; None: it is the last one."""

# Of one walk. What it costs is bounded by history_requests; documents that were read before cost nothing.
MOST_DOCUMENTS: Final = 2_000
OLD_ENOUGH: Final = 2  # documents in a row that are older than the interval
DAY: Final = timedelta(days=1)  # zones reach 14 hours, so the local days of a UTC day are at most its neighbours
_BEHIND_THE_LAST: Final = frozenset((400, 404, 410))


async def read_paging(
    paging: Paging, feed: Feed, start: datetime, end: datetime, fetch: Getter, *, now: datetime
) -> Documents:
    """The documents that may list entries published in [*start*, *end*), aware UTC. The last one is marked complete if
    nothing of the interval lies behind it.
    """
    if paging.way == "wordpress-days":
        walks = [_Walk(fetch, now, start=None) for _ in _days(start, end)]
        firsts = [(day_feed(feed.url, day.date(), paging.form) or feed.url) for day in _days(start, end)]
        nexts: list[Next] = [partial(_numbered, first, paging.size) for first in firsts]
    elif paging.way == "blogger":
        walks = [_Walk(fetch, now, start=None)]
        firsts, nexts = [blogger_page(feed.url, start, end, 1)], [_Blogger(feed.url, start, end)]
    else:
        walks = [_Walk(fetch, now, start=start)]
        numbers = partial(_numbered, feed.url, 0)
        firsts, nexts = [feed.url], [numbers if paging.way == "wordpress-pages" else partial(_linked, paging.rel)]
    for number, (walk, first, following) in enumerate(zip(walks, firsts, nexts, strict=True), 1):
        async with aclosing(walk.documents(first, following)) as documents:
            async for document in documents:
                is_last = isinstance(document, Found) and document.complete and number < len(walks)
                yield replace(document, complete=False) if is_last and isinstance(document, Found) else document


@dataclass(slots=True)
class _Walk:
    """One walk from document to document."""

    fetch: Getter
    now: datetime
    start: datetime | None  # documents older than this end it; None: their addresses bound it
    _seen: set[str] = field(default_factory=set)  # addresses, and hashes of bodies
    _old: int = 0  # documents in a row that are older than the interval
    _newest: datetime | None = None  # of the document before

    async def documents(self, first: str, following: Next) -> Documents:
        """From *first* on. Each waits for the next one, which tells whether it was the last."""
        waiting: Found | None = None
        url: str | None = first
        for number in range(1, MOST_DOCUMENTS + 1):
            if url is None or not self._is_new(url):
                break
            try:
                page = await ask(self.fetch, url)
                look = glance(page, now=self.now)
            except (IngestError, ParseError) as error:
                if (
                    isinstance(error, HttpStatus)
                    and error.status in _BEHIND_THE_LAST
                    and (number > 1 or not self.start)
                ):
                    break
                if waiting:
                    yield waiting
                yield error
                return
            if not self._is_new(page.body_hash):  # the server takes no notice of the parameter
                break
            if waiting:
                yield waiting
            waiting = Found(page=page)
            url = None if self._is_behind(look) else following(page, look, number)
        else:
            if waiting:
                yield waiting  # there is more than we ask for
            return
        if waiting:
            yield replace(waiting, complete=True)

    def _is_new(self, what: str) -> bool:
        new = what not in self._seen
        self._seen.add(what)
        return new

    def _is_behind(self, look: Glance) -> bool:
        """Whether nothing of the interval is to be expected any more."""
        newest, before = look.newest, self._newest
        self._newest = newest or before
        if self.start is None or newest is None or newest >= self.start:
            self._old = 0
            return False
        rising = before is not None and newest > before
        self._old = 1 if rising else self._old + 1
        return self._old >= OLD_ENOUGH


@dataclass(slots=True)
class _Blogger:
    """Blogger counts entries: it may give fewer than it was asked for."""

    url: str
    start: datetime
    end: datetime
    _read: int = 0

    def __call__(self, _page: Page, look: Glance, _number: int) -> str | None:
        self._read += len(look.entries)
        if not look.entries or "next" not in look.links:
            return None
        return blogger_page(self.url, self.start, self.end, self._read + 1)


def _linked(rel: str, page: Page, look: Glance, _number: int) -> str | None:
    return followed(look, rel, page)


def _numbered(first: str, size: int, _page: Page, look: Glance, number: int) -> str | None:
    """A document that is not full is the last one."""
    if not look.entries or len(look.entries) < size:
        return None
    return numbered(first, number + 1)


def _days(start: datetime, end: datetime) -> list[datetime]:
    """The local days that may share an instant with [*start*, *end*), in whatever zone."""
    first, last = start - DAY, end - timedelta(microseconds=1) + DAY
    return [first + DAY * number for number in range((last.date() - first.date()).days + 1)]
