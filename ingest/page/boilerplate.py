"""Lines of an extracted text that are not the article's: links to others, newsletters, buttons, picture credits.

A line goes only if it is such a line as a whole, by the phrase that it opens with (data/boilerplate.tsv, some forty
languages), or because it is nothing but a link. Sentences that only mention such things stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from ingest.text.cleaning import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_MORE_CHARS: Final = 220  # of a line that leads to another article
MAX_OFFER_CHARS: Final = 250  # of a line that asks readers to subscribe
MAX_CREDIT_CHARS: Final = 120
MIN_LINK_CHARS: Final = 40  # of a line that is one link: shorter ones are names, chapters, files
MAX_LINKED_SHARE: Final = 0.3  # of a text's characters: where more of them are such lines, the links are the article
NAME_CHARS: Final = 5  # `Lea`, `Lee` and `Mira` are also people who speak in an interview: only a link tells
MIN_NAMED_SHARE: Final = 0.6  # of what stands behind `Read also`, by the text of one link
_ADDRESS: Final = re.compile(r"(?:https?:|www\.)\S+$")  # a source that is printed
_HEAD: Final = r"[\W_]*"


def without_boilerplate(text: str, tree: HtmlElement) -> str:
    """*text*, extracted from *tree*, without the lines that are none of the article's."""
    lines = text.split("\n")
    links = Links(tree)
    kept = _without_leads([line for line in lines if not _is_offer(line)], links)
    linked = [line for line in kept if MIN_LINK_CHARS <= len(line) and links.holds(line) and not _ADDRESS.match(line)]
    if linked and sum(map(len, linked)) < MAX_LINKED_SHARE * len(text):
        kept = [line for line in kept if line not in linked]
    return "\n".join(kept)


class Links:
    """The texts of the links of a tree that lead to other pages; read when first asked for."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._texts: frozenset[str] | None = None

    def holds(self, line: str) -> bool:
        """True if *line* is the text of one."""
        return line in self.texts()

    def name(self, rest: str) -> bool:
        """True if most of *rest* is the text of one."""
        return rest in self.texts() or any(
            text in rest for text in self.texts() if len(text) >= MIN_NAMED_SHARE * len(rest)
        )

    def texts(self) -> frozenset[str]:
        """All of them."""
        if self._texts is None:
            found = (link for link in self._tree.iter("a") if not (link.get("href") or "#").startswith("#"))
            self._texts = frozenset(text for link in found if (text := fold(link.text_content())))
        return self._texts


def _without_leads(lines: list[str], links: Links) -> list[str]:
    """*lines* without `Read also: …`, and without the linked headlines below a bare `Related`."""
    kept: list[str] = []
    listing = False
    for line in lines:
        found = _opening("more").match(line) if len(line) <= MAX_MORE_CHARS else None
        rest = found["rest"].strip(' :：>»→|–—-")') if found else ""
        marked = found is not None and found["mark"].strip() and len(found["phrase"]) > NAME_CHARS
        if found and (not rest or marked or links.name(rest)):
            listing = not rest
            continue
        listing = listing and links.holds(line)
        if not listing:
            kept.append(line)
    return kept


def _is_offer(line: str) -> bool:
    """True for what asks readers to subscribe or to share, and for a picture's credit."""
    if len(line) > MAX_OFFER_CHARS:
        return False
    if _opening("offer").match(line) or (_anywhere("letter").search(line) and _asks(line)):
        return True
    if line.startswith("©") or _whole("share").fullmatch(line):
        return True
    return len(line) <= MAX_CREDIT_CHARS and bool(_credit().match(line))


def _asks(line: str) -> bool:
    """True if *line* asks its reader to join: a sentence about others does not say `you` or `our`."""
    joins = _anywhere("join").search(line)
    return bool(joins) and bool(_opening("join").match(line) or _anywhere("reader").search(line))


@cache
def _phrases() -> dict[str, str]:
    """The phrases of each kind, longest first, as one alternative."""
    by_kind: dict[str, list[str]] = {}
    text = (files("ingest") / "data" / "boilerplate.tsv").read_text("utf-8")
    for line in text.splitlines()[1:]:
        kind, _, phrases = line.split("\t")
        by_kind.setdefault(kind, []).extend(phrases.split(" | "))
    return {
        kind: "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
        for kind, phrases in by_kind.items()
    }


def _compiled(pattern: Callable[[str], str]) -> Callable[[str], re.Pattern[str]]:
    return cache(lambda kind: re.compile(pattern(_phrases()[kind]), re.IGNORECASE))


_opening = _compiled(
    lambda phrases: rf"{_HEAD}(?P<phrase>{phrases})(?P<mark>\s*[:：>»→|–—]|\s*$|(?<![a-zà-ÿ])|\b)(?P<rest>.*)"
)
_anywhere = _compiled(lambda phrases: rf"\b(?:{phrases})\b")
_whole = _compiled(lambda phrases: rf"{_HEAD}(?:\d+\s+)?(?:{phrases})\W*(?:\d+\W*)?")


@cache
def _credit() -> re.Pattern[str]:
    return re.compile(rf"{_HEAD}(?:{_phrases()['credit']})\s*(?:[:/©]|$)", re.IGNORECASE)
