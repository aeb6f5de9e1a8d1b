"""One feed document in, its entries out, in feed order: RSS, Atom, JSON Feed or a news sitemap, told by its content.

feedparser reads the XML of feeds, well-formed or not; what it gets wrong is done here: the encoding (charset.py), dates
(dates.py), relative and pretended links, titles with markup. A broken entry costs itself at most, never the feed.
"""

from __future__ import annotations

import gzip
import io
import logging
import re
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from ingest.errors import ParseError, SitemapIndex
from ingest.feed.guids import kept_apart
from ingest.feed.jsonfeed import read_json_feed
from ingest.feed.mending import count_entries, mend, mend_references
from ingest.feed.rawentry import Draft
from ingest.feed.sitemap import read_index, read_news, sitemap_root
from ingest.records import Entry, Feed, Page, digest
from ingest.text import charset
from ingest.text.aggregators import article_link
from ingest.text.cleaning import fold, plain_text
from ingest.text.dates import ParsedDate, parse_date
from ingest.text.tags import primary_tag
from ingest.text.urls import entry_key

log = logging.getLogger(__name__)

HEAD: Final = 2_000  # characters that say what a document is
MAX_ENTRIES: Final = 5_000  # The longest of 98 real feeds has 338; 5,000 small ones cost a second of CPU
MAX_BYTES: Final = 64_000_000  # after gunzip here; the fetcher's own cap comes first
MAX_TITLE, MAX_SUMMARY, MAX_NAME, MAX_GUID, MAX_URL = 500, 2_000, 200, 1_000, 4_000
MAX_NAMES: Final = 50  # authors or tags of one entry
# Not legal in XML 1.0, and one of them sends feedparser to its slow, loose parser.
_CONTROLS: Final = dict.fromkeys({*range(0x20), 0xFFFE, 0xFFFF} - {0x09, 0x0A, 0x0D})
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")


def parse_feed(page: Page, feed: Feed, *, now: datetime) -> list[Entry]:
    """The entries of *page* in feed order, at most 5,000. A date ahead of *now* by more than a day is not
    believed: it is None, the raw string stays.

    Raises SitemapIndex for a list of sitemaps, ParseError if the document is no feed; a feed without entries is an
    empty list.
    """
    body = gunzipped(page)
    try:
        language, drafts = _read(body, page)
    except ParseError:
        raise
    except Exception as error:  # whatever a library makes of it: one document must not end its shard
        log.exception("the parser broke feed=%s url=%s fetch_id=%s", feed.id, page.final_url, page.fetch_id)
        raise ParseError(page.final_url, f"the parser broke on it ({type(error).__name__}: {error})") from error
    language = primary_tag(feed.language) or primary_tag(language)
    entries = [_entry(draft, page.final_url, feed, language, now) for draft in drafts[:MAX_ENTRIES]]
    return kept_apart(entries)


def _read(body: bytes, page: Page) -> tuple[str | None, list[Draft]]:
    """(language, entries as written) by what the document is, whatever it is called. Raises ParseError."""
    text = charset.decode(body, page.headers).lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return _json_feed(text, page)
    root = sitemap_root(text)
    if root == "sitemapindex":
        raise SitemapIndex(page.final_url, read_index(text))
    if root == "urlset":
        if news := read_news(text):
            return None, news
        raise ParseError(page.final_url, "a sitemap that lists no news: its pages have no news: element")
    head, text = text[:HEAD], _readable(text)  # one copy of a document of many megabytes at a time
    parsed = _parsed(text)
    if not parsed.entries and not parsed.get("version"):
        raise ParseError(page.final_url, f"no feed but {_looks_like(head)}")
    return parsed.feed.get("language"), [_draft(item) for item in parsed.entries[:MAX_ENTRIES]]


def _json_feed(text: str, page: Page) -> tuple[str | None, list[Draft]]:
    try:
        found = read_json_feed(text)
    except ValueError as error:
        raise ParseError(page.final_url, f"broken JSON ({error})") from error
    if found is None:
        raise ParseError(page.final_url, "JSON, but no JSON Feed")
    return found


def _parsed(text: str) -> Any:
    """feedparser's reading of *text*; mended first if an entry broke the XML and took others with it."""
    parsed = _feedparsed(text)
    if parsed.get("bozo") and len(parsed.entries) < min(count_entries(text), MAX_ENTRIES) and (mended := mend(text)):
        again = _feedparsed(mended)
        return again if len(again.entries) > len(parsed.entries) else parsed
    return parsed


def _feedparsed(text: str) -> Any:
    """No base URL is given: feedparser would resolve guids against it too, and a guid must not change with the
    feed's URL.
    """
    import feedparser

    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _readable(text: str) -> str:
    """*text* without what XML forbids.

    feedparser follows RFC 3023, whose rules let a wrong header spoil a good feed, so it is told UTF-8 and gets UTF-8.
    """
    return mend_references(text.lstrip().translate(_CONTROLS))


def gunzipped(page: Page) -> bytes:
    """The body; decompressed if the server sent a .gz file as it lies on its disk."""
    if not page.body.startswith(b"\x1f\x8b"):
        return page.body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(page.body)) as file:
            return file.read(MAX_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(page.final_url, f"a broken gzip file ({error})") from error


def _looks_like(head: str) -> str:
    """What the document is instead of a feed, for people."""
    low = head.lower()
    if not head:
        return "an empty document"
    if low.startswith("["):
        return "JSON"
    if "<!doctype html" in low or "<html" in low:
        title = re.search(r"<title[^>]*>([^<]*)", head, re.IGNORECASE)
        return f"an HTML page titled {fold(title[1])!r}" if title and title[1].strip() else "an HTML page"
    return f"a document that begins with {fold(head[:40])!r}"


def _draft(item: Any) -> Draft:
    """feedparser's entry."""
    guid = _own(item, "id")
    return Draft(
        guid=guid,
        links=tuple(_links(item, _short(guid, MAX_GUID))),
        title=_own(item, "title"),
        summary=_summary(item),
        authors=tuple(_authors(item)),
        tags=tuple(tag.get("label") or tag.get("term") for tag in _own(item, "tags") or ()),
        dates=tuple(_own(item, name) for name in ("published", "created", "updated")),
        updated=_own(item, "updated"),
        language=_own(item, "language"),
        source=_source(item),
    )


def _entry(draft: Draft, base: str, feed: Feed, language: str | None, now: datetime) -> Entry:
    guid = _short(draft.guid, MAX_GUID)
    link = next((url for candidate in draft.links if (url := _absolute(candidate, base))), None)
    link = _absolute(article_link(link, draft.summary), base) if link else None
    title = plain_text(draft.title, limit=MAX_TITLE)
    raw, published = _published(draft, now)
    summary = plain_text(draft.summary, limit=MAX_SUMMARY)
    return Entry(
        entry_key=_key(link, feed.id, guid, title or summary),
        feed_id=feed.id,
        guid=guid,
        link=link,
        title=title,
        summary=summary,
        authors=_names(draft.authors),
        tags=_names(draft.tags),
        published_at=published.value if published else None,
        published_raw=raw,
        updated_at=_instant(_short(draft.updated, MAX_NAME), now),
        language=primary_tag(draft.language) or language,
        source_name=plain_text(draft.source[0], limit=MAX_NAME),
        source_url=_absolute(draft.source[1], base),
    )


def _key(link: str | None, feed_id: str, guid: str | None, words: str | None) -> str:
    """An entry without link and guid is known by its title."""
    return entry_key(link, feed_id, guid or f"title:{digest(words or '')}")


def _own(item: Any, name: str) -> Any:
    """The field itself: FeedParserDict answers `updated` with `published` and more such kindness."""
    return dict.get(item, name)


def _short(value: str | None, limit: int) -> str | None:
    return fold(value)[:limit] or None if value else None


def _links(item: Any, guid: str | None) -> Iterable[str]:
    """Where the entry's page may be: FeedBurner's original, the alternate link, then a guid that is a URL."""
    links = [link for link in _own(item, "links") or () if link.get("rel", "alternate") == "alternate"]
    html = [link.get("href") for link in links if link.get("type") in _HTML_TYPES]
    own = _own(item, "link")
    own = None if own and guid and _own(item, "guidislink") and not _is_web(guid) else own
    permalink = guid if guid and _is_web(guid) and _own(item, "guidislink") is not False else None
    found = (_own(item, "feedburner_origlink"), own, *html, *(link.get("href") for link in links), permalink)
    return filter(None, found)


def _absolute(link: str | None, base: str) -> str | None:
    """An http(s) URL without surrounding or inner whitespace, resolved against the feed's; None if it is none."""
    text = re.sub(r"[\r\n\t]", "", link or "").strip().replace(" ", "%20")
    if not text or len(text) > MAX_URL:
        return None
    if text.startswith(f"{urlsplit(base).hostname}/"):  # a scheme forgotten, not a folder called like the site
        text = f"//{text}"
    try:
        url = urljoin(base, text)
        return url if _is_web(url) and urlsplit(url).hostname else None
    except ValueError:  # a bracket that opens no IPv6 address
        return None


def _is_web(url: str) -> bool:
    return url[:8].lower().startswith(("http://", "https://"))


def _published(draft: Draft, now: datetime) -> tuple[str | None, ParsedDate | None]:
    """(raw, date) of the first date that can be believed; else the first raw string that there is."""
    raws = [raw for date in draft.dates if (raw := _short(date, MAX_NAME))]
    for raw in raws:
        if date := parse_date(raw, now=now):
            return raw, date
    return (raws[0] if raws else None), None


def _instant(raw: str | None, now: datetime) -> datetime | None:
    date = parse_date(raw, now=now)
    return date.value if date else None


def _summary(item: Any) -> str | None:
    contents = _own(item, "content") or ()
    return _own(item, "summary") or next((content.get("value") for content in contents if content.get("value")), None)


def _source(item: Any) -> tuple[str | None, str | None]:
    """Of RSS; Atom's <source> is the head of another feed, whose links are many."""
    source = _own(item, "source")
    return (_own(source, "title"), _own(source, "href")) if isinstance(source, dict) else (None, None)


def _authors(item: Any) -> Iterable[str | None]:
    people = [person.get("name") or person.get("email") for person in _own(item, "authors") or ()]
    return people if any(people) else (_own(item, "author"),)


def _names(values: Iterable[str | None]) -> tuple[str, ...]:
    """Plain, without repeats, in order."""
    cleaned = (plain_text(value, limit=MAX_NAME) for value in values)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:MAX_NAMES]
