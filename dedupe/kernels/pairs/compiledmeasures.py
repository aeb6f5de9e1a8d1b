"""Measures many pairs at once by compiled code, on all processors; equal to `plain` (tested)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.context import Context
from dedupe.corpus.tables import Progress
from dedupe.kernels.join.joining import Join
from dedupe.kernels.lib import blocks, keysets
from dedupe.kernels.lib.filters import ALL, empty_filter
from dedupe.kernels.pairs import covering, evidence, quoted, running
from dedupe.kernels.pairs.backgroundscan import Common, Strangers, find_common
from dedupe.kernels.pairs.pairtexts import PairTexts, gather_pairs
from dedupe.pairs.candidates import Candidates
from dedupe.pairs.measures import MEASURES, RAW_NEAR, Measured, Neighbours, Pairs, Reals, Screen, find_neighbours
from dedupe.pairs.numbers import clocks, rounding_table, scales
from dedupe.pairs.runs import Run

PAIRS_AT_ONCE = 1 << 16  # between two reports of progress

Bools = NDArray[np.bool_]


class CompiledMeasures:
    """`Measures` of a context."""

    def __init__(self, context: Context, progress: Progress | None = None) -> None:
        self.params, self.progress, self.token_store = context.library.params, progress, context.token_store
        self.units = len(context.units)
        self._join = Join(context.token_store, self.params)
        self._covered = np.zeros(self.units, np.bool_)  # units whose 4-grams are in `_quoted`
        self._quoted = keysets.empty_set(0)
        self._screened = np.empty(0, np.int64), np.empty((0, 2))  # codes of pairs, sorted; score and raw

    def join(self, wanted: Bools) -> Candidates:
        """Candidates of which at least one unit is *wanted*."""
        return self._join.candidates(wanted)

    def candidates(self, wanted: Bools) -> Pairs:
        """Their pairs."""
        return self.join(wanted).pairs

    def screen(self, pairs: Pairs) -> Screen:
        """First pass of *pairs*; kept, because neighbours ask for it again."""
        codes = self._codes(pairs)
        places, known = self._find(codes)
        if not known.all():
            self._keep(codes[~known], self._screen(pairs[~known]))
            places, _ = self._find(codes)
        found = self._screened[1][places]
        return Screen(found[:, 0].copy(), found[:, 1].copy())

    def _codes(self, pairs: Pairs) -> NDArray[np.int64]:
        """A number for each pair, which sort as the pairs do."""
        codes: NDArray[np.int64] = pairs[:, 0] * self.units + pairs[:, 1]
        return codes

    def _find(self, codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], Bools]:
        """The positions of the pairs of *codes* among the screened pairs, and whether they are among them."""
        screened = self._screened[0]
        if not len(screened):
            return np.zeros(len(codes), np.int64), np.zeros(len(codes), np.bool_)
        places = np.minimum(np.searchsorted(screened, codes), len(screened) - 1)
        return places, screened[places] == codes

    def _keep(self, codes: NDArray[np.int64], found: Reals) -> None:
        """Keeps what was *found* of the pairs of *codes*, which are new."""
        known, values = (np.concatenate(both) for both in zip(self._screened, (codes, found), strict=True))
        order = np.argsort(known)
        self._screened = known[order], values[order]

    def _screen(self, asked: Pairs) -> Reals:
        """s and raw share of pairs not yet known, shape (k, 2). They are the same from both sides, and the kernel opens
        each left text once: so of each pair the text with more pairs is the left one.
        """
        found, spoken = np.zeros((len(asked), 2)), self._quotations_of(asked)
        counts = np.bincount(asked.ravel(), minlength=self.units)[asked]
        turned = np.where(counts[:, :1] < counts[:, 1:], asked[:, ::-1], asked)
        order = np.argsort(turned[:, 0], kind="stable")
        turned = turned[order]
        for low, high in self._stretches("verify", len(asked)):
            texts = gather_pairs(self.token_store, turned[low:high])
            screen = partial(self._screen_block, texts, spoken, found[low:high])
            blocks.run(screen, blocks.cut(high - low))
        found[order] = found.copy()
        return found

    def _screen_block(self, texts: PairTexts, spoken: NDArray[np.uint64], found: Reals, block: tuple[int, int]) -> None:
        """Fills a block of the rows of *found*, (k, 2)."""
        least, floor = self.params.fragment_words, self.params.coverage_floor
        covering.screen(*texts.columns, texts.pairs, *block, spoken, least, floor, found)

    def _quotations_of(self, asked: Pairs) -> NDArray[np.uint64]:
        """The set of the 4-grams that any text of the context shows as a quotation, as far as these pairs need it."""
        if not self._covered[asked].all():
            self._covered[asked] = True
            self._quoted = self._learn_quoted(np.flatnonzero(self._covered))
        return self._quoted

    def _learn_quoted(self, units: NDArray[np.int64]) -> NDArray[np.uint64]:
        words = ALL
        if 4 * len(units) < self.units:
            words = empty_filter(int(self.token_store.sizes[units].sum(dtype=np.int64)))
            for low, high in blocks.cut(len(units)):
                table = self.token_store.gather(units[low:high])
                quoted.fill_filter(table.tokens, table.starts, table.sizes, words)
        parts = blocks.run(lambda block: self._list_quoted(words, block), blocks.cut(self.units))
        spoken = keysets.empty_set(sum(map(len, parts)))
        for part in parts:
            keysets.put_keys(part, spoken)
        return spoken

    def _list_quoted(self, words: NDArray[np.uint64], block: tuple[int, int]) -> NDArray[np.uint64]:
        table = self.token_store.gather(np.arange(*block))
        longest = self.params.transfer_tokens
        return quoted.list_quoted(table.tokens, table.flags, table.starts, table.sizes, words, longest)  # type: ignore[no-any-return]

    def measure(self, pairs: Pairs, grey: Bools, least: Reals, around: Pairs) -> Measured:
        """Everything about *pairs*."""
        spoken = self._quotations_of(pairs)
        common = self._common(pairs, grey, around)
        found = np.zeros((len(pairs), MEASURES))
        for low, high in self._stretches("measure", len(pairs)):
            texts = gather_pairs(self.token_store, pairs[low:high])
            dropped = Common(common.firsts[low : high + 1], common.common)
            measure = partial(self._measure, texts, spoken, dropped, least[low:high], found[low:high])
            blocks.run(measure, blocks.cut(high - low))
        return Measured(*np.ascontiguousarray(found.T))

    def _common(self, pairs: Pairs, grey: Bools, around: Pairs) -> Common:
        """The common keys of all pairs: those that are not grey have none.

        Pairs *around* that were not screened yet, as in a live run, are so only if a witness hangs on them: a text that
        has a key of a pair, and is kin of its left text, may be what it likes to its right one.
        """
        codes = self._codes(around)
        screened = self._find(codes)[1]

        def neighbours_of(strangers: Strangers) -> Neighbours:
            found = self._neighbours(around[screened])
            for of_left in (True, False) if not screened.all() else ():
                met = strangers(found, of_left=of_left)
                places = np.minimum(np.searchsorted(codes, met), len(codes) - 1)
                screened[places[codes[places] == met]] = True
                found = self._neighbours(around[screened])
            return found

        asked = find_common(self.token_store, np.ascontiguousarray(pairs[grey]), neighbours_of, self.params)
        counts = np.zeros(len(pairs), np.int64)
        counts[grey] = np.diff(asked.firsts)
        return Common(np.concatenate(([0], np.cumsum(counts))), asked.common)

    def _neighbours(self, pairs: Pairs) -> Neighbours:
        """The kin among *pairs*."""
        return find_neighbours(pairs, self.screen(pairs).score, self.params.background_score, self.units)

    def _measure(
        self, texts: PairTexts, spoken: NDArray[np.uint64], dropped: Common, least: Reals, found: Reals,
        block: tuple[int, int],
    ) -> None:  # fmt: skip
        """Fills a block of the rows of *found*, (k, MEASURES)."""
        low, high = block
        asked, closer = texts.pairs[low:high], np.zeros((high - low, MEASURES - 5))
        covered, noted, notes = self._cover(
            texts, asked, spoken, Common(dropped.firsts[low : high + 1], dropped.common)
        )
        wanted = ((covered[:, 0] >= least[low:high]) | (covered[:, 1] >= RAW_NEAR)).view(np.uint8)
        evidence.look_closer(
            *texts.columns, asked, 0, len(asked), wanted, self.params.template_numbers, scales(), rounding_table(),
            clocks(), noted, notes, closer,
        )  # fmt: skip
        found[low:high, :5], found[low:high, 5:] = covered, closer

    def _cover(
        self, texts: PairTexts, asked: Pairs, spoken: NDArray[np.uint64], dropped: Common
    ) -> tuple[Reals, NDArray[np.int64], NDArray[np.uint8]]:
        """What `covering.cover` finds of pairs of *texts*: (k, 5); where the notes of each pair begin; the notes."""
        sizes = texts.table.sizes[asked].sum(axis=1, dtype=np.int64)
        noted, notes = np.cumsum(sizes) - sizes, np.empty(int(sizes.sum()), np.uint8)
        covered = np.zeros((len(asked), 5))
        covering.cover(
            *texts.columns, asked, 0, len(asked), spoken, self.params.fragment_words, self.params.coverage_floor,
            dropped.common, dropped.firsts, covered, noted, notes,
        )  # fmt: skip
        return covered, noted, notes

    def find_runs(self, pairs: Pairs) -> list[list[Run]]:
        """What each of *pairs* shares, word for word."""
        spoken, runs = self._quotations_of(pairs), list[list[Run]]()
        for low, high in self._stretches("show", len(pairs)):
            texts = gather_pairs(self.token_store, pairs[low:high])
            for part in blocks.run(partial(self._find_runs, texts, spoken), blocks.cut(high - low)):
                runs += part
        return runs

    def _find_runs(self, texts: PairTexts, spoken: NDArray[np.uint64], block: tuple[int, int]) -> list[list[Run]]:
        """The runs of a block of pairs."""
        asked, params = texts.pairs[slice(*block)], self.params
        found = np.empty((len(asked), params.passage_count, running.COLUMNS), np.int32)
        counts = np.empty(len(asked), np.int64)
        running.find_runs(
            *texts.columns, asked, 0, len(asked), spoken, params.passage_gap, params.passage_words, found, counts
        )  # fmt: skip
        return [
            [
                Run(left, right, own, other, shared, quotation > 0)
                for left, right, own, other, shared, quotation in rows[:count]
            ]
            for rows, count in zip(found.tolist(), counts.tolist(), strict=True)
        ]

    def _stretches(self, step: str, total: int) -> Iterator[tuple[int, int]]:
        """[0, total) in stretches; before each, progress is reported."""
        for low in range(0, total, PAIRS_AT_ONCE):
            if self.progress is not None:
                self.progress(step, low, total)
            yield low, min(low + PAIRS_AT_ONCE, total)
