"""What a list tells of an entry without a date: the stretch of time in which it was published. It only excludes.

The day in a link is local, a file's span is by local days, and lastmod is a change: so a day of slack is left on both
sides, and nothing is decided by a hint but that a page need not be fetched.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ingest.page.dating.address import day_in_address
from ingest.records import Entries, Entry, Span

SLACK: Final = timedelta(days=1)
DAY: Final = timedelta(days=1)


def hint_of(link: str | None, changed: datetime | None, span: Span | None) -> Span | None:
    """The narrowest span by the day in a *link*, the last change and the *span* of the document; None: nothing is
    told.
    """
    spans = [one for one in (span, _of_link(link), _of_change(changed)) if one]
    if not spans:
        return None
    starts, ends = [one.start for one in spans if one.start], [one.end for one in spans if one.end]
    return Span(start=max(starts, default=None), end=min(ends, default=None))


def tells_a_change_only(entry: Entry) -> bool:
    """Whether a list tells of *entry* when it was last changed, or not even that: any page of the site that was ever
    changed since may be of the interval.
    """
    return entry.published_at is None and entry.hint is not None and entry.hint.start is None


def without_changes_only(entries: Entries) -> Entries:
    """*entries* without those of which only a change is told: they are counted as outside of the interval."""
    kept = Entries(entry for entry in entries if not tells_a_change_only(entry))
    kept.beyond, kept.whole = entries.beyond, entries.whole
    kept.outside = entries.outside + len(entries) - len(kept)
    return kept


def excludes(hint: Span, interval: Span) -> bool:
    """Whether what *hint* is of cannot have been published inside *interval*."""
    return _is_over(hint, interval) or _is_over(interval, hint)


def holds(interval: Span, instant: datetime) -> bool:
    """Whether *instant* lies in *interval*."""
    begun = interval.start is None or interval.start <= instant
    return begun and (interval.end is None or instant < interval.end)


def _is_over(first: Span, second: Span) -> bool:
    """Whether *first* ends more than the slack before *second* begins."""
    return first.end is not None and second.start is not None and first.end + SLACK <= second.start


def days(first: date, last: date | None = None) -> Span:
    """The span of the days *first* … *last*, inclusive, in UTC."""
    start, end = (datetime.combine(day, time(), UTC) for day in (first, last or first))
    return Span(start=start, end=end + DAY)


def _of_link(link: str | None) -> Span | None:
    day = day_in_address(link) if link else None
    return days(day) if day else None


def _of_change(changed: datetime | None) -> Span | None:
    """A page is changed after it was published. A bare day is read as its first instant."""
    return Span(end=changed + DAY) if changed else None
