"""Reads a feed's older documents, one after the other, until what they list is older than the interval.

Nothing is trusted: an address or a body that comes again ends the walk, and so do two documents in a row that are older
than the interval, unless the second is newer than the first (an archive that begins with its oldest page).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from ingest.errors import IngestError
from ingest.feed.glance import Glance, glance
from ingest.history.feedaddresses import blogger_page, day_feed, numbered
from ingest.records import Feed, Page
from ingest.work import Found, Getter
from wirecopy.history.asking import ask
from wirecopy.history.paging.ways import Paging, followed, total_of

Documents = AsyncGenerator[Found | IngestError, None]
Next = Callable[[Page, Glance, int], str | None]
"""The address behind a document, the number of which counts from 1; None: it is the last one."""

# Of one walk. What it costs is bounded by history_requests; documents that were read before cost nothing.
MOST_DOCUMENTS: Final = 2_000
OLD_ENOUGH: Final = 2  # documents in a row that are older than the interval
DAY: Final = timedelta(days=1)  # zones reach 14 hours, so the local days of a UTC day are at most its neighbours
_BEHIND_THE_LAST: Final = frozenset((400, 404, 410))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A chain of documents."""

    first: str  # address
    following: Next
    may_be_missing: bool = False  # the first one too: a day on which nothing was published


async def read_paging(
    paging: Paging, feed: Feed, start: datetime, end: datetime, fetch: Getter, *, now: datetime
) -> Documents:
    """The documents that may list entries published in [*start*, *end*), aware UTC. The last one is marked complete if
    nothing of the interval lies behind it.
    """
    stretches = _stretches(paging, feed, start, end)
    walk = _Walk(fetch, now, start if len(stretches) == 1 else start - 2 * DAY)
    whole = True
    for number, stretch in enumerate(stretches, 1):
        async with aclosing(walk.documents(stretch)) as documents:
            async for document in documents:
                if isinstance(document, IngestError):
                    whole = False
                    yield document
                else:
                    yield replace(document, complete=document.complete and whole and number == len(stretches))


def _stretches(paging: Paging, feed: Feed, start: datetime, end: datetime) -> list[_Stretch]:
    if paging.way == "blogger":
        return [_Stretch(first=blogger_page(feed.url, start, end, 1), following=_Blogger(feed.url, start, end))]
    if paging.way == "wordpress-days":
        days = [day_feed(feed.url, day.date(), paging.form) or feed.url for day in _days(start, end)]
        return [
            _Stretch(first=url, following=partial(_numbered, url, paging.size), may_be_missing=True) for url in days
        ]
    numbers = partial(_numbered, feed.url, 0)
    following = numbers if paging.way == "wordpress-pages" else partial(_linked, paging.rel)
    return [_Stretch(first=feed.url, following=following)]


@dataclass(slots=True)
class _Walk:
    """From document to document."""

    fetch: Getter
    now: datetime
    start: datetime  # documents that are older end it
    _seen: set[str] = field(default_factory=set)  # addresses, and hashes of bodies
    _old: int = 0  # documents in a row that are older
    _newest: datetime | None = None  # of the document before

    async def documents(self, stretch: _Stretch) -> Documents:
        """One stretch. Each document waits for the next one, which tells whether it was the last."""
        self._old, self._newest = 0, None
        waiting: Found | None = None
        url: str | None = stretch.first
        for number in range(1, MOST_DOCUMENTS + 1):
            if url is None or not self._is_new(url):
                break
            try:
                page = await ask(self.fetch, url)
                look = await asyncio.to_thread(glance, page, now=self.now)
            except IngestError as error:
                if (number > 1 or stretch.may_be_missing) and getattr(error, "status", None) in _BEHIND_THE_LAST:
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
            url = None if self._is_behind(look) else stretch.following(page, look, number)
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
        if newest is None or newest >= self.start:
            self._old = 0
            return False
        rising = before is not None and newest > before
        self._old = 1 if rising else self._old + 1
        return self._old >= OLD_ENOUGH


@dataclass(slots=True)
class _Blogger:
    """Blogger counts entries: it may give fewer than it was asked for. It says that there are more by a link, or by
    their number.
    """

    url: str
    start: datetime
    end: datetime
    _read: int = 0

    def __call__(self, page: Page, look: Glance, _number: int) -> str | None:
        self._read += len(look.entries)
        if not look.entries or ("next" not in look.links and self._read >= (total_of(page) or 0)):
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
