"""What of a page stands beside its article: menus, footers, sidebars, comments, lists of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ingest.text.cleaning import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_NOTE_CHARS: Final = 300  # of an element named both an aside and a note about the article, as `teaser__metadata`
_NEVER: Final = frozenset({"footer", "nav", "script", "style", "noscript", "template", "form", "select"})
_NEVER_NAME: Final = re.compile(r"foot|archive|calendar|event|menu|widget|copyright|breadcrumb|comment|komment", re.I)
_COMMENT: Final = re.compile(r"comment|komment", re.I)
_ASIDE_NAME: Final = re.compile(r"^nav|sidebar|related|recommend|teaser|popular|most[-_]read|read[-_]?also", re.I)
_NOTE: Final = re.compile(r"date|datum|fecha|data\b|publi|posted|time|byline|meta|info|stand|kicker|dachzeile", re.I)
_OF_ENTRY: Final = re.compile(
    r"(?:category|tag|tax|type|status|format)-|(?:post|page)-(?:id-)?\d"
)  # what WordPress says of it


def says_when(node: HtmlElement) -> bool:
    """True if the class, id or itemprop of *node* says that it holds a date, or notes about the article."""
    return any(_NOTE.search(token) for token in _tokens(node))


def is_comment(node: HtmlElement) -> bool:
    """True if the class or id of *node* says that readers speak in it."""
    return any(_COMMENT.search(token) for token in _tokens(node))


def is_beside(node: HtmlElement) -> bool:
    """True if *node* belongs to no article, by its tag, class or id; whoever asks leaves out what holds a headline."""
    if node.tag in _NEVER:
        return True
    tokens = _tokens(node)
    if node.tag in ("html", "body") or not (tokens or node.tag == "aside"):
        return False
    if any(_NEVER_NAME.search(token) for token in tokens):
        return True
    aside = node.tag == "aside" or any(_ASIDE_NAME.search(token) for token in tokens)
    return aside and not (says_when(node) and len(fold(node.text_content())) <= MAX_NOTE_CHARS)


def _tokens(node: HtmlElement) -> list[str]:
    if not node.attrib:
        return []
    said = f"{node.get('class') or ''} {node.get('id') or ''} {node.get('itemprop') or ''}"
    return [token for token in said.split() if not _OF_ENTRY.match(token)]
