"""What of a page is not its own article: readers' comments, the articles that follow it. Cut before anything is read.

A comment's date or author is no claim about the article, and its text is not the article's; a page that goes on with
the next article, and the one after that, has the first alone as its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ingest.text.cleaning import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MIN_OWN_CHARS: Final = 200  # of paragraphs that must be left; otherwise what was called a comment is the article
MIN_FOREIGN_CHARS: Final = 200  # of paragraphs in another article; a shorter one is a teaser, which extraction knows
MAX_TIMES: Final = 4  # longer than the own article another is seldom: then the heading was a teaser's
MIN_HEADING_CHARS: Final = 10  # that a heading shares with the page's name
_TOKEN: Final = re.compile(
    r"(?:user|reader|leser|fb|disqus|facebook|article|post|page|block|section|js|c|m|o)?[-_]*"
    r"(?:comments?[-_]?(?:list|section|area|thread|threads|container|wrapper|box|body|item|items|block|form|stream|feed)"
    r"|commentlist|comments|commentaires|kommentare|kommentarer|kommentarbereich|kommentarliste|leserkommentare"
    r"|comentarios|comentários|commenti|reacties|yorumlar|komentarze|komentáře|комментарии|коментарі"
    r"|disqus[-_\w]*|replies|discussion(?:s|[-_](?:list|thread|area))?|respond|livefyre|viafoura|hyvor[-_]talk\w*"
    r"|utterances|giscus|coral[-_](?:talk|thread|stream)\w*)",
    re.IGNORECASE,
)
_HINT: Final = re.compile(  # a quick look, before the words are taken apart
    "comm|comen|komm|komen|replies|respon|dis[cq]|react|yorum|коммен|комен|fyre|foura|hyvor|giscus|utter|coral",
    re.IGNORECASE,
)
_COMMENT_PROPS: Final = frozenset({"comment", "comments"})
_COMMENT_TYPE: Final = re.compile(r"schema\.org/(?:User)?Comments?\b", re.IGNORECASE)
_IDENTITY: Final = ("data-url", "data-href", "data-permalink", "data-article-url", "data-link", "itemid", "about")
_BOXES: Final = (
    "div", "section", "ol", "ul", "li", "article", "aside", "form", "footer", "details", "dl", "dd", "table", "tbody",
    "tr", "td", "main", "blockquote",
)  # fmt: skip
_HEADINGS: Final = ("h1", "h2", "h3")


def cut_foreign(tree: HtmlElement, names: tuple[str, ...]) -> None:
    """Cut readers' comments and other articles out of *tree*, in place. *names* are what the page calls itself."""
    own = own_heading(tree, names)
    cutter = _Cutter(tree, own)
    for node in list(_comments(tree)):
        cutter.cut(node)
    if own is not None:
        for node in list(_other_articles(tree, own)):
            cutter.cut(node)


def own_heading(tree: HtmlElement, names: tuple[str, ...]) -> HtmlElement | None:
    """The heading of the page's own article: the first that *names* say, else the only h1."""
    known = [key for name in names if (key := _key(name))]
    for tag in _HEADINGS[:2]:
        for heading in tree.iter(tag):
            said = _key(heading.text_content())
            if len(said) >= MIN_HEADING_CHARS and any(said in name or name in said for name in known):
                return heading
    heads = list(tree.iter("h1"))
    return heads[0] if len(heads) == 1 else None


def _comments(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Elements whose class, id or type says that readers speak in them."""
    for node in tree.iter(*_BOXES):
        kind, name = node.get("class"), node.get("id")
        if ((kind or name) and _names_comments(kind or "", name or "")) or _is_comment(node):
            yield node


@lru_cache(maxsize=4_096)  # pages, and the pages of a site, repeat their classes
def _names_comments(kind: str, name: str) -> bool:
    named = f"{kind} {name}"
    return bool(_HINT.search(named)) and any(_TOKEN.fullmatch(token) for token in named.split())


def _is_comment(node: HtmlElement) -> bool:
    itemtype = node.get("itemtype")
    return node.get("itemprop") in _COMMENT_PROPS or (itemtype is not None and bool(_COMMENT_TYPE.search(itemtype)))


def _other_articles(tree: HtmlElement, own: HtmlElement) -> Iterator[HtmlElement]:
    """Articles beside the one that *own* heads: `article` elements with a heading of the same rank, and elements of the
    same kind that follow it.
    """
    around = [own, *own.iterancestors()]
    article = next((node for node in around if node.tag == "article"), None)
    if article is not None and (size := _paragraph_chars(article)) >= MIN_OWN_CHARS:
        inside = set(article.iterdescendants("article"))
        yield from (
            node
            for node in tree.iter("article")
            if node not in around
            and node not in inside
            and next(node.iter(str(own.tag)), None) is not None
            and MIN_FOREIGN_CHARS <= _paragraph_chars(node) <= MAX_TIMES * size
        )
    for node in around:
        yield from (other for other in node.itersiblings() if _is_next_of(other, node))


def _is_next_of(other: HtmlElement, own: HtmlElement) -> bool:
    """True if *other*, behind *own*, is built like it and has a heading of its own, or names another address. An
    `article` like the own one may be headed by an h2.
    """
    if not isinstance(other.tag, str):
        return False
    alike = other.tag == own.tag and other.get("class") == own.get("class")
    if alike and own.tag == "article" and _opens_with_heading(other):
        return _is_long(other)
    named = any(other.get(name) and other.get(name) != own.get(name) for name in _IDENTITY)
    headed = ((alike and own.get("class")) or named) and next(other.iter("h1"), None) is not None
    return bool(headed) and _is_long(other)


def _opens_with_heading(node: HtmlElement) -> bool:
    """True if nothing of the text of *node* stands before its first heading."""
    first = next(node.iter("p", *_HEADINGS), None)
    return first is not None and first.tag in _HEADINGS


def _is_long(node: HtmlElement) -> bool:
    return _paragraph_chars(node) >= MIN_FOREIGN_CHARS


class _Cutter:
    """Cuts elements out of a tree as long as enough of its text is left; counts that text once."""

    def __init__(self, tree: HtmlElement, own: HtmlElement | None) -> None:
        self._tree = tree
        self._kept = {own, *own.iterancestors()} if own is not None else set()
        self._chars: int | None = None

    def cut(self, node: HtmlElement) -> None:
        """Cut *node*, unless it is cut already, holds the page's own heading, or is all the text that there is."""
        if node.getparent() is None or node.tag in ("html", "body") or node in self._kept:
            return
        if not any(one is self._tree for one in node.iterancestors()):
            return
        if self._chars is None:
            self._chars = _paragraph_chars(self._tree)
        here = _paragraph_chars(node)
        if self._chars - here >= MIN_OWN_CHARS or not here:
            self._chars -= here
            node.drop_tree()


def _paragraph_chars(node: HtmlElement) -> int:
    return sum(len(fold(paragraph.text_content())) for paragraph in node.iter("p"))


def _key(text: str) -> str:
    """Letters and digits alone, in small letters: headings and titles differ in marks and spaces."""
    return "".join(char for char in text.casefold() if char.isalnum())
