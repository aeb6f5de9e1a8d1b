"""The longest passages that two texts share, with their places in both original texts: the evidence of a match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.kernels import COMPILED_FROM
from dedupe.params import Params
from dedupe.places import original_spans
from dedupe.records import Passage
from dedupe.words import Vocabulary, read_words

REPEATS = 4  # a 4-gram that the right text repeats is looked up at its first places only


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens [left, left + left_size) say what tokens [right, right + right_size) say, but for small gaps."""

    left: int
    right: int
    left_size: int
    right_size: int
    shared: int


def find_runs(left: NDArray[np.int64], right: NDArray[np.int64], params: Params) -> list[Run]:
    """Shared runs, longest first, not overlapping in either text.

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
            chosen.append(run)
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


@dataclass(frozen=True, slots=True)
class Placed:
    """A text whose tokens have been found again in the original."""

    starts: NDArray[np.int32]  # (n,), characters of the original text
    ends: NDArray[np.int32]


def place_all(texts: Sequence[str]) -> list[Placed]:
    """Where the tokens of *texts* stand: in many by compiled code, with the same result."""
    if len(texts) < COMPILED_FROM:
        return [place(text) for text in texts]
    from dedupe.kernels.reading import find_tokens

    return [place(text, found) for text, found in zip(texts, find_tokens(texts), strict=True)]


def place(text: str, found: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None) -> Placed:
    """Where each token stands in the original *text*; *found*: the places in its NFKC form, (starts, ends)."""
    if found is None:
        words = read_words(text, Vocabulary())
        found = words.starts, words.ends
    if text.isascii():
        return Placed(*found)
    _, starts, ends = original_spans(text)
    return Placed(starts[found[0]], ends[found[1] - 1])


def show(
    runs: list[Run], left: Placed, right: Placed, quoted_left: NDArray[np.bool_], quoted_right: NDArray[np.bool_]
) -> tuple[Passage, ...]:
    """The runs as passages; one is a quotation if most of it is, on both sides."""
    shown = []
    for run in runs:
        own, other = run.left + run.left_size, run.right + run.right_size
        quotation = bool(quoted_left[run.left : own].mean() > 0.5 and quoted_right[run.right : other].mean() > 0.5)
        shown.append(
            Passage(
                left_start=int(left.starts[run.left]),
                left_end=int(left.ends[own - 1]),
                right_start=int(right.starts[run.right]),
                right_end=int(right.ends[other - 1]),
                words=run.shared,
                quotation=quotation,
            )
        )
    return tuple(shown)
