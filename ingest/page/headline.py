"""The headline of the page's article: which of the names that a page gives itself is one, without the site's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ingest.page.jsonld import Node, node_text
from ingest.page.metas import Metas
from ingest.text.cleaning import fold, plain_text
from ingest.text.urls import host_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_TITLE: Final = 500
MIN_HEAD_CHARS: Final = 12  # of a heading that is believed inside of a longer title
_SEPARATOR: Final = re.compile(r"\s+(?:[|•·–—»›:_-]|::|//)\s+|\s*[｜|]\s*|\s+[-–—|]\s*|\s*[_：]\s*")
_BEHIND: Final = re.compile(rf"(?:{_SEPARATOR.pattern}|\s*\((?:Published|Updated|Posted)\b).*", re.DOTALL)
_BEFORE: Final = re.compile(r".{1,40}?(?:\s+[|｜]|\s*｜|\s+::)\s*", re.DOTALL)  # `Opinion | `
_YEAR: Final = re.compile(r"\s*\((?:Published|Updated|Posted) (?:19|20)\d\d\)$")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_NAME_PARTS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a page, and the entry that led to it, call the article; cleaned, None where there is nothing."""

    stated: str | None  # headline in JSON-LD
    named: str | None  # name in JSON-LD
    shared: str | None  # og:title and its like
    heads: tuple[str, ...]  # h1, in order
    window: str | None
    entry: str | None
    sites: frozenset[str]  # keys of what the site calls itself

    def shown(self) -> tuple[str, ...]:
        """All that is not the site's name, but JSON-LD's."""
        said = (self.entry, *self.heads, self.shared, self.window)
        return tuple(name for name in said if name and key(name) not in self.sites)


def shown_names(tree: HtmlElement, metas: Metas, entry_title: str | None) -> tuple[str, ...]:
    """What *tree* and the entry call the article, for all to see: h1, og:title, the window's title, the entry's."""
    heads = [fold(h1.text_content()) for h1 in tree.iter("h1")]
    window = next((fold(title.text_content()) for title in tree.iter("title")), None)
    return tuple(filter(None, (entry_title, metas.get("og:title"), window, *heads[:1])))


def read_names(tree: HtmlElement, metas: Metas, article: Node, url: str, entry_title: str | None) -> Names:
    """The names that *tree*, the page at *url*, gives its article."""
    heads = tuple(text for h1 in tree.iter("h1") if (text := fold(h1.text_content())))
    window = next((title.text_content() for title in tree.iter("title")), None)
    publisher = article.get("publisher")
    own = (
        metas.get("og:site_name"),
        metas.get("application-name"),
        node_text(publisher.get("name")) if isinstance(publisher, dict) else None,
        host_of(url).removeprefix("www."),
        host_of(url).removeprefix("www.").rpartition(".")[0],
    )
    return Names(
        stated=plain_text(node_text(article.get("headline")), limit=MAX_TITLE),
        named=plain_text(node_text(article.get("name")), limit=MAX_TITLE),
        shared=plain_text(metas.get("og:title", "twitter:title", "dc.title"), limit=MAX_TITLE),
        heads=heads,
        window=plain_text(window, limit=MAX_TITLE),
        entry=entry_title,
        sites=frozenset(key(name) for name in own if name and key(name)),
    )


def read_title(names: Names) -> str | None:
    """The headline as readers see it, without the site's name: the name that the page and its entry share, JSON-LD's,
    og:title, the only h1 or the entry's. What JSON-LD says alone, against all that readers see, is none.
    """
    single = names.heads[0] if len(names.heads) == 1 else None
    candidates = (_of_entry(names), _stated(names), names.shared, single, names.entry, names.window)
    for raw in (*candidates, *names.heads):
        title = _without_site(raw, names) if raw else None
        if title and key(title) not in names.sites:
            return title
    return None


def _of_entry(names: Names) -> str | None:
    """The name that the entry and the page both give the article, as the page spells it."""
    found = (names.stated, names.shared, *names.heads, names.window)
    return next((name for name in found if _are_one(name, names.entry, names)), None)


def _are_one(name: str | None, other: str | None, names: Names) -> bool:
    return bool(name and other and key(_without_site(name, names)) == key(_without_site(other, names)) != "")


def _stated(names: Names) -> str | None:
    """JSON-LD's headline, if it is the article's: a tagline has no word in common with what readers see, and differs
    from the name beside it, which they do see.
    """
    if not names.stated or not (shown := names.shown()):
        return names.stated
    seen = {key(_without_site(name, names)) for name in shown}
    if key(names.stated) in seen:
        return names.stated
    if names.named and key(names.named) in seen:
        return names.named
    words = {word for name in shown for word in _words(name)}
    agreed = len(shown) > 1 and len(seen) < len(shown)  # two of them say the same
    return names.stated if not agreed or not words or _words(names.stated) & words else None


def _words(text: str) -> frozenset[str]:
    return frozenset(_LONG_WORD.findall(text.casefold()))


def _without_site(title: str, names: Names) -> str:
    """`Storm hits | The Daily` is `Storm hits` on the site called The Daily, or under a heading that says just that."""
    for head in names.heads:
        if len(head) >= MIN_HEAD_CHARS and key(head) not in names.sites and _is_framed(title, head):
            return head
    for found in reversed(list(_SEPARATOR.finditer(title))):
        if key(title[found.end() :]) in names.sites and title[: found.start()].strip():
            return _YEAR.sub("", title[: found.start()].strip())
        if key(title[: found.start()]) in names.sites and title[found.end() :].strip():
            return title[found.end() :].strip()
    return _YEAR.sub("", title)


def _is_framed(title: str, head: str) -> bool:
    """True if *head* is *title* but for a site or a year behind it, or a section before it."""
    before, found, behind = title.partition(head)
    return bool(
        found
        and (not before or _BEFORE.fullmatch(before))
        and (not behind.strip() or _BEHIND.fullmatch(behind))
        and (before or behind)
    )


def key(text: str) -> str:
    """Letters and digits alone, in small letters, without an article: `The Daily` is `daily`."""
    folded = text.strip().casefold().removeprefix("the ")
    return _NAME_PARTS.sub("", folded)
