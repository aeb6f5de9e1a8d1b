"""News sitemaps as feeds (https://www.sitemaps.org/protocol.html with Google's news: extension), and their indexes.

Only a page with a news: element is an entry: what else a sitemap lists are sections and old pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ingest.feed.rawentry import Draft

_ROOT: Final = re.compile(r"<(?:[A-Za-z][\w.-]*:)?(urlset|sitemapindex)[\s>]")
_HEAD: Final = 4_000  # characters in which the root stands; comments and a stylesheet come before it
_NO_ROOT: Final = re.compile(r"<(?:!--.*?(?:-->|\Z)|[?!][^>]*>)", re.DOTALL)


def sitemap_root(text: str) -> str | None:
    """`urlset` or `sitemapindex`, if that is the first element of *text*."""
    head = _NO_ROOT.sub("", text[:_HEAD]).lstrip()
    match = _ROOT.match(head)
    return match[1] if match else None


def read_news(text: str) -> list[Draft]:
    """The news entries of a `urlset` in its order, mended if it is broken; empty if it has none."""
    return [_draft(url, news) for url in _children(text, "url") if (news := _child(url, "news")) is not None]


def read_index(text: str) -> list[str]:
    """The sitemaps of a `sitemapindex`, the last changed first, those without lastmod as they stand behind them."""
    listed = ((_text(child, "lastmod") or "", _text(child, "loc")) for child in _children(text, "sitemap"))
    return [loc for _, loc in sorted(listed, key=lambda pair: pair[0], reverse=True) if loc]


def _draft(url: Any, news: Any) -> Draft:
    publication = _child(news, "publication")
    link = _text(url, "loc")
    keywords = (_text(news, "keywords") or "").split(",")
    return Draft(
        links=(link,) if link else (),
        title=_text(news, "title"),
        tags=tuple(word for word in keywords if word.strip()),
        dates=(_text(news, "publication_date"),),
        updated=_text(url, "lastmod"),
        language=_text(publication, "language") if publication is not None else None,
    )


def _children(text: str, name: str) -> Iterator[Any]:
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, encoding="utf-8")
    root = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    return (child for child in (root if root is not None else ()) if _is(child, name))


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if _is(child, name)), None)


def _text(element: Any, name: str) -> str | None:
    child = _child(element, name)
    return ("".join(child.itertext()).strip() or None) if child is not None else None


def _is(element: Any, name: str) -> bool:
    """By local name: publishers spell the namespaces in a dozen ways. A comment's tag is no string."""
    return isinstance(element.tag, str) and element.tag.rpartition("}")[2].rpartition(":")[2] == name
