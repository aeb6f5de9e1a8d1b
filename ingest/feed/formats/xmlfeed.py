"""RSS, Atom and similar XML, as feedparser reads it, well-formed or not.

We do what feedparser gets wrong: the encoding is decided before (document.py), broken entries are repaired, invalid
links are left out. A broken entry costs at most itself, never the feed. The reasons are in docs/decisions/feeds.md.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any, Final

from ingest.errors import ParseError
from ingest.feed.formats.document import Document
from ingest.feed.formats.kind import FeedHead, FeedKind
from ingest.feed.formats.mending import count_entries, mend, mend_markup, mend_references
from ingest.feed.formats.rawentry import MAX_GUID, RawEntry, shortened
from ingest.feed.formats.xmlbase import with_absolute_links
from ingest.feed.formats.xmltree import child, child_text, local_name, root_of
from ingest.text.cleaning import fold
from ingest.text.urls import is_web

HEAD: Final = 2_000  # characters that show what kind of document it is
ROOTS: Final = {"rss": "RSS", "rdf": "RSS 1.0", "feed": "Atom"}
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
# Not legal in XML 1.0, and one of them sends feedparser to its slow, loose parser.
_CONTROLS: Final = dict.fromkeys({*range(0x20), 0xFFFE, 0xFFFF} - {0x09, 0x0A, 0x0D})
# What a picture shows: feedparser takes it for the entry's summary, or for its content.
_CAPTION: Final = re.compile(r"<media:description\b[^>]*?(?:/>|>.*?</media:description\s*>)", re.DOTALL)
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")


def _read(document: Document) -> tuple[str | None, list[RawEntry]]:
    parsed = _parsed(with_absolute_links(_readable(document.text), document.url))
    if not parsed.entries and not parsed.get("version"):
        raise ParseError(document.url, f"no feed but {_looks_like(document.text[:HEAD])}")
    return parsed.feed.get("language"), [_raw_entry(item) for item in parsed.entries]


def _head(document: Document) -> FeedHead | None:
    root = root_of(document.text)
    kind = ROOTS.get(local_name(root).lower()) if root is not None else None
    if kind is None:
        return None
    channel = child(root, "channel")
    channel = root if channel is None else channel
    title = child_text(channel, "title") or child_text(channel, "name")
    language = child_text(channel, "language") or channel.get(LANGUAGE) or root.get(LANGUAGE)
    return FeedHead(kind=kind, title=title, language=language)


def _parsed(text: str) -> Any:
    """feedparser's reading of *text*. What is not XML gets its bare & mended, of which the loose parser would make
    references (`Q&A` becomes `Q&A;`), and its entries if one broke it and took others with it.
    """
    parsed = _feedparsed(text)
    if parsed.get("bozo"):
        text = mend_markup(text)
        parsed = _feedparsed(text)
    if parsed.get("bozo") and len(parsed.entries) < count_entries(text) and (mended := mend(text)):
        again = _feedparsed(mended)
        return again if len(again.entries) > len(parsed.entries) else parsed
    return parsed


def _feedparsed(text: str) -> Any:
    """Without a base URL, because feedparser would resolve guids against it too, and a guid must not change with the
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
    """*text* without characters that XML forbids.

    feedparser follows RFC 3023, by which a wrong header spoils a good feed; so it gets UTF-8, declared as such.
    """
    return mend_references(_CAPTION.sub("", text.lstrip().translate(_CONTROLS)))


def _looks_like(head: str) -> str:
    """A phrase for people: what the document is instead of a feed."""
    low = head.lower()
    if not head:
        return "an empty document"
    if low.startswith("["):
        return "JSON"
    if "<!doctype html" in low or "<html" in low:
        title = re.search(r"<title[^>]*>([^<]*)", head, re.IGNORECASE)
        return f"an HTML page titled {fold(title[1])!r}" if title and title[1].strip() else "an HTML page"
    return f"a document that begins with {fold(head[:40])!r}"


def _raw_entry(item: Any) -> RawEntry:
    """feedparser's entry."""
    guid = _own(item, "id")
    return RawEntry(
        guid=guid,
        links=tuple(_links(item, shortened(guid, MAX_GUID))),
        title=_own(item, "title"),
        summary=_summary(item),
        authors=tuple(_authors(item)),
        tags=tuple(tag.get("label") or tag.get("term") for tag in _own(item, "tags") or ()),
        dates=tuple(_own(item, name) for name in ("published", "created", "updated")),
        updated=_own(item, "updated"),
        language=_own(item, "language"),
        source=_source(item),
    )


def _own(item: Any, name: str) -> Any:
    """The field itself: FeedParserDict would return `published` for a missing `updated`, and more of that kind."""
    return dict.get(item, name)


def _links(item: Any, guid: str | None) -> Iterable[str]:
    """Where the entry's page may be: FeedBurner's original, the alternate link, then a guid that is a URL."""
    links = [link for link in _own(item, "links") or () if link.get("rel", "alternate") == "alternate"]
    html = [link.get("href") for link in links if link.get("type") in _HTML_TYPES]
    own = _own(item, "link")
    own = None if own and guid and _own(item, "guidislink") and not is_web(guid) else own
    permalink = guid if guid and is_web(guid) and _own(item, "guidislink") is not False else None
    found = (_own(item, "feedburner_origlink"), own, *html, *(link.get("href") for link in links), permalink)
    return filter(None, found)


def _summary(item: Any) -> str | None:
    contents = _own(item, "content") or ()
    return _own(item, "summary") or next((content.get("value") for content in contents if content.get("value")), None)


def _source(item: Any) -> tuple[str | None, str | None]:
    """Name and address in RSS's <source>; Atom's is the head of another feed, with many links."""
    source = _own(item, "source")
    return (_own(source, "title"), _own(source, "href")) if isinstance(source, dict) else (None, None)


def _authors(item: Any) -> Iterable[str | None]:
    people = [person.get("name") or person.get("email") for person in _own(item, "authors") or ()]
    return people if any(people) else (_own(item, "author"),)


XML_FEED: Final = FeedKind(
    name="RSS or Atom",
    recognises=lambda document: (document.root or "").lower() in ROOTS,
    read=_read,
    head=_head,
    accept=("application/rss+xml", "application/atom+xml", "application/xml;q=0.9", "text/xml;q=0.9"),
    link_types=("rss", "atom", "rdf"),
    usual_places=(
        "/feed/",
        "/rss",
        "/rss.xml",
        "/feed.xml",
        "/atom.xml",
        "/index.xml",
        "/feeds",
        "/rss/all.xml",
        "/rss/news.xml",
        "/news/rss.xml",
    ),  # WordPress answers at /feed/, many sites at one of the others
)
