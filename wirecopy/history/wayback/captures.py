"""Captures of the feed document in a web archive: what the feed showed on the day itself, and shortly after it.

Only as many captures are read as are needed: from the latest backwards, each time the earliest one that still overlaps
with the one before. An archive is run for everybody on small means: one request at a time, wayback_gap apart.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ingest.errors import FetchError, HttpStatus, IngestError, ParseError
from ingest.feed.formats.document import read_document
from ingest.feed.glance import Glance, glance
from ingest.history.cdx import (
    DIALECTS,
    CdxAnswer,
    CdxRow,
    Dialect,
    capture_url,
    captured_at,
    index_url,
    read_index,
)
from ingest.records import Feed, Page
from ingest.text.secrets import hide_secrets
from ingest.work import Found, Getter
from wirecopy.history.asking import ask

FIRST_CAPTURE: Final = datetime.fromisoformat("1996-01-01T00:00:00+00:00")  # web archives begin here
# A feed shows an entry for a day or two: later captures are of no use.
SHOWN_FOR: Final = timedelta(days=3)
MOST_CAPTURES: Final = 60  # read for one interval
MOST_FAILURES: Final = 3  # in a row: then the archive is left alone
# Of a document's entries, the share that may be older than the rest: pinned ones say nothing about how far it reaches.
PINNED: Final = 0.1
SAME: Final = timedelta(seconds=1)
_MISSING: Final = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A feed in a web archive."""

    base: str
    dialect: Dialect
    reaches: date | None  # of the first capture


class NotArchivedError(Exception):
    """A web archive holds nothing of a feed; the message says why."""


async def find_captures(feed: Feed, fetch: Getter, base: str, *, now: datetime) -> Archived:
    """What the archive at *base* has of *feed*: one request, two for an archive of pywb.

    Raises NotArchivedError, FetchError.
    """
    check_public(feed)
    for dialect in DIALECTS:
        url = index_url(base, dialect, feed.url, FIRST_CAPTURE, now, limit=1)
        try:
            answer = _rows(await ask(fetch, url, kind="json"))
        except (HttpStatus, ParseError) as error:
            if dialect == DIALECTS[-1] or (isinstance(error, HttpStatus) and error.status != _MISSING):
                raise
            continue
        if answer.rows:
            return Archived(base=base, dialect=dialect, reaches=answer.rows[0].at.date())
        break
    raise NotArchivedError(f"{base} has no capture of it")


async def read_captures(
    archived: Archived, feed: Feed, start: datetime, end: datetime, fetch: Getter, *, now: datetime
) -> AsyncGenerator[Found | IngestError, None]:
    """The lists of captures, then those that may show what was published in [*start*, *end*), UTC, the latest first."""
    check_public(feed)
    last = min(end + SHOWN_FOR, now)
    rows: list[CdxRow] = []
    for month in _months(start, last):
        url: str | None = _month_url(archived, feed, month)
        while url:
            page = await ask(fetch, url, kind="json")
            answer = _rows(page)
            rows += [row for row in answer.rows if start <= row.at <= last]
            yield Found(page=page, reader=None)
            url = _month_url(archived, feed, month, answer.resume) if answer.resume else None
    choice, failures = _Choice(_changed(sorted(rows, key=lambda row: row.at)), start, end), 0
    for _ in range(MOST_CAPTURES):
        row = choice.following()
        if row is None:
            return
        try:
            page, at = await _played(archived, row, fetch)
            if at > row.at + SAME or at < start:  # of a time that is read already, or of no use
                choice.lack(row, at)
                continue
            choice.read(replace(row, at=at), glance(page, now=now))
        except IngestError as error:
            failures += 1
            if failures >= MOST_FAILURES or wants_rest(error):
                raise
            yield error
            choice.skip(row)
            continue
        failures = 0
        yield Found(page=page, complete=choice.complete)


@dataclass(slots=True)
class _Choice:
    """Which capture to read next."""

    rows: Sequence[CdxRow]  # the earliest first
    start: datetime
    end: datetime
    complete: bool = False  # everything between start and end was shown by what was read
    _reach: datetime | None = None  # all that was published since then, up to the first capture read, was shown
    _unbroken: bool = True  # each capture overlaps with the one before
    _left: list[CdxRow] = field(init=False)

    def __post_init__(self) -> None:
        self._left = [row for row in self.rows if row.at >= self.start]

    def following(self) -> CdxRow | None:
        """None: the captures that are left show nothing of the interval that was not shown."""
        if not self._left or self.complete or (self._reach and self._reach < self.start):
            return None
        if self._reach is None:
            return self._left[-1]
        overlapping = (row for row in self._left if row.at >= self._reach)
        return next(overlapping, self._left[-1])

    def read(self, row: CdxRow, look: Glance) -> None:
        """*row* was read, and shows *look*. Entries without dates say nothing: the capture before it comes next."""
        dates = sorted(one.published for one in look.entries if one.published)
        reach = dates[int(len(dates) * PINNED)] if dates else None
        self._unbroken = self._unbroken and reach is not None and row.at >= (self._reach or self.end)
        self._reach = min(reach, row.at) if reach else None
        self.complete = self._unbroken and self._reach is not None and self._reach < self.start
        self.skip(row)

    def skip(self, row: CdxRow) -> None:
        """*row* and all that is later is done with."""
        self._left = [one for one in self._left if one.at < row.at]

    def lack(self, row: CdxRow, nearest: datetime) -> None:
        """The archive has the bytes of *nearest* only: it has none of what is nearer to *row*."""
        self._unbroken = False
        nearer = row.at - abs(nearest - row.at)
        self._left = [one for one in self._left if one.at < row.at and one.at <= nearer]


def _months(start: datetime, end: datetime) -> list[date]:
    """The first days of the months: one list serves all days of a month."""
    months = [start.date().replace(day=1)]
    while (following := (months[-1] + timedelta(days=31)).replace(day=1)) <= end.date():
        months.append(following)
    return months


def _month_url(archived: Archived, feed: Feed, month: date, resume: str = "") -> str:
    start = datetime.combine(month, time(), UTC)
    end = datetime.combine((month + timedelta(days=31)).replace(day=1), time(), UTC) - timedelta(seconds=1)
    return index_url(archived.base, archived.dialect, feed.url, start, end, resume=resume)


def _changed(rows: Sequence[CdxRow]) -> list[CdxRow]:
    """One capture of each body in a row: the first."""
    pairs = zip([None, *rows], rows, strict=False)
    return [row for before, row in pairs if not (before and row.digest and before.digest == row.digest)]


def _rows(page: Page) -> CdxAnswer:
    return read_index(page.final_url, read_document(page).text)


async def _played(archived: Archived, row: CdxRow, fetch: Getter) -> tuple[Page, datetime]:
    """The capture and its instant; an archive that lacks the one asked for gives the nearest. Its links are resolved
    against the feed's own address.
    """
    page = await ask(fetch, capture_url(archived.base, archived.dialect, row))
    return replace(page, final_url=row.url), captured_at(page.headers, page.final_url) or row.at


def check_public(feed: Feed) -> None:
    """Raises NotArchivedError for an address that must not be told to others."""
    if feed.headers or hide_secrets(feed.url, feed.secret) != feed.url:
        raise NotArchivedError("its address holds a secret, or it is read with headers of its own")


def wants_rest(error: IngestError) -> bool:
    """Whether the archive is to be left alone now."""
    return not isinstance(error, FetchError | ParseError) or getattr(error, "status", 0) in (403, 429, 503)
