"""Two numbers for the zone in which the score s alone is a coin: agreement of the quotations, and ordered share."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.shingles import Hashes, combine, member, sorted_unique

SMOOTH_SHARED, SMOOTH_ALL = 8, 16  # qv of texts without quotations is their ratio, .5
SENTENCE_STEMS = 4  # a shorter sentence is joined to the one before

# A sentence has a counterpart if two neighbouring sentences of the other text have .4 of its stems, and three at least.
# Every stem counts one: with stems of four letters and more that is as good as idf weights from outside (AUC of v2 in
# the zone .907 against .906-.92 on the labels), needs no stop list in any language, and makes ch a function of the two
# texts alone. A plateau: .40-.50 and two or three stems give .898-.917.
ALIGNED_SHARE = 0.40
ALIGNED_STEMS = 3
ALIGNED_TOKENS = 10_000  # of a longer text the beginning counts: tables of sentences and stems stay under 40 MB
TELLING_FLOOR = 20  # a text with fewer stems counts as having this many


def quotation_agreement(
    left: Hashes, right: Hashes, quoted_left: NDArray[np.bool_], quoted_right: NDArray[np.bool_]
) -> float:
    """qv: geometric mean of the share of each text's quoted tokens that lie in stem 3-grams of the other.

    Arrays of n tokens.
    """
    shares = [_quoted_share(left, right, quoted_left), _quoted_share(right, left, quoted_right)]
    return sqrt(shares[0] * shares[1])


def _quoted_share(own: Hashes, other: Hashes, quoted: NDArray[np.bool_]) -> float:
    if not quoted.any():
        return SMOOTH_SHARED / SMOOTH_ALL
    hit = member(combine(own, (0, 1, 2)), combine(other, (0, 1, 2)))
    covered = np.zeros(len(own), np.bool_)
    for place in range(3):
        covered[place : place + len(hit)] |= hit
    return (int((covered & quoted).sum()) + SMOOTH_SHARED) / (int(quoted.sum()) + SMOOTH_ALL)


class SentenceOrder:
    """A text as a row of sentences, each a set of content stems."""

    def __init__(self, stems: Hashes, content: NDArray[np.bool_], sentences: NDArray[np.int32]) -> None:
        content = content[:ALIGNED_TOKENS]
        stems, rows = _distinct(stems[: len(content)][content], sentences[: len(content)][content])
        _, sizes = np.unique_counts(rows)
        stems, self.rows = _distinct(stems, np.repeat(_join_short(sizes.tolist()), sizes))
        self.stems = stems  # sentence after sentence
        self.sizes = np.bincount(self.rows)  # stems of each sentence

    def known(self, stems: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(sentence, place in *stems*) of every stem that is among *stems* (sorted, not empty), sentence after
        sentence.
        """
        place = np.minimum(np.searchsorted(stems, self.stems), len(stems) - 1)
        among = stems[place] == self.stems
        return self.rows[among].astype(np.int64), place[among]


def _distinct(stems: Hashes, rows: NDArray[np.int32]) -> tuple[Hashes, NDArray[np.int32]]:
    """Each stem once per row, sorted by (row, stem)."""
    order = np.lexsort((stems, rows))
    stems, rows = stems[order], rows[order]
    new = np.ones(len(stems), np.bool_)
    new[1:] = (stems[1:] != stems[:-1]) | (rows[1:] != rows[:-1])
    return stems[new], rows[new]


def _join_short(sizes: list[int]) -> NDArray[np.int32]:
    """The row of each sentence when those with few stems go to the sentence before."""
    rows: list[int] = []
    for size in sizes:
        rows.append(0 if not rows else rows[-1] if size < SENTENCE_STEMS else rows[-1] + 1)
    return np.array(rows, np.int32)


def ordered_share(left: SentenceOrder, right: SentenceOrder) -> float:
    """ch: share of a text's stems in the heaviest chain of sentences with counterparts in the same order in the other;
    the larger of both sides.

    It is the shorter text that counts, but of two texts of nearly one length the shorter is an accident.
    """
    stems = _common(sorted_unique(left.stems), sorted_unique(right.stems))
    if not len(stems):
        return 0.0
    one, two = left.known(stems), right.known(stems)
    windows = [_windows(*known, (len(text.sizes), len(stems))) for known, text in ((one, left), (two, right))]
    return max(_told_in_order(*one, left.sizes, windows[1]), _told_in_order(*two, right.sizes, windows[0]))


def _windows(rows: NDArray[np.int64], places: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which of two neighbouring sentences together have which stem, shape (stems, sentences - 1)."""
    table = np.zeros(shape[::-1], np.bool_)
    table[places, rows] = True
    return table[:, :-1] | table[:, 1:] if shape[0] > 1 else table


def _told_in_order(
    rows: NDArray[np.int64], places: NDArray[np.int64], sizes: NDArray[np.int64], windows: NDArray[np.bool_]
) -> float:
    """One side of `ordered_share`: its sentences' stems (*rows*, *places*) looked up in the *windows* of the other
    text.

    No matrix product: BLAS threads made this fifty times dearer in CPU.
    """
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    sizes_here = sizes[rows[firsts]]
    overlap = np.add.reduceat(windows[places], firsts, axis=0, dtype=np.int32)
    best, shared = overlap.argmax(axis=1), overlap.max(axis=1)
    aligned = (shared >= ALIGNED_STEMS) & (shared >= ALIGNED_SHARE * sizes_here)
    chain = _heaviest_chain(best[aligned].tolist(), sizes_here[aligned].tolist(), windows.shape[1])
    return chain / max(int(sizes.sum()), TELLING_FLOOR)


def _common(one: Hashes, two: Hashes) -> Hashes:
    """Values of both, each of which is sorted and distinct."""
    both = np.sort(np.concatenate((one, two)))
    common: Hashes = both[1:][both[1:] == both[:-1]]
    return common


def _heaviest_chain(places: list[int], masses: list[int], windows: int) -> int:
    """Mass of the heaviest non-decreasing chain of *places*."""
    best = np.zeros(windows, np.int64)
    for place, mass in zip(places, masses, strict=True):
        best[place] = best[: place + 1].max() + mass
    return int(best.max())


def evidence(score: float, agreement: float, order: float) -> float:
    """v2: log-odds of copy against independent or partial, learnt on 72 + 31 zone pairs; -inf without a score.

    docs/decisions/grey-zone.md has the measurement.
    """
    if score <= 0:
        return float("-inf")
    return 1.2 * log(score / 0.12) + 1.7 * log(agreement / 0.5) + 8 * (sqrt(order) - 0.775)
