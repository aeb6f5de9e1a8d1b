"""Verification: how much of each narrative is covered by shared keys.

s = √(coverage of the left narrative · coverage of the right one). Quotations, headings and recurring lines are no
narrative.
In the grey zone third texts are asked: a shared key that a text matching neither also has is common language
(a title, a set phrase, an unmarked quotation), no sign of copying. Fellow copies match both, so they do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import PATTERNS
from dedupe.pairs.keyindex import KeyIndex, TextKeys
from dedupe.params import Params
from dedupe.text.flags import FORMULA, OUTSIDE, QUOTED

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Side:
    """One text of a pair; n tokens."""

    coverage: float  # share of the narrative that the other text has
    shared_tokens: int  # its tokens
    raw: float  # share of all tokens, quotations included
    covered: Bools  # (n,)
    quoted: Bools  # (n,): quotation, by own marks or those of any text of the context


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of two texts."""

    left: Side
    right: Side

    @property
    def score(self) -> float:
        """s, 0..1."""
        return sqrt(self.left.coverage * self.right.coverage)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both texts."""
        return self.left, self.right

    @property
    def shared_tokens(self) -> int:
        """Tokens of the narrative that the other text covers, of the side with fewer."""
        return min(self.left.shared_tokens, self.right.shared_tokens)

    @property
    def raw(self) -> float:
        """The smaller share of all tokens."""
        return min(self.left.raw, self.right.raw)


@dataclass(frozen=True, slots=True)
class Shared:
    """Which of the keys of two texts the other has too; m keys each, in the order of `TextKeys`."""

    left: Bools  # (m,)
    right: Bools
    plain_left: Bools  # plain 4-grams that are plain in the other text too
    plain_right: Bools


class Verifier:
    """Compares pairs of one context. Scratch arrays are reused, so it belongs to one thread."""

    def __init__(self, index: KeyIndex, flags: Sequence[NDArray[np.uint8]], params: Params) -> None:
        self.index, self.params = index, params
        self.quotation = [(own & QUOTED) > 0 for own in flags]
        self.outside = [(own & OUTSIDE) > 0 for own in flags]
        self.formula = [(own & FORMULA) > 0 for own in flags]
        self._mark = np.zeros(len(index.quoted), np.int32)
        self._stamp = 0
        self._near = np.zeros(len(index.texts), np.bool_)
        self._common = np.zeros(len(index.quoted), np.bool_)

    def shared(self, left: int, right: int) -> Shared:
        """The keys that both texts have, looked up through the scratch array: no sorting per pair."""
        one, two = self.index.texts[left], self.index.texts[right]
        in_right, plain_right = self._lookup(two, one)
        in_left, plain_left = self._lookup(one, two)
        return Shared(in_right, in_left, plain_right, plain_left)

    def _lookup(self, holder: TextKeys, asker: TextKeys) -> tuple[Bools, Bools]:
        """Which keys of *asker* the *holder* has at all, and which plain ones it has as plain ones."""
        if self._stamp > 2**31 - 4:
            self._mark[:] = 0
            self._stamp = 0
        self._stamp += 2
        self._mark[holder.numbers] = self._stamp
        self._mark[holder.numbers[: holder.plain]] = self._stamp + 1
        seen = self._mark[asker.numbers]
        return seen >= self._stamp, seen[: asker.plain] > self._stamp

    def compare(self, left: int, right: int, shared: Shared) -> Coverage:
        """First pass: every shared key counts."""
        return Coverage(
            self._side(left, shared.left, shared.plain_left, None),
            self._side(right, shared.right, shared.plain_right, None),
        )

    def compare_again(self, left: int, right: int, shared: Shared, near: NDArray[np.int64]) -> Coverage:
        """Second pass: keys of third texts do not count. *near*: the texts that match left or right, and these two."""
        keys = self.index.texts[left].numbers[shared.left]
        self._mark_common(keys, near)
        again = Coverage(
            self._side(left, shared.left, shared.plain_left, self._common),
            self._side(right, shared.right, shared.plain_right, self._common),
        )
        self._common[keys] = False
        return again

    def _mark_common(self, keys: NDArray[np.int32], near: NDArray[np.int64]) -> None:
        """Sets `_common` for the keys that a text outside *near* has."""
        self._near[near] = True
        first = self.index.first
        begins, sizes = first[keys], first[keys + 1] - first[keys]
        many = sizes > 2
        keys, begins, sizes = keys[many], begins[many], sizes[many]
        places = np.arange(int(sizes.sum())) + np.repeat(begins - np.cumsum(sizes) + sizes, sizes)
        strange = ~self._near[self.index.posting[places]]
        self._common[np.repeat(keys, sizes)[strange]] = True
        self._near[near] = False

    def _side(self, number: int, hit: Bools, plain: Bools, common: Bools | None) -> Side:
        """One text of a pair, of whose keys the other has those in *hit*;
        those in *common* are dropped with what only they cover.
        """
        text = self.index.texts[number]
        numbers = text.numbers[: text.plain]
        quoted = self.quotation[number] | spread(
            text.slots[: text.plain][plain & self.index.quoted[numbers]], text.size
        )
        excluded = quoted | self.outside[number]
        covered = spread_patterns(text.slots[hit], text.size)
        raw = np.count_nonzero(covered) / max(text.size, 1)
        if common is not None:
            dropped = common[text.numbers] & hit
            kept = spread_patterns(text.slots[hit & ~dropped], text.size)
            excluded = excluded | (covered & ~kept)
            covered = kept
        formula = self.formula[number]
        narrative = text.size - int(np.count_nonzero(excluded | formula))
        shared_tokens = in_runs(covered & ~excluded, ~formula, self.params.fragment_words)
        return Side(
            shared_tokens / max(narrative, self.params.coverage_floor), shared_tokens, float(raw), covered, quoted
        )


def spread(starts: NDArray[np.int32], size: int) -> Bools:
    """Tokens of the plain 4-grams at *starts*, shape (size,)."""
    covered = np.zeros(size, np.bool_)
    for place in PATTERNS[0]:
        covered[starts + np.int32(place)] = True
    return covered


def spread_patterns(slots: NDArray[np.int32], size: int) -> Bools:
    """Tokens of the keys at *slots* (pattern · size + token), shape (size,)."""
    hit = np.zeros((4, size), np.bool_)
    hit.reshape(-1)[slots] = True
    plain, skip_1, skip_2, skip_3 = hit
    covered: Bools = plain | skip_1 | skip_2 | skip_3
    tail = skip_1 | skip_2
    for place, starts in (
        (1, plain | skip_2 | skip_3),
        (2, plain | skip_1 | skip_3),
        (3, plain | tail),
        (4, tail | skip_3),
    ):
        covered[place:] |= starts[: max(size - place, 0)]
    return covered


def in_runs(covered: Bools, counted: Bools, least: int) -> int:
    """How many *counted* tokens are covered in runs of at least *least*, in which the others stand too."""
    padded = np.zeros(len(covered) + 2, np.int8)
    padded[1:-1] = covered
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    long = edges[1::2] - edges[::2] >= least
    before = np.concatenate(([0], np.cumsum(counted)))
    return int((before[edges[1::2]] - before[edges[::2]])[long].sum())
