"""Archive sitemaps (https://www.sitemaps.org/protocol.html) and their indexes, as a stream.

Unlike a news sitemap that is polled as a feed (ingest/feed/formats/sitemap.py), every page counts here: an archive
names its pages without news elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from ingest.dates.parse import parse_date
from ingest.errors import ParseError
from ingest.feed.formats.rawentry import RawEntry
from ingest.feed.formats.xmltree import child
from ingest.history.xmlstream import elements, lines_of, root_of
from ingest.records import Page
from ingest.text.urls import absolute_url

URLSET: Final = "urlset"
INDEX: Final = "sitemapindex"
FEEDS: Final = ("rss", "RDF", "feed")  # the protocol allows them as sitemaps
FIRST_YEAR: Final = 1990  # a page that was "changed" before the web has a zero for a date
_WEB: Final = ("http://", "https://")
_WHOLE: Final = re.compile(r"https?://[\w.:-]+/[!-~]*")  # to be asked for as it stands; joining costs 40 µs
MAX_PARTS: Final = 200_000  # of an index: one of 100,000 costs 2 s of CPU


def is_index(page: Page) -> bool:
    """Whether *page* lists sitemaps. Raises ParseError for a broken gzip file."""
    return (root_of(page) or "").lower() == INDEX


def is_sitemap(page: Page) -> bool:
    """Whether *page* lists pages."""
    return (root_of(page) or "").lower() == URLSET


def is_feed(page: Page) -> bool:
    """Whether *page* is RSS or Atom."""
    return root_of(page) in FEEDS


def read_index(page: Page, *, now: datetime) -> list[tuple[str, datetime | None]]:
    """(address, last change) of the sitemaps that an index lists, in its order, each once."""
    return _parts(page, "sitemap", now) or _parts(page, "url", now)  # some write `url` here, too


def _parts(page: Page, name: str, now: datetime) -> list[tuple[str, datetime | None]]:
    found: dict[str, datetime | None] = {}
    written, changed = "", None  # of the part before: a site stamps thousands of parts at once
    for element in elements(page, name):
        fields = _fields(element)
        loc, lastmod = fields.get("loc", ""), fields.get("lastmod", "")
        url = loc if _WHOLE.fullmatch(loc) else absolute_url(loc, page.final_url)
        if lastmod != written:
            written, changed = lastmod, instant(lastmod, now=now)
        if url and len(found) < MAX_PARTS:
            found[url] = changed
    return list(found.items())


def read_sitemap(page: Page) -> Iterator[RawEntry]:
    """The pages of a `urlset`, or of a text with one address a line. Raises ParseError if it is none of them."""
    root = root_of(page)
    if root and root.lower() == URLSET:
        yield from map(_raw_entry, elements(page, "url"))
    elif root is None and next((one for one in lines_of(page) if not one.startswith("#")), "").startswith(_WEB):
        yield from (RawEntry(links=(line,)) for line in lines_of(page) if line.startswith(_WEB))
    else:
        raise ParseError(page.final_url, f"no sitemap: it begins with <{root}>" if root else "no sitemap, and no XML")


def oldest_of(page: Page, *, now: datetime) -> datetime | None:
    """The earliest date of the pages that *page* lists: of publication, else of change. Raises ParseError."""
    if is_feed(page):
        return None
    listed = read_sitemap(page)
    dates = (instant(next(iter(one.dates), None) or one.updated, now=now) for one in listed)
    return min((date for date in dates if date), default=None)


def instant(text: str | None, *, now: datetime) -> datetime | None:
    """The instant of a lastmod: ISO 8601 at once, what else publishers write by the reader of dates."""
    if not text:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        parsed = parse_date(text, now=now)
        return parsed.value if parsed and parsed.value.year >= FIRST_YEAR else None
    if value.year < FIRST_YEAR:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def exact(text: str | None) -> datetime | None:
    """The instant of a text in ISO 8601 with a time and its zone, in UTC; None for anything else."""
    try:
        value = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return value.astimezone(UTC) if value.tzinfo else None


def _raw_entry(url: Any) -> RawEntry:
    fields = _fields(url)
    links = (fields["loc"],) if "loc" in fields else ()
    news = child(url, "news") if "news" in fields else None
    if news is None:
        return RawEntry(links=links, updated=fields.get("lastmod"))
    publication, told = child(news, "publication"), _fields(news)
    return RawEntry(
        links=links,
        title=told.get("title"),
        tags=tuple(word for word in told.get("keywords", "").split(",") if word.strip()),
        dates=(told.get("publication_date"),),
        updated=fields.get("lastmod"),
        language=_fields(publication).get("language") if publication is not None else None,
    )


def _fields(element: Any) -> dict[str, str]:
    """The texts of the children by local name, the first of each; one pass, because a list has 50,000 elements."""
    found: dict[str, str] = {}
    for field in element:
        name = _name(field.tag)
        if name and name not in found and ((text := (field.text or "").strip()) or len(field)):
            found[name] = text or _around_comments(field)
    return found


@lru_cache(maxsize=256)  # a list of 50,000 pages has five tags
def _name(tag: object) -> str:
    """In lower case, without namespace or prefix; empty for a comment, whose tag is no string."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _around_comments(field: Any) -> str:
    return "".join(inner.tail or "" for inner in field if not _name(inner.tag)).strip()
