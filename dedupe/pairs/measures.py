"""What is measured of the candidate pairs of one context, column by column. Pairs are units: places in the context.

`plain` measures them, pair by pair in numpy; whatever measures otherwise must give the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dedupe.pairs.candidates import Candidates
from dedupe.pairs.runs import Run

Pairs = NDArray[np.int64]
"""(left, right), left < right; int64, shape (k, 2)."""

Reals = NDArray[np.float64]

BESIDE = 6  # words of one sentence from a number to what is shared: a slot of a frame, no number of a menu
# A block is what one article takes in whole, as a live blog takes a wire report: nearly all that it shares stands in
# one place, and is at most half of its text. A plateau: with gaps of 15 and 93 % hardly a labelled pair changes.
BLOCK_GAP = 40  # tokens in a row that the other text does not have end a block: a paragraph that it leaves out
BLOCK_OF_SHARED = 95  # per cent of what is shared stand in the block ...
BLOCK_SHARED = 60  # ... of whose tokens so many per cent are shared, ...
BLOCK_OF_TEXT = 55  # ... and which is at most so many per cent of the text
MEASURES = 18  # numbers of a pair: the fields of `Measured`
RAW_NEAR = 0.7  # below this share of shared words no 5-gram Jaccard of .8 is possible


@dataclass(frozen=True, slots=True)
class Screen:
    """The first pass: every shared key counts; k pairs."""

    score: Reals  # (k,), s
    raw: Reals  # (k,), the smaller share of all tokens, quotations included


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Which units resemble a unit: they are no witnesses against it."""

    first: NDArray[np.int64]  # (units + 1,)
    units: NDArray[np.int32]  # those of unit u are units[first[u] : first[u + 1]]

    def of(self, unit: int) -> NDArray[np.int32]:
        """The kin of one unit."""
        return self.units[self.first[unit] : self.first[unit + 1]]


@dataclass(frozen=True, slots=True)
class Measured:
    """All measures of k pairs. Where `score` and `raw` are too low to matter the rest is zero."""

    score: Reals  # s, by the second pass in the grey zone
    raw: Reals
    coverage_left: Reals
    coverage_right: Reals
    shared_tokens: Reals  # tokens of the narrative that the other text covers: of the side with fewer
    jaccard: Reals  # word 5-grams
    agreement: Reals  # qv
    order: Reals  # ch
    numbers_shared: Reals  # share of the numbers of the text with fewer; 1.0: too few to tell
    opening: Reals  # share of what the longer text shares that stands at its beginning
    head: Reals  # share of the first third of a text that the other has, of the side with more
    tail: Reals  # share of the last third of a text that the other has, of the side with less
    # If what the other text has of one is a single block: tokens of its own before the block, and after it; else 0.
    before_left: Reals
    after_left: Reals
    before_right: Reals
    after_right: Reals
    # Sentences that begin with a clock time and that the other text does not have: entries of a live blog.
    entries_left: Reals
    entries_right: Reals


class Measures(Protocol):
    """Measures the pairs of one context."""

    def join(self, wanted: NDArray[np.bool_]) -> Candidates:
        """The candidate pairs of which at least one unit is *wanted*, bool (units,). Of other units nobody may ask
        whether they are crowded.
        """

    def candidates(self, wanted: NDArray[np.bool_]) -> Pairs:
        """The pairs of `join`."""

    def screen(self, pairs: Pairs) -> Screen:
        """First pass of *pairs*."""

    def measure(self, pairs: Pairs, grey: NDArray[np.bool_], least: Reals, around: Pairs) -> Measured:
        """Everything about *pairs*: (k,) those that are *grey* by the second pass, all measures of those whose score is
        at least *least* or whose raw share is RAW_NEAR. *around*: the candidate pairs of all units of *grey* pairs,
        among which is their kin.
        """

    def find_runs(self, pairs: Pairs) -> list[list[Run]]:
        """What each of *pairs* shares, word for word."""


def find_neighbours(pairs: Pairs, score: Reals, least: float, units: int) -> Neighbours:
    """The kin of every unit: those with which it scores *least* in the first pass."""
    near = pairs[score >= least]
    ends = np.concatenate([near, near[:, ::-1]])
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    first = np.searchsorted(ends[:, 0], np.arange(units + 1))
    return Neighbours(first, ends[:, 1].astype(np.int32))
