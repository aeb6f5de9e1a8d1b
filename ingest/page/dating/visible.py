"""The day that a page shows its readers in a line near its headline.

For pages that say it nowhere else. Never the first of January, which is how templates write a bare year, never a
footer's, and never one in prose, which is the day of what happened; only a text that begins with a day is dated by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from ingest.dates.parse import ParsedDate
from ingest.page.dating.beside import is_beside, says_when
from ingest.page.dating.claims import ReadDate
from ingest.text.cleaning import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Shown = tuple[ParsedDate, str]  # the day, and how it is printed

MAX_LINE_CHARS: Final = 140  # a longer line is prose
MAX_RAW_CHARS: Final = 1_000  # of a line with its white space
MAX_AFTER, MAX_BEFORE = 40, 12  # lines that are looked at behind and before the headline
# Characters beside the day. Of htmldate's pages 4 of 8 longer lines were right, and 129 of 137 shorter ones.
MAX_BESIDE: Final = 45
MAX_BESIDE_IN_TEXT: Final = 20  # behind the first paragraph: `Stand: `, and no short sentence
STANDFIRST: Final = 1  # long paragraphs before the text begins
_WORD: Final = r"[^\W\d_]+[.,]?"
_PRINTED: Final = re.compile(
    r"(?<!\d)\d{1,2}\.\s?\d{1,2}\.\s?\d{4}(?!\d)|(?<!\d)\d{1,2}[/-]\d{1,2}[/-]\d{4}(?!\d)"
    r"|(?<!\d)\d{4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,2}(?!\d)|\d{2,4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:(?:de|of)\s+)?{_WORD}(?:\s{_WORD})?[\s-]+(?:(?:de|del)\s+)?\d{{4}}(?!\d)"
    rf"|{_WORD}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}(?!\d)"
)
_OPENING: Final = re.compile(  # `27.1.2022 - `, `Berlin, 5. März 2026 – `
    rf"(?:[^\W\d_][\w ./-]{{1,40}},?\s)?(?:(?:den|am)\s)?(?P<day>{_PRINTED.pattern})\s?[-–—:|]"
)
_SENTENCE: Final = re.compile(r"(?:[^\W\d_]+[,;]?\s){3,}.*[.!?]$", re.DOTALL)  # `The regatta is on 5 December 2026.`
_NO_DATE: Final = re.compile(r"©|copyright|\(c\)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    node: HtmlElement
    text: str
    in_text: bool  # behind the headline, the standfirst and the first paragraph

    def beside(self) -> int:
        """How many characters may stand beside a day."""
        if says_when(self.node):
            return MAX_LINE_CHARS
        return MAX_BESIDE_IN_TEXT if self.in_text else MAX_BESIDE


def shown_day(tree: HtmlElement, heading: HtmlElement | None, read: ReadDate) -> Shown | None:
    """The day near *heading*, the page's own, and how it is printed there; None if no line near it is dated."""
    lines = list(_lines(tree, heading))
    at = next((at for at, line in enumerate(lines) if _is_within(line.node, heading)), 0)
    behind, before = lines[at : at + MAX_AFTER], lines[max(0, at - MAX_BEFORE) : at][::-1]
    named = [line for line in (*behind, *before) if says_when(line.node)]
    for line in (*named, *behind, *before):
        if found := printed_day(line.text, read, beside=line.beside()):
            return found
    return _opening_day(tree, heading, read)


def printed_day(text: str, read: ReadDate, *, beside: int) -> Shown | None:
    """The day that *text* prints with at most *beside* characters around it; never the first of January."""
    for match in _PRINTED.finditer(text):
        day = read(match[0])
        near = len(text) - len(match[0]) <= beside or match.start() == 0
        near = near and not _SENTENCE.match(text)
        if day and near and (day.day.month, day.day.day) != (1, 1):
            return day, match[0]
    return None


def _opening_day(tree: HtmlElement, heading: HtmlElement | None, read: ReadDate) -> Shown | None:
    """The day that the first paragraph of the text begins with."""
    nodes = tree.iter("p", "div") if heading is None else _behind(heading)
    for node in nodes:
        text = fold(node.text or "")[:MAX_LINE_CHARS]
        if len(text) >= MAX_LINE_CHARS:
            match = _OPENING.match(text)
            day = read(match["day"]) if match else None
            return (day, match["day"]) if match and day else None
    return None


def _behind(heading: HtmlElement) -> Iterator[HtmlElement]:
    for node in (heading, *heading.iterancestors()):
        for sibling in node.itersiblings():
            yield from sibling.iter("p", "div")


def _lines(tree: HtmlElement, heading: HtmlElement | None) -> Iterator[_Line]:
    """The short texts of *tree* in order; not those of footers, menus and sidebars."""
    holding = {heading, *heading.iterancestors()} if heading is not None else set()
    aside: set[HtmlElement] = set()
    met, paragraphs = heading is None, 0
    for node in tree.iter():
        met = met or node is heading
        if not isinstance(node.tag, str) or node.getparent() in aside or (node not in holding and is_beside(node)):
            aside.add(node)
            continue
        for text in (node.text, *(child.tail for child in node)):
            line = fold(text[:MAX_RAW_CHARS]) if text else ""
            if 0 < len(line) <= MAX_LINE_CHARS and not _NO_DATE.search(line):
                yield _Line(node=node, text=line, in_text=paragraphs > STANDFIRST)
            paragraphs += met and len(line) > MAX_LINE_CHARS


def _is_within(node: HtmlElement, heading: HtmlElement | None) -> bool:
    return heading is not None and (node is heading or any(one is heading for one in node.iterancestors()))


def is_another_day(day: date, other: date) -> bool:
    """True if no zone makes *day* the same as *other*."""
    return abs(day - other).days > 1
