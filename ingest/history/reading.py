"""One document of a source of history in, the entries out that may lie in the interval; the others are counted."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Final

from ingest.errors import ParseError
from ingest.feed.formats.kind import MAX_ENTRIES
from ingest.feed.formats.rawentry import RawEntry
from ingest.feed.parse import entry_of
from ingest.history.hints import excludes, hint_of, holds
from ingest.history.readers import READERS
from ingest.history.sitemaps import exact, instant
from ingest.records import Entries, Entry, Feed, Page, Span
from ingest.text.sections import lies_in
from ingest.text.tags import primary_tag
from ingest.work import Reading

log = logging.getLogger(__name__)


def read_history(page: Page, feed: Feed, reading: Reading, *, now: datetime) -> Entries:
    """The entries of *page* that may have been published in the interval, in its order, at most MAX_ENTRIES; those
    with a hint only come last, the most probable first. Raises ParseError.
    """
    found = Entries()
    language = primary_tag(feed.language)
    try:
        for raw_entry in READERS[reading.reader](page):
            if _is_outside(raw_entry, reading, now):
                found.outside += 1
            elif len(found) == MAX_ENTRIES:
                found.beyond += 1
            elif _may_lie_inside(entry := _hinted(raw_entry, page, feed, language, reading, now), reading):
                found.append(entry)
            else:
                found.outside += 1
    except ParseError:
        raise
    except Exception as error:  # whatever a library makes of it: one document must not end its shard
        log.exception("the reader broke feed=%s reader=%s fetch_id=%s", feed.id, reading.reader, page.fetch_id)
        raise ParseError(page.final_url, f"the reader broke on it ({type(error).__name__}: {error})") from error
    found.sort(key=_improbability)
    return found


def _is_outside(raw_entry: RawEntry, reading: Reading, now: datetime) -> bool:
    """By its words alone: an Entry costs ten times as much, and most of a month's list lie outside of a day. What is
    not of the feed's section is outside, too.
    """
    if raw_entry.links and not lies_in(raw_entry.links[0], reading.section):
        return True
    if any(raw_entry.dates):
        published = exact(raw_entry.dates[0])
        return published is not None and not holds(reading.interval, published)
    link = next(iter(raw_entry.links), None)
    hint = hint_of(link, instant(raw_entry.updated, now=now), reading.span)
    return hint is not None and excludes(hint, reading.interval)


def _hinted(
    raw_entry: RawEntry, page: Page, feed: Feed, language: str | None, reading: Reading, now: datetime
) -> Entry:  # fmt: skip
    entry = entry_of(raw_entry, page.final_url, feed, language, now)
    # Where nothing is told nothing is excluded: the page decides.
    hint = None if entry.published_at else hint_of(entry.link, entry.updated_at, reading.span) or Span()
    return replace(entry, hint=hint, via=reading.via)


def _may_lie_inside(entry: Entry, reading: Reading) -> bool:
    if entry.published_at:
        return holds(reading.interval, entry.published_at)
    return entry.hint is None or not excludes(entry.hint, reading.interval)


_LONG_AGO: Final = 1e12  # seconds: more than any span


def _improbability(entry: Entry) -> tuple[bool, float]:
    """Dated ones first; then those whose hint ends soonest: most pages are not changed after their day."""
    if entry.published_at:
        return False, 0.0
    return True, entry.hint.end.timestamp() if entry.hint and entry.hint.end else _LONG_AGO
