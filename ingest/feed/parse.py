"""One feed document in, its entries out, in feed order. What the document is decides its content (kinds.py).

Here the entries as written become entries: dates, links made absolute, titles without markup, keys. A broken entry
costs itself at most, never the feed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from ingest.dates.parse import ParsedDate, parse_date
from ingest.errors import ParseError
from ingest.feed.formats.document import read_document
from ingest.feed.formats.kind import MAX_ENTRIES
from ingest.feed.formats.kinds import kind_of
from ingest.feed.formats.rawentry import MAX_GUID, MAX_TITLE, RawEntry, shortened
from ingest.feed.guids import kept_apart
from ingest.records import Entries, Entry, Feed, Page, digest
from ingest.text.aggregators import article_link
from ingest.text.cleaning import plain_text
from ingest.text.tags import primary_tag
from ingest.text.urls import absolute_url, entry_key

log = logging.getLogger(__name__)

MAX_SUMMARY, MAX_NAME, MAX_URL = 2_000, 200, 4_000  # characters
MAX_NAMES: Final = 50  # authors or tags of one entry


def parse_feed(page: Page, feed: Feed, *, now: datetime) -> Entries:
    """The entries of *page* in feed order, at most MAX_ENTRIES, and how many more there are. A date ahead of *now* by
    more than a day is not believed: it is None, the raw string stays.

    Raises SitemapIndex for a list of sitemaps, ParseError if the document is no feed; a feed without entries is an
    empty list.
    """
    document = read_document(page)
    try:
        language, raw_entries = kind_of(document).read(document)
    except ParseError:
        raise
    except Exception as error:  # whatever a library makes of it: one document must not end its shard
        log.exception("the parser broke feed=%s fetch_id=%s", feed.id, page.fetch_id)
        raise ParseError(page.final_url, f"the parser broke on it ({type(error).__name__}: {error})") from error
    language = primary_tag(feed.language) or primary_tag(language)
    entries = [entry_of(raw_entry, page.final_url, feed, language, now) for raw_entry in raw_entries[:MAX_ENTRIES]]
    found = Entries(kept_apart(entries))
    found.beyond = len(raw_entries) - len(entries)
    return found


def entry_of(raw_entry: RawEntry, base: str, feed: Feed, language: str | None, now: datetime) -> Entry:
    """The entry that a document at *base* writes as *raw_entry*; *language* is the document's."""
    guid = shortened(raw_entry.guid, MAX_GUID)
    link = next((url for candidate in raw_entry.links if (url := _absolute(candidate, base))), None)
    link = _absolute(article_link(link, raw_entry.summary), base) if link else None
    title = plain_text(raw_entry.title, limit=MAX_TITLE)
    own_language = primary_tag(raw_entry.language) or language
    raw, published = _published(raw_entry, now, own_language)
    summary = plain_text(raw_entry.summary, limit=MAX_SUMMARY)
    return Entry(
        entry_key=_key(link, feed.id, guid, title or summary),
        feed_id=feed.id,
        guid=guid,
        link=link,
        title=title,
        summary=summary,
        authors=_names(raw_entry.authors),
        tags=_names(raw_entry.tags),
        published_at=published.value if published else None,
        published_raw=raw,
        updated_at=_instant(shortened(raw_entry.updated, MAX_NAME), now, own_language),
        language=own_language,
        source_name=plain_text(raw_entry.source[0], limit=MAX_NAME),
        source_url=_absolute(raw_entry.source[1], base),
    )


def _key(link: str | None, feed_id: str, guid: str | None, words: str | None) -> str:
    """An entry without link and guid is known by its title."""
    return entry_key(link, feed_id, guid or f"title:{digest(words or '')}")


def _absolute(link: str | None, base: str) -> str | None:
    """An http(s) URL without surrounding or inner whitespace, resolved against the feed's; None if it is none."""
    text = re.sub(r"[\r\n\t]", "", link or "").strip().replace(" ", "%20")
    if not text or len(text) > MAX_URL:
        return None
    if text.startswith(f"{urlsplit(base).hostname}/"):  # a scheme forgotten, not a folder called like the site
        text = f"//{text}"
    return absolute_url(text, base)


def _published(raw_entry: RawEntry, now: datetime, language: str | None) -> tuple[str | None, ParsedDate | None]:
    """(raw, date) of the first date that can be believed; else the first raw string that there is."""
    raws = [raw for date in raw_entry.dates if (raw := shortened(date, MAX_NAME))]
    for raw in raws:
        if date := parse_date(raw, now=now, language=language):
            return raw, date
    return (raws[0] if raws else None), None


def _instant(raw: str | None, now: datetime, language: str | None) -> datetime | None:
    date = parse_date(raw, now=now, language=language)
    return date.value if date else None


def _names(values: Iterable[str | None]) -> tuple[str, ...]:
    """Plain, without repeats, in order."""
    cleaned = (plain_text(value, limit=MAX_NAME) for value in values)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:MAX_NAMES]
