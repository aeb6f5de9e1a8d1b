"""What a feed document says of itself: its kind, its title and its language. parse.py reads its entries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from ingest.feed.parse import MAX_TITLE, gunzipped
from ingest.records import Page
from ingest.text import charset
from ingest.text.cleaning import plain_text
from ingest.text.tags import primary_tag

KINDS: Final = {
    "rss": "RSS",
    "rdf": "RSS 1.0",
    "feed": "Atom",
    "urlset": "news sitemap",
    "sitemapindex": "news sitemap index",
}
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """The head of a feed document."""

    kind: str  # RSS, RSS 1.0, Atom, JSON Feed, news sitemap, news sitemap index
    title: str | None
    language: str | None  # primary tag, as declared


def feed_head(page: Page) -> FeedHead | None:
    """The head of *page*; None for what is no feed by its outermost element."""
    text = charset.decode(gunzipped(page), page.headers).lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return _json_head(text)
    root = _root(text)
    kind = KINDS.get(_name(root).lower()) if root is not None else None
    if root is None or kind is None:
        return None
    channel = next((child for child in root if _name(child) == "channel"), root)
    if kind.startswith("news"):
        channel = next((one for one in root.iter() if _name(one) == "publication"), root)
    title = _text(channel, "title") or _text(channel, "name")
    language = _text(channel, "language") or channel.get(LANGUAGE) or root.get(LANGUAGE)
    return FeedHead(kind=kind, title=plain_text(title, limit=MAX_TITLE), language=primary_tag(language))


def _json_head(text: str) -> FeedHead | None:
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    title, language = (data.get(name) if isinstance(data.get(name), str) else None for name in ("title", "language"))
    return FeedHead(kind="JSON Feed", title=plain_text(title, limit=MAX_TITLE), language=primary_tag(language))


def _root(text: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.XMLSyntaxError:  # nothing at all that could be recovered
        return None


def _text(element: Any, name: str) -> str | None:
    child = next((child for child in element if _name(child) == name), None)
    return ("".join(child.itertext()).strip() or None) if child is not None else None


def _name(element: Any) -> str:
    """The local name; a comment's tag is no string."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""
