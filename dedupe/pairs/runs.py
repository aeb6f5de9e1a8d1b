"""The runs of tokens that two texts share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dedupe.params import Params

Bools = NDArray[np.bool_]

REPEATS = 4  # a 4-gram that the right text repeats is looked up at its first places only


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens [left, left + left_size) equal tokens [right, right + right_size), except for small gaps."""

    left: int
    right: int
    left_size: int
    right_size: int
    shared: int
    quotation: bool = False  # most of it is, on both sides


def find_runs(
    left: NDArray[np.int64], right: NDArray[np.int64], quoted_left: Bools, quoted_right: Bools, params: Params
) -> list[Run]:
    """Shared runs of two texts of n and m tokens, longest first, not overlapping in either text.

    *left* and *right*: numbers of plain 4-grams at their first tokens, 0 where not shared.
    """
    runs = _bridge(_diagonals(left, right), params.passage_gap)
    chosen: list[Run] = []
    used_left = np.zeros(len(left), np.bool_)
    used_right = np.zeros(len(right), np.bool_)
    for run in sorted(runs, key=lambda run: (-run.shared, run.left, run.right)):
        own, other = slice(run.left, run.left + run.left_size), slice(run.right, run.right + run.right_size)
        if run.shared < params.passage_words or len(chosen) == params.passage_count:
            break
        if not used_left[own].any() and not used_right[other].any():
            used_left[own] = used_right[other] = True
            quotation = bool(quoted_left[own].mean() > 0.5 and quoted_right[other].mean() > 0.5)
            chosen.append(replace(run, quotation=quotation))
    return chosen


def _diagonals(left: NDArray[np.int64], right: NDArray[np.int64]) -> list[Run]:
    """Maximal stretches in which both texts go on with the same 4-grams, in the order of the left text."""
    order = np.argsort(right, kind="stable")
    ranked = right[order]
    asked = np.flatnonzero(left)
    low = np.searchsorted(ranked, left[asked])
    count = np.minimum(np.searchsorted(ranked, left[asked], side="right") - low, REPEATS)
    own = np.repeat(asked, count)
    other = order[np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - low, count)]
    by_diagonal = np.lexsort((own, other - own))
    own, other = own[by_diagonal], other[by_diagonal]
    if not len(own):
        return []
    breaks = (np.diff(own) != 1) | (np.diff(other) != 1)
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    sizes = np.diff(np.concatenate((starts, [len(own)]))) + 3
    found = [
        Run(i, j, n, n, n) for i, j, n in zip(own[starts].tolist(), other[starts].tolist(), sizes.tolist(), strict=True)
    ]
    return sorted(found, key=lambda run: (run.left, run.right))


def _bridge(runs: list[Run], gap: int) -> list[Run]:
    """Joins runs that follow each other in both texts with at most *gap* other words between."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and 0 <= run.left - last.left - last.left_size <= gap
            and 0 <= run.right - last.right - last.right_size <= gap
        ):
            joined[-1] = Run(
                last.left,
                last.right,
                run.left + run.left_size - last.left,
                run.right + run.right_size - last.right,
                last.shared + run.shared,
            )
        else:
            joined.append(run)
    return joined
