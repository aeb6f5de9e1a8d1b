"""Verification: how much of each narrative is covered by shared keys.

s = √(coverage of the left narrative · coverage of the right one). Quotations, headings and recurring lines are no narrative.
In the grey zone third texts are asked: a shared key that a text matching neither also has is common language
(a title, a set phrase, an unmarked quotation), no sign of copying. Fellow copies match both, so they do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from dedupe.keyindex import KeyIndex
from dedupe.params import Params
from dedupe.shingles import PATTERNS

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What two texts share; left has na tokens, right nb."""

    left: float  # share of the left narrative
    right: float
    raw_left: float  # share of all tokens of the left text, quotations included
    raw_right: float
    quoted_left: Bools  # (na,): quotation, own or transferred
    quoted_right: Bools

    @property
    def score(self) -> float:
        return sqrt(self.left * self.right)


@dataclass(frozen=True, slots=True)
class Shared:
    """Where two texts have the same keys."""

    left: Bools  # (4, na)
    right: Bools
    plain_left: Bools  # (na,): plain 4-grams that are plain in the other text too
    plain_right: Bools


class Verifier:
    """Compares pairs of one context. Scratch arrays are reused, so it belongs to one thread."""

    def __init__(self, index: KeyIndex, flags: Sequence[NDArray[np.uint8]], params: Params) -> None:
        self.index, self.params = index, params
        self.quotation = [(own & 3) > 0 for own in flags]  # MARKED | BLOCK
        self.outside = [own > 3 for own in flags]  # headings and recurring lines
        self._mark = np.zeros(len(index.quoted), np.int32)
        self._stamp = 0
        self._near = np.zeros(len(index.keys), np.int32)
        self._common = np.zeros(len(index.quoted), np.bool_)

    def compare(self, left: int, right: int) -> Coverage:
        """First pass: every shared key counts."""
        return self._cover(left, right, self.shared(left, right), None)

    def compare_again(self, left: int, right: int, near: NDArray[np.int64]) -> Coverage:
        """Second pass: keys of third texts do not count. *near*: the texts that match left or right, and these two."""
        shared = self.shared(left, right)
        keys = self.index.keys[left][shared.left]
        self._mark_common(keys, near)
        again = self._cover(left, right, shared, self._common)
        self._common[keys] = False
        return again

    def shared(self, left: int, right: int) -> Shared:
        """The keys that both texts have, looked up through the scratch array: no sorting per pair."""
        one, two = self.index.keys[left], self.index.keys[right]
        in_right, plain_right = self._lookup(two, one)
        in_left, plain_left = self._lookup(one, two)
        return Shared(in_right, in_left, plain_right, plain_left)

    def _lookup(self, holder: NDArray[np.int32], asker: NDArray[np.int32]) -> tuple[Bools, Bools]:
        """Which keys of *asker* the *holder* has at all, and which plain ones it has as plain ones."""
        if self._stamp > 2**31 - 4:
            self._mark[:] = 0
            self._stamp = 0
        self._stamp += 2
        self._mark[holder] = self._stamp
        self._mark[holder[0]] = self._stamp + 1
        self._mark[0] = 0
        seen = self._mark[asker]
        return seen >= self._stamp, seen[0] == self._stamp + 1

    def _mark_common(self, keys: NDArray[np.int32], near: NDArray[np.int64]) -> None:
        """Sets `_common` for the keys that a text outside *near* has."""
        self._near[near] = 1
        first = self.index.first
        many = keys[first[keys + 1] - first[keys] > 2]
        sizes = first[many + 1] - first[many]
        places = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes - first[many], sizes)
        strange = self._near[self.index.posting[places]] == 0
        self._common[np.repeat(many, sizes)[strange]] = True
        self._near[near] = 0

    def _cover(self, left: int, right: int, shared: Shared, common: Bools | None) -> Coverage:
        """Both sides of a pair."""
        one = self._side(left, shared.left, shared.plain_left, common)
        two = self._side(right, shared.right, shared.plain_right, common)
        return Coverage(one[0], two[0], one[1], two[1], one[2], two[2])

    def _side(self, text: int, hit: Bools, plain: Bools, common: Bools | None) -> tuple[float, float, Bools]:
        """(coverage of the narrative, of the whole text, quotation flags with those of the context) of one text."""
        keys = self.index.keys[text]
        quoted = self.quotation[text] | spread(plain & self.index.quoted[keys[0]])
        excluded = quoted | self.outside[text]
        covered = spread_patterns(hit)
        raw = float(covered.mean()) if len(covered) else 0.0
        if common is not None:
            dropped = hit & common[keys]
            kept = spread_patterns(hit & ~dropped)
            excluded = excluded | (spread_patterns(dropped) & ~kept)
            covered = kept
        narrative = len(excluded) - int(np.count_nonzero(excluded))
        told = in_runs(covered & ~excluded, self.params.fragment_words)
        return told / max(narrative, self.params.coverage_floor), raw, quoted


def spread(hit: Bools) -> Bools:
    """Tokens of the plain 4-grams that start at *hit*, shape (n,)."""
    covered = hit.copy()
    for place in PATTERNS[0][1:]:
        covered[place:] |= hit[: len(hit) - place]
    return covered


def spread_patterns(hit: Bools) -> Bools:
    """Tokens of the keys of all patterns that start at *hit*, shape (4, n) → (n,)."""
    plain, skip_1, skip_2, skip_3 = hit
    size = len(plain)
    covered = plain | skip_1 | skip_2 | skip_3
    tail = skip_1 | skip_2
    for place, starts in ((1, plain | skip_2 | skip_3), (2, plain | skip_1 | skip_3), (3, plain | tail), (4, tail | skip_3)):
        covered[place:] |= starts[: max(size - place, 0)]
    return covered


def in_runs(covered: Bools, least: int) -> int:
    """How many tokens are covered in runs of at least *least*."""
    padded = np.zeros(len(covered) + 2, np.int8)
    padded[1:-1] = covered
    edges = np.flatnonzero(np.diff(padded))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= least].sum())
