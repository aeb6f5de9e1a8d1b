"""Measures pair by pair in numpy: no compiled code to load, so the way for some hundred texts, and the reference."""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.context import Context
from dedupe.corpus.sampling import sample
from dedupe.corpus.shingles import five_grams, four_grams, jaccard
from dedupe.corpus.tables import Progress
from dedupe.pairs.agreement import SentenceOrder, ordered_share, quotation_agreement
from dedupe.pairs.candidates import Candidates, find_candidates
from dedupe.pairs.keyindex import index_keys
from dedupe.pairs.measures import (
    BESIDE,
    BLOCK_GAP,
    BLOCK_OF_SHARED,
    BLOCK_OF_TEXT,
    BLOCK_SHARED,
    MEASURES,
    RAW_NEAR,
    Measured,
    Neighbours,
    Pairs,
    Reals,
    Screen,
    find_neighbours,
)
from dedupe.pairs.numbers import ENTRY, Number, clocks, numbers_shared, scales
from dedupe.pairs.runs import Run, find_runs
from dedupe.pairs.verify import Coverage, Shared, Side, Verifier
from dedupe.text.flags import CONTENT, FORMULA, NUMBER, SENTENCE
from dedupe.text.words import STEM_SHIFT


class NumpyMeasures:
    """`Measures` of a context. Scratch arrays are reused, so it belongs to one thread."""

    def __init__(self, context: Context, progress: Progress | None = None) -> None:
        self.params, self.progress = context.library.params, progress
        table = context.token_store.gather(np.arange(len(context.units)))
        self.rows = [table.row(unit) for unit in range(len(table))]
        self.hashes = [row.tokens.astype(np.uint64) for row in self.rows]
        self._screened: dict[tuple[int, int], tuple[float, float]] = {}
        self.sentence_order = lru_cache(maxsize=4096)(self._sentence_order)

    @cached_property
    def verifier(self) -> Verifier:
        """Over all texts of the context."""
        flags = [row.flags for row in self.rows]
        return Verifier(index_keys(self.hashes, flags, self.params), flags, self.params)

    @cached_property
    def joined(self) -> Candidates:
        """All candidate pairs."""
        sketches = [
            sample(four_grams(own), row.words, self.params) for own, row in zip(self.hashes, self.rows, strict=True)
        ]
        return find_candidates(sketches, self.params)

    def join(self, wanted: NDArray[np.bool_]) -> Candidates:
        """Candidates of which at least one unit is *wanted*."""
        return self.joined.of(wanted)

    def candidates(self, wanted: NDArray[np.bool_]) -> Pairs:
        """Their pairs."""
        return self.join(wanted).pairs

    def screen(self, pairs: Pairs) -> Screen:
        """First pass of *pairs*; kept, because neighbours ask for it again."""
        found = np.zeros((2, len(pairs)))
        for number, (left, right) in enumerate(pairs.tolist()):
            if self.progress is not None and number % 256 == 0:
                self.progress("verify", number, len(pairs))
            found[:, number] = self._screen(left, right)
        return Screen(*found)

    def _screen(self, left: int, right: int) -> tuple[float, float]:
        known = self._screened.get((left, right))
        if known is None:
            coverage = self.verifier.compare(left, right, self.verifier.shared(left, right))
            known = self._screened[left, right] = coverage.score, coverage.raw
        return known

    def measure(self, pairs: Pairs, grey: NDArray[np.bool_], least: Reals, around: Pairs) -> Measured:
        """Everything about *pairs*."""
        neighbours = find_neighbours(around, self.screen(around).score, self.params.background_score, len(self.rows))
        found = np.zeros((MEASURES, len(pairs)))
        for number, (left, right) in enumerate(pairs.tolist()):
            coverage = self._cover(left, right, neighbours if grey[number] else None)
            left_side, right_side = coverage.left, coverage.right
            found[:5, number] = (
                coverage.score,
                coverage.raw,
                left_side.coverage,
                right_side.coverage,
                coverage.shared_tokens,
            )
            if coverage.score >= least[number] or coverage.raw >= RAW_NEAR:
                found[5:, number] = self._evidence(left, right, coverage)
        return Measured(*found)

    def _cover(self, left: int, right: int, neighbours: Neighbours | None) -> Coverage:
        """The coverage of the pair: by the second pass if there are *neighbours*."""
        shared = self.verifier.shared(left, right)
        if neighbours is None:
            return self.verifier.compare(left, right, shared)
        near = np.concatenate(([left, right], neighbours.of(left), neighbours.of(right)))
        return self.verifier.compare_again(left, right, shared, near)

    def _evidence(self, left: int, right: int, coverage: Coverage) -> tuple[float, ...]:
        one, two = (self.hashes[unit] >> np.uint64(STEM_SHIFT) for unit in (left, right))
        return (
            jaccard(five_grams(self.hashes[left]), five_grams(self.hashes[right])),
            quotation_agreement(one, two, coverage.left.quoted, coverage.right.quoted),
            ordered_share(self.sentence_order(left), self.sentence_order(right)),
            self._numbers_shared(left, right, coverage),
            opening(coverage),
            head(coverage),
            tail(coverage),
            *around_block(coverage.left.covered),
            *around_block(coverage.right.covered),
            self._own_entries(left, coverage.left),
            self._own_entries(right, coverage.right),
        )

    def _own_entries(self, unit: int, side: Side) -> int:
        """Sentences of a text that begin with a clock time, and that the other text does not have."""
        row = self.rows[unit]
        begins = np.flatnonzero(((row.flags & ENTRY) == ENTRY) & ~side.covered)
        return int(np.isin(row.tokens[begins], clocks()).sum())

    def _sentence_order(self, unit: int) -> SentenceOrder:
        flags = self.rows[unit].flags
        sentences = np.cumsum((flags & SENTENCE) > 0, dtype=np.int32)
        telling = (flags & (CONTENT | FORMULA)) == CONTENT
        return SentenceOrder(self.hashes[unit] >> np.uint64(STEM_SHIFT), telling, sentences)

    def _numbers_shared(self, left: int, right: int, coverage: Coverage) -> float:
        """Share of the numbers of the text with fewer that the other names too; 1.0 if one names too few to tell."""
        one, two = self._numbers(left, coverage.left), self._numbers(right, coverage.right)
        return numbers_shared(one, two, self.params.template_numbers)

    def _numbers(self, unit: int, side: Side) -> set[Number]:
        """The numbers of a text that stand beside what the other one has too: not those of menus and captions."""
        row, near = self.rows[unit], side.covered.copy()
        sentence = np.cumsum((row.flags & SENTENCE) > 0)
        for step in range(1, min(BESIDE, len(near) - 1) + 1):
            together = sentence[step:] == sentence[:-step]
            near[step:] |= side.covered[:-step] & together
            near[:-step] |= side.covered[step:] & together
        rounded = np.append(np.isin(row.tokens[1:] >> STEM_SHIFT, scales()), False)
        found = ((row.flags & NUMBER) > 0) & near
        return set(map(Number, row.tokens[found].tolist(), rounded[found].tolist()))

    def find_runs(self, pairs: Pairs) -> list[list[Run]]:
        """What each of *pairs* shares, word for word."""
        return [self._find_runs(left, right) for left, right in pairs.tolist()]

    def _find_runs(self, left: int, right: int) -> list[Run]:
        shared: Shared = self.verifier.shared(left, right)
        one, two = self.verifier.index.texts[left], self.verifier.index.texts[right]
        coverage = self.verifier.compare(left, right, shared)
        return find_runs(
            one.plain_row(shared.plain_left), two.plain_row(shared.plain_right),
            coverage.left.quoted, coverage.right.quoted, self.params,
        )  # fmt: skip


def opening(coverage: Coverage) -> float:
    """Share of the longer text's covered tokens that lie in its first part, half as long again as the shorter text."""
    shorter, longer = sorted((coverage.left, coverage.right), key=lambda side: len(side.covered))
    first = longer.covered[: len(shorter.covered) * 3 // 2]
    return int(np.count_nonzero(first)) / max(int(np.count_nonzero(longer.covered)), 1)


def head(coverage: Coverage) -> float:
    """Share of the first third of a text that the other one has, of the side with more."""
    return max(_head(side.covered) for side in coverage.sides)


def _head(covered: NDArray[np.bool_]) -> float:
    return _share(covered[: third(len(covered))])


def tail(coverage: Coverage) -> float:
    """Share of the last third of a text that the other one has, of the side with less."""
    return min(_share(side.covered[len(side.covered) - third(len(side.covered)) :]) for side in coverage.sides)


def around_block(covered: NDArray[np.bool_]) -> tuple[int, int]:
    """Tokens before and after the one block in which the *covered* ones stand; zeros if they are no block."""
    places = np.flatnonzero(covered)
    if not len(places):
        return 0, 0
    blocks = np.split(places, np.flatnonzero(np.diff(places) > BLOCK_GAP) + 1)
    block = max(blocks, key=len)
    begin, end = int(block[0]), int(block[-1]) + 1
    whole = 100 * len(block) >= BLOCK_OF_SHARED * len(places)
    dense = 100 * len(block) >= BLOCK_SHARED * (end - begin)
    amid = 100 * (end - begin) <= BLOCK_OF_TEXT * len(covered)
    return (begin, len(covered) - end) if whole and dense and amid else (0, 0)


def third(size: int) -> int:
    """Tokens of a third of a text, rounded up."""
    return -(-size // 3)


def _share(covered: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(covered)) / max(len(covered), 1)
