"""A text cut into the pieces that two articles share and those that they do not, paragraph by paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from dedupe.records import Passage, Removed, Why

LONGEST: Final = 12_000  # characters of one piece that are shown; of a longer one the middle is left out

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text without a line break."""

    text: str
    number: int = 0  # of the shared passage, from 1; 0: not shared
    quotation: bool = False  # both sides show it as a quotation
    first: bool = False  # the first piece of its passage
    removed: Why | None = None  # taken out before the texts were compared, and why
    left_out: int = 0  # characters left out here; then there is no text


Paragraph = tuple[Piece, ...]


def reading_order(passages: Iterable[Passage]) -> list[Passage]:
    """As they follow each other in the left text: passage 1 is the first that a reader meets there."""
    return sorted(passages, key=lambda one: (one.left_start, one.right_start))


def paragraphs(text: str, passages: Sequence[Passage], side: Side, removed: Sequence[Removed] = ()) -> list[Paragraph]:
    """The paragraphs of *text* with *passages* marked, numbered as they are handed over, and what was *removed*; empty
    lines are dropped.
    """
    lines: list[list[Piece]] = [[]]
    for piece in _shortened(_with_removed(_pieces(text, passages, side), removed)):
        first, *rest = piece.text.split("\n")
        begins = piece.first
        for number, part in enumerate([first, *rest]):
            if number:
                lines.append([])
            if part or piece.left_out:
                lines[-1].append(replace(piece, text=part, first=begins and bool(part.strip())))
                begins = begins and not part.strip()
    return [tuple(line) for line in lines if any(piece.text.strip() or piece.left_out for piece in line)]


def _pieces(text: str, passages: Sequence[Passage], side: Side) -> Iterator[Piece]:
    """The whole text in order. Passages do not overlap in words; should they in characters, the later one yields."""
    at = 0
    for start, end, number, quotation in sorted(_span(one, number, side) for number, one in enumerate(passages, 1)):
        start, end = max(start, at), min(end, len(text))
        if end > start:
            yield Piece(text=text[at:start])
            yield Piece(text=text[start:end], number=number, quotation=quotation, first=True)
            at = end
    yield Piece(text=text[at:])


def _with_removed(pieces: Iterable[Piece], removed: Sequence[Removed]) -> Iterator[Piece]:
    """The pieces, which cover the text in order, cut once more where *removed* stretches begin and end."""
    at = 0
    for piece in pieces:
        here, end, first = at, at + len(piece.text), piece.first
        for one in removed:  # in reading order, apart from each other
            start, stop = max(one.start, here), min(one.end, end)
            if start < stop:
                if here < start:
                    yield replace(piece, text=piece.text[here - at : start - at], first=first)
                    first = False
                yield replace(piece, text=piece.text[start - at : stop - at], first=first, removed=one.why)
                here, first = stop, False
        if here < end or not piece.text:
            yield replace(piece, text=piece.text[here - at :], first=first)
        at = end


def _span(passage: Passage, number: int, side: Side) -> tuple[int, int, int, bool]:
    if side == "left":
        return passage.left_start, passage.left_end, number, passage.quotation
    return passage.right_start, passage.right_end, number, passage.quotation


def _shortened(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        more = len(piece.text) - LONGEST
        if more <= 0:
            yield piece
            continue
        yield replace(piece, text=piece.text[: LONGEST // 2])
        yield replace(piece, text="", first=False, left_out=more)
        yield replace(piece, text=piece.text[-LONGEST // 2 :], first=False)
