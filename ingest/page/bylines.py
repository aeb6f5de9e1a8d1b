"""Authors: the raw names of a page's author fields and visible bylines, best source first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ingest.page.jsonld import Node
from ingest.page.metas import Metas
from ingest.page.names import BY_WORDS, without_by
from ingest.text.cleaning import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_AUTHORS: Final = (
    "author",
    "article:author",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "sailthru.author",
    "cxenseparse:author",
    "byl",
    "article:author_name",
)
# The visible byline, where markup says nothing; short texts only: `author` is also the class of biographies.
_CLASS: Final = "contains(concat(' ', normalize-space(@class), ' '), ' {} ')"
_BYLINES: Final = (
    "//*[@itemprop='author']",
    "//a[contains(concat(' ', @rel, ' '), ' author ')]",
    "//a[contains(@href, '/author/') or contains(@href, '/autor/')]",
    "//*[" + " or ".join(_CLASS.format(name) for name in ("byline", "author-name", "authorname", "author_name")) + "]",
    f"//*[{_CLASS.format('author')}]",
)
# Any class with one of these words, but only if the text itself opens like a byline: `von Ann Lee`.
_LOOSE: Final = "//*[contains(@class, 'author') or contains(@class, 'byline') or contains(@class, 'autor')]"
_OPENING: Final = re.compile(rf"^(?:{BY_WORDS})\s+\S", re.IGNORECASE)
_CHARS: Final = 80
_LOOKED_AT: Final = 10  # elements of one kind: more are a list of other articles


def raw_authors(tree: HtmlElement, metas: Metas, article: Node) -> Iterator[list[str]]:
    """Groups of raw names, best source first. Many sites give their own name as the author of everything: that
    comes last.
    """
    sites = {name.casefold() for name in (metas.get("og:site_name"), *_people(article.get("publisher"))) if name}
    stated = [_people(article.get("author")), _people(article.get("creator")), *(metas.all(name) for name in _AUTHORS)]
    for group in stated:
        yield [name for name in group if name.strip().casefold() not in sites]
    for texts in _visible(tree):
        yield [text for text in texts if without_by(text).casefold() not in sites][:3]
    yield from stated


def _visible(tree: HtmlElement) -> Iterator[list[str]]:
    for path in _BYLINES:
        yield _short_texts(tree, path)
    yield [text for text in _short_texts(tree, _LOOSE) if _OPENING.match(text)][:1]


def _short_texts(tree: HtmlElement, path: str) -> list[str]:
    texts = (fold(element.text_content()) for element in tree.xpath(path)[:_LOOKED_AT])
    return [text for text in texts if len(text) <= _CHARS]


def _people(value: Any) -> list[str]:
    """Names in a schema.org value: a string, a Person or Organization, or a list of them."""
    if isinstance(value, list):
        return [name for one in value[:50] for name in _people(one)]
    if isinstance(value, dict):
        return _people(value.get("name")) or _name_parts(value)
    return [value] if isinstance(value, str) else []


def _name_parts(person: Node) -> list[str]:
    """`givenName` and `familyName`, which https://schema.org/Person allows in place of `name`."""
    parts = [person.get(name) for name in ("givenName", "additionalName", "familyName")]
    return [" ".join(said)] if (said := [part for part in parts if isinstance(part, str) and part.strip()]) else []
