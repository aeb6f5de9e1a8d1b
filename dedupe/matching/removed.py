"""What is taken out of two texts before they are compared: by the same code as the score, and shown to readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.context import Context
from dedupe.corpus.shingles import PATTERNS, Hashes, combine, member
from dedupe.corpus.tables import TextRow
from dedupe.matching.scoring import PairScorer
from dedupe.pairs.keyindex import index_keys
from dedupe.pairs.measures import find_neighbours
from dedupe.pairs.passages import TokenOffsets
from dedupe.pairs.verify import Coverage, Verifier
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


def related(context: Context, units: tuple[int, ...]) -> Bools:
    """Which units share a key with some of *units*: no other text has a say in what they share. Shape (units,)."""
    own = context.token_store.gather(np.array(units))
    keys = np.unique(np.concatenate([_keys(own.row(number).tokens) for number in range(len(units))]))
    found = np.zeros(len(context.units), np.bool_)
    for first in range(0, len(found), AT_ONCE):
        table = context.token_store.gather(np.arange(first, min(first + AT_ONCE, len(found))))
        for number in range(len(table)):
            found[first + number] = member(_keys(table.row(number).tokens), keys).any()
    found[list(units)] = True
    return found


def _keys(tokens: NDArray[np.uint32]) -> Hashes:
    hashes = tokens.astype(np.uint64)
    return np.concatenate([combine(hashes, pattern) for pattern in PATTERNS])


def find_removed(
    scorer: PairScorer, left: int, right: int, offsets: tuple[TokenOffsets, TokenOffsets]
) -> tuple[tuple[Removed, ...], tuple[Removed, ...]]:
    """What is taken out of the units *left* and *right*, whose tokens stand at *offsets*, in reading order."""
    table = scorer.context.token_store.gather(np.arange(len(scorer.context.units)))
    rows = [table.row(number) for number in range(len(table))]
    flags = [row.flags for row in rows]
    hashes = [row.tokens.astype(np.uint64) for row in rows]
    verifier = Verifier(index_keys(hashes, flags, scorer.params), flags, scorer.params)
    first, last = _both_passes(scorer, verifier, left, right)
    one, two = (
        tuple(_stretches(rows[unit], _why(rows[unit], before.quoted, before.covered & ~after.covered), place))
        for unit, before, after, place in zip((left, right), first.sides, last.sides, offsets, strict=True)
    )
    return one, two


def _both_passes(scorer: PairScorer, verifier: Verifier, left: int, right: int) -> tuple[Coverage, Coverage]:
    """The coverage by the first pass, and by the one that decides."""
    shared = verifier.shared(left, right)
    first = verifier.compare(left, right, shared)
    if not scorer.params.background_low <= first.score < scorer.params.background_high:
        return first, first
    asked = np.zeros(len(scorer.context.units), np.bool_)
    asked[[left, right]] = True
    around = scorer.measures.candidates(asked)
    score = scorer.measures.screen(around).score
    kin = find_neighbours(around, score, scorer.params.background_score, len(asked))
    near = np.concatenate(([left, right], kin.of(left), kin.of(right)))
    return first, verifier.compare_again(left, right, shared, near)


def _why(row: TextRow, quoted: Bools, common: Bools) -> dict[Why, Bools]:
    """Which tokens are taken out for which reason; the first reason counts."""
    found = {why: (row.flags & flag) > 0 for why, flag in FLAGS.items()}
    return {
        "quotation": found["quotation"],
        "quoted_elsewhere": quoted,
        "heading": found["heading"],
        "recurring_line": found["recurring_line"],
        "formula": found["formula"],
        "common_language": common,
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
