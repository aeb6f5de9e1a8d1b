"""Measures many pairs at once by compiled code, on all processors; equal to `plain` (tested)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dedupe.context import Context
from dedupe.kernels import blocks, evidence, said, sharing
from dedupe.kernels.filters import ALL, empty_filter
from dedupe.kernels.joining import Join
from dedupe.kernels.pairtexts import PairTexts, gather_pairs
from dedupe.kernels.witnessing import Common, find_common
from dedupe.measures import RAW_NEAR, Kin, Measured, Pairs, Reals, Screen, Shown
from dedupe.shingles import four_grams
from dedupe.tables import Progress, Tokens

PAIRS_AT_ONCE = 1 << 16  # between two reports of progress
LEAST_SLOTS = 64

Bools = NDArray[np.bool_]


class CompiledMeasures:
    """`Measures` of a context."""

    def __init__(self, context: Context, progress: Progress | None = None) -> None:
        self.params, self.progress, self.shelf = context.library.params, progress, context.shelf
        self.units = len(context.units)
        self.join = Join(context.shelf, self.params)
        self._covered = np.zeros(self.units, np.bool_)  # units whose 4-grams `_said` knows
        self._said = np.zeros(1, np.uint64)
        self._screened = np.empty(0, np.int64), np.empty((0, 2))  # codes of pairs, sorted; score and raw

    def candidates(self, wanted: Bools) -> Pairs:
        """Candidate pairs of which at least one unit is *wanted*."""
        return self.join.pairs(wanted)

    def screen(self, pairs: Pairs) -> Screen:
        """First pass of *pairs*; kept, because neighbours ask for it again."""
        codes = pairs[:, 0] * self.units + pairs[:, 1]
        known, values = self._screened
        place = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
        new = known[place] != codes if len(known) else np.ones(len(codes), np.bool_)
        if new.any():
            known, values = np.concatenate((known, codes[new])), np.concatenate((values, self._screen(pairs[new])))
            order = np.argsort(known)
            known, values = self._screened = known[order], values[order]
        found = values[np.searchsorted(known, codes)]
        return Screen(found[:, 0].copy(), found[:, 1].copy())

    def _screen(self, asked: Pairs) -> Reals:
        """s and raw share of pairs not yet known, shape (k, 2)."""
        found, spoken = np.zeros((len(asked), 2)), self._quotations_of(asked)
        for low, high in self._stretches("verify", len(asked)):
            screen = partial(self._screen_block, gather_pairs(self.shelf, asked[low:high]), spoken, found[low:high])
            blocks.run(screen, blocks.cut(high - low))
        return found

    def _screen_block(self, texts: PairTexts, spoken: NDArray[np.uint64], found: Reals, block: tuple[int, int]) -> None:
        """Fills a block of the rows of *found*, (k, 2)."""
        least, floor = self.params.fragment_words, self.params.coverage_floor
        sharing.screen(*texts.columns, texts.pairs, *block, spoken, least, floor, found)

    def _quotations_of(self, asked: Pairs) -> NDArray[np.uint64]:
        """The set of the 4-grams that any text of the context shows as a quotation, as far as these pairs need it."""
        if not self._covered[asked].all():
            self._covered[asked] = True
            self._said = self._listen(np.flatnonzero(self._covered))
        return self._said

    def _listen(self, units: NDArray[np.int64]) -> NDArray[np.uint64]:
        words = ALL
        if 4 * len(units) < self.units:
            words = empty_filter(int(self.shelf.sizes[units].sum(dtype=np.int64)))
            for low, high in blocks.cut(len(units)):
                table = self.shelf.gather(units[low:high])
                said.fill_filter(table.tokens, table.starts, table.sizes, words)
        parts = blocks.run(lambda block: self._list_said(words, block), blocks.cut(self.units))
        spoken = np.zeros(sum(len(part) for part in parts) * 3 // 2 + LEAST_SLOTS, np.uint64)
        for part in parts:
            said.put_said(part, spoken)
        return spoken

    def _list_said(self, words: NDArray[np.uint64], block: tuple[int, int]) -> NDArray[np.uint64]:
        table = self.shelf.gather(np.arange(*block))
        return said.list_said(table.tokens, table.flags, table.starts, table.sizes, words)  # type: ignore[no-any-return]

    def measure(self, pairs: Pairs, grey: Bools, least: Reals, kin: Kin) -> Measured:
        """Everything about *pairs*."""
        spoken = self._quotations_of(pairs)
        common = self._common(pairs, grey, kin)
        found = np.zeros((len(pairs), 9))
        for low, high in self._stretches("measure", len(pairs)):
            texts = gather_pairs(self.shelf, pairs[low:high])
            dropped = Common(common.firsts[low : high + 1], common.common)
            measure = partial(self._measure, texts, spoken, dropped, least[low:high], found[low:high])
            blocks.run(measure, blocks.cut(high - low))
        return Measured(*np.ascontiguousarray(found.T))

    def _common(self, pairs: Pairs, grey: Bools, kin: Kin) -> Common:
        """The common keys of all pairs: those that are not grey have none."""
        asked = find_common(self.shelf, np.ascontiguousarray(pairs[grey]), kin, self.params)
        counts = np.zeros(len(pairs), np.int64)
        counts[grey] = np.diff(asked.firsts)
        return Common(np.concatenate(([0], np.cumsum(counts))), asked.common)

    def _measure(
        self, texts: PairTexts, spoken: NDArray[np.uint64], dropped: Common, least: Reals, found: Reals,
        block: tuple[int, int],
    ) -> None:  # fmt: skip
        """Fills a block of the rows of *found*, (k, 9)."""
        low, high = block
        asked, params = texts.pairs[low:high], self.params
        sizes = texts.table.sizes[asked].sum(axis=1, dtype=np.int64)
        noted, notes = np.cumsum(sizes) - sizes, np.empty(int(sizes.sum()), np.uint8)
        covered, closer = np.zeros((len(asked), 4)), np.zeros((len(asked), 5))
        sharing.cover(
            *texts.columns, asked, 0, len(asked), spoken, params.fragment_words, params.coverage_floor,
            dropped.common, dropped.firsts[low : high + 1], covered, noted, notes,
        )  # fmt: skip
        wanted = ((covered[:, 0] >= least[low:high]) | (covered[:, 1] >= RAW_NEAR)).view(np.uint8)
        evidence.look_closer(
            *texts.columns, asked, 0, len(asked), wanted, params.template_numbers, noted, notes, closer
        )  # fmt: skip
        found[low:high, :4], found[low:high, 4:] = covered, closer

    def show(self, left: int, right: int) -> Shown:
        """What a pair shares, word for word."""
        asked = np.array([[left, right]])
        texts = gather_pairs(self.shelf, asked)
        sizes = self.shelf.sizes[asked[0]].tolist()
        notes, nothing = np.empty(sum(sizes), np.uint8), np.zeros(2, np.int64)
        sharing.cover(
            *texts.columns, texts.pairs, 0, 1, self._quotations_of(asked), self.params.fragment_words,
            self.params.coverage_floor, np.empty(0, np.uint8), nothing, np.zeros((1, 4)), nothing, notes,
        )  # fmt: skip
        own, other = notes[: sizes[0]], notes[sizes[0] :]
        quoted = [(side & sharing.QUOTE) > 0 for side in (own, other)]
        one, two = (texts.table.row(at).tokens for at in texts.pairs[0].tolist())
        return Shown(shared_grams(one, own), shared_grams(two, other), *quoted)

    def _stretches(self, step: str, total: int) -> Iterator[tuple[int, int]]:
        """[0, total) in stretches; before each, progress is told."""
        for low in range(0, total, PAIRS_AT_ONCE):
            if self.progress is not None:
                self.progress(step, low, total)
            yield low, min(low + PAIRS_AT_ONCE, total)


def shared_grams(tokens: Tokens, notes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The plain 4-gram at each token, where the other text has it too, else 0."""
    row = np.zeros(len(notes), np.int64)
    grams = four_grams(tokens.astype(np.uint64)).astype(np.int64)
    row[: len(grams)] = np.where(notes[: len(grams)] & sharing.PLAIN_SHARED, np.maximum(grams, 1), 0)
    return row
