"""What changed between two texts of an article, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Final, Literal

# Words of both paragraphs together beyond which they are shown as a whole: comparing takes their product.
LONGEST: Final = 4_000
WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")
MOST_PARAGRAPHS: Final = 400  # of each text; the rest is compared as one

Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of words that stayed, came or went."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From one text of an article to the next."""

    seen_at: datetime | None  # when the later text was first captured
    title: Sequence[Run] | None  # None: it stayed
    paragraphs: Sequence[Sequence[Run]]  # changed ones; others are left out
    kept: int  # paragraphs that stayed
    added: int  # words
    removed: int  # words


def changes(before: dict[str, Any], after: dict[str, Any]) -> Change:
    """The change from the row of one revision to that of the next: `text`, `title` and `fetched_at` of both."""
    old, new = _lines(before["text"]), _lines(after["text"])
    paragraphs: list[list[Run]] = []
    kept = 0
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            kept += end - start
        else:
            paragraphs += _compared(old[start:end], new[first:last])
    runs = [run for paragraph in paragraphs for run in paragraph]
    titles = before["title"] or "", after["title"] or ""
    return Change(
        seen_at=after["fetched_at"],
        title=None if titles[0] == titles[1] else list(_words(*titles)),
        paragraphs=paragraphs,
        kept=kept,
        added=sum(len(run.text.split()) for run in runs if run.kind == "added"),
        removed=sum(len(run.text.split()) for run in runs if run.kind == "removed"),
    )


def _lines(text: str | None) -> list[str]:
    lines = [line for line in (text or "").split("\n") if line.strip()]
    return [*lines[:MOST_PARAGRAPHS], *(["\n".join(lines[MOST_PARAGRAPHS:])] if lines[MOST_PARAGRAPHS:] else [])]


def _compared(old: list[str], new: list[str]) -> Iterator[list[Run]]:
    """Paragraphs in their order: those that have a counterpart word by word, the others as a whole."""
    for number in range(max(len(old), len(new))):
        before = old[number] if number < len(old) else ""
        after = new[number] if number < len(new) else ""
        yield list(_words(before, after))


def _words(before: str, after: str) -> Iterator[Run]:
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) + len(new) > LONGEST or not old or not new:
        yield from _both(before, after)
        return
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run(kind="same", text="".join(old[start:end]))
        else:
            yield from _both("".join(old[start:end]), "".join(new[first:last]))


def _both(before: str, after: str) -> Iterator[Run]:
    if before:
        yield Run(kind="removed", text=before)
    if after:
        yield Run(kind="added", text=after)
