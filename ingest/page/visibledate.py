"""The day that a page shows its readers: in its address, or in a line near its headline.

For pages that say it nowhere else. Never the first of January, which is how templates write a bare year, never a
footer's, and never one in prose, which is the day of what happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from ingest.dates.parse import ParsedDate
from ingest.text.cleaning import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

ReadDate = Callable[[str | None], ParsedDate | None]

MAX_LINE_CHARS: Final = 140  # a longer line is prose
MAX_RAW_CHARS: Final = 1_000  # of a line with its white space
MAX_AFTER, MAX_BEFORE = 40, 12  # lines that are looked at behind and before the headline
_IN_PATH: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[/_.-]?)(?P<month>0[1-9]|1[0-2]|(?<=\D)[1-9])(?P=mark)"
    r"(?P<day>0[1-9]|[12]\d|3[01]|(?<=\D)[1-9])(?!\d)"
    r"|(?<!\d)(?P<day2>0[1-9]|[12]\d|3[01])[_.-](?P<month2>0[1-9]|1[0-2])[_.-](?P<year2>(?:19|20)\d\d)(?!\d)"
)
_WORD: Final = r"[^\W\d_]+[.,]?"
_PRINTED: Final = re.compile(
    r"(?<!\d)\d{1,2}\.\s?\d{1,2}\.\s?\d{4}(?!\d)|(?<!\d)\d{1,2}[/-]\d{1,2}[/-]\d{4}(?!\d)"
    r"|(?<!\d)\d{4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,2}(?!\d)|\d{2,4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:(?:de|of)\s+)?{_WORD}(?:\s{_WORD})?[\s-]+(?:(?:de|del)\s+)?\d{{4}}(?!\d)"
    rf"|{_WORD}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}(?!\d)"
)
_NAMED: Final = re.compile(r"date|datum|fecha|data\b|publi|posted|time|byline|meta|info|stand|kicker|dachzeile", re.I)
_ASIDE: Final = frozenset({"footer", "nav", "aside", "script", "style", "noscript", "template", "form", "select"})
_ASIDE_NAME: Final = re.compile(
    r"foot|sidebar|related|recommend|teaser|popular|archive|calendar|event|menu|widget|copyright|most[-_]read", re.I
)
_NO_DATE: Final = re.compile(r"©|copyright|\(c\)", re.I)


def day_in_address(url: str) -> date | None:
    """The day in the path of *url*, `/2026/11/16/` or `…-16-11-2026`; None if there is none, or two."""
    found = {day for match in _IN_PATH.finditer(unquote(urlsplit(url).path)) if (day := _day(match))}
    return found.pop() if len(found) == 1 else None


def shown_day(tree: HtmlElement, heading: HtmlElement | None, read: ReadDate) -> tuple[ParsedDate, str] | None:
    """The day near *heading*, the page's own, and how it is printed there; None if no line near it is dated."""
    lines = list(_lines(tree))
    at = next((at for at, (node, _) in enumerate(lines) if _is_within(node, heading)), 0)
    behind, before = lines[at : at + MAX_AFTER], lines[max(0, at - MAX_BEFORE) : at][::-1]
    named = [line for line in (*behind, *before) if _names(line[0], _NAMED)]
    for _, text in (*named, *behind, *before):
        for match in _PRINTED.finditer(text):
            parsed = read(match[0])
            if parsed and (parsed.day.month, parsed.day.day) != (1, 1):
                return parsed, match[0]
    return None


def _lines(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """The short texts of *tree* in order, each with its element; not those of footers, menus and sidebars."""
    aside: set[HtmlElement] = set()
    for node in tree.iter():
        if not isinstance(node.tag, str) or node.getparent() in aside or _is_aside(node):
            aside.add(node)
            continue
        for text in (node.text, *(child.tail for child in node)):
            line = fold(text) if text and len(text) <= MAX_RAW_CHARS else ""
            if line and len(line) <= MAX_LINE_CHARS and not _NO_DATE.search(line):
                yield node, line


def _is_aside(node: HtmlElement) -> bool:
    return node.tag in _ASIDE or (node.tag not in ("html", "body") and _names(node, _ASIDE_NAME))


def _names(node: HtmlElement, words: re.Pattern[str]) -> bool:
    return bool(words.search(f"{node.get('class') or ''} {node.get('id') or ''} {node.get('itemprop') or ''}"))


def _is_within(node: HtmlElement, heading: HtmlElement | None) -> bool:
    return heading is not None and (node is heading or any(one is heading for one in node.iterancestors()))


def _day(match: re.Match[str]) -> date | None:
    part = match.groupdict()
    try:
        return date(*(int(part[name] or part[f"{name}2"] or 0) for name in ("year", "month", "day")))
    except ValueError:  # 31 February
        return None
