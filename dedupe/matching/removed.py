"""What is taken out of two texts before they are compared: by the same code as the score, and shown to readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.context import Context
from dedupe.corpus.shingles import PATTERNS, Hashes, combine, member, sorted_unique
from dedupe.corpus.tables import TextRow
from dedupe.matching.scoring import PairScorer
from dedupe.pairs.keyindex import index_keys
from dedupe.pairs.measures import find_neighbours
from dedupe.pairs.passages import TokenOffsets
from dedupe.pairs.verify import Coverage, Side, Verifier
from dedupe.records import Removed, Why
from dedupe.text.flags import FORMULA, HEADING, QUOTED, RECURRING

Bools = NDArray[np.bool_]

FLAGS: Final[dict[Why, int]] = {
    "quotation": QUOTED,
    "heading": HEADING,
    "recurring_line": RECURRING,
    "formula": FORMULA,
}
AT_ONCE: Final = 1_000  # texts read at a time


def related(context: Context, units: Sequence[int]) -> Bools:
    """Which units share a key with some of *units*: no other text has a say in what they share. Shape (units,)."""
    own = context.token_store.gather(np.array(units, np.int64))
    found_keys = [_keys(own.row(number).tokens) for number in range(len(units))]
    keys = sorted_unique(np.concatenate([np.empty(0, np.uint64), *found_keys]))
    found = np.zeros(len(context.units), np.bool_)
    for first in range(0, len(found), AT_ONCE):
        table = context.token_store.gather(np.arange(first, min(first + AT_ONCE, len(found))))
        for number in range(len(table)):
            found[first + number] = member(_keys(table.row(number).tokens), keys).any()
    found[np.array(units, np.int64)] = True
    return found


def _keys(tokens: NDArray[np.uint32]) -> Hashes:
    hashes = tokens.astype(np.uint64)
    return np.concatenate([combine(hashes, pattern) for pattern in PATTERNS])


class RemovedFinder:
    """Finds what is taken out of the units of one context, which is indexed once, when it is first asked."""

    def __init__(self, scorer: PairScorer) -> None:
        self._scorer = scorer

    def find(
        self, left: int, right: int, offsets: tuple[TokenOffsets, TokenOffsets]
    ) -> tuple[tuple[Removed, ...], tuple[Removed, ...]]:
        """What is taken out of *left* and *right*, whose tokens stand at *offsets*, in reading order."""
        first, last = self._both_passes(left, right)
        one, two = (
            tuple(_stretches(self._rows[unit], _why(self._rows[unit], before, after), place))
            for unit, before, after, place in zip((left, right), first.sides, last.sides, offsets, strict=True)
        )
        return one, two

    @cached_property
    def _rows(self) -> list[TextRow]:
        table = self._scorer.context.token_store.gather(np.arange(len(self._scorer.context.units)))
        return [table.row(number) for number in range(len(table))]

    @cached_property
    def _verifier(self) -> Verifier:
        flags, params = [row.flags for row in self._rows], self._scorer.params
        return Verifier(index_keys([row.tokens.astype(np.uint64) for row in self._rows], flags, params), flags, params)

    def _both_passes(self, left: int, right: int) -> tuple[Coverage, Coverage]:
        """The coverage by the first pass, and by the one that decides."""
        params, measures = self._scorer.params, self._scorer.measures
        shared = self._verifier.shared(left, right)
        first = self._verifier.compare(left, right, shared)
        if not params.background_low <= first.score < params.background_high:
            return first, first
        asked = np.zeros(len(self._rows), np.bool_)
        asked[[left, right]] = True
        around = measures.candidates(asked)
        kin = find_neighbours(around, measures.screen(around).score, params.background_score, len(asked))
        near = np.concatenate(([left, right], kin.of(left), kin.of(right)))
        return first, self._verifier.compare_again(left, right, shared, near)


def _why(row: TextRow, first: Side, last: Side) -> dict[Why, Bools]:
    """Which tokens are taken out for which reason; the first reason counts."""
    found = {why: (row.flags & flag) > 0 for why, flag in FLAGS.items()}
    return {
        "quotation": found["quotation"],
        "quoted_elsewhere": first.quoted,
        "heading": found["heading"],
        "recurring_line": found["recurring_line"],
        "formula": found["formula"],
        "common_language": first.covered & ~last.covered,
    }


def _stretches(row: TextRow, reasons: dict[Why, Bools], places: TokenOffsets) -> Iterator[Removed]:
    """Neighbouring tokens with one reason are a stretch."""
    codes = np.zeros(len(row.tokens), np.int8)
    for number, chosen in reversed(list(enumerate(reasons.values(), 1))):
        codes[chosen] = number
    names: list[Why] = list(reasons)
    cuts = np.flatnonzero(np.diff(codes, prepend=-1, append=-1))
    per_token = row.words / max(len(row.tokens), 1)
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        if code := int(codes[begin]):
            yield Removed(
                start=int(places.starts[begin]),
                end=int(places.ends[end - 1]),
                words=round((end - begin) * per_token),
                why=names[code - 1],
            )
