"""The two numbers that decide the zone in which s alone is a coin: do the quotations agree, is the order of telling the same?"""

from __future__ import annotations

from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from dedupe.shingles import Hashes, combine, sorted_unique

SMOOTH_SHARED, SMOOTH_ALL = 8, 16  # qv of texts without quotations is their ratio, .5
SENTENCE_STEMS = 4  # a shorter sentence is joined to the one before
ALIGNED_SHARE = 0.4
ALIGNED_WEIGHT = 8.0
WEIGHT_FLOOR = 60.0


def quotation_agreement(left: Hashes, right: Hashes, quoted_left: NDArray[np.bool_], quoted_right: NDArray[np.bool_]) -> float:
    """qv: geometric mean of the share of each text's quoted tokens that lie in stem 3-grams of the other. Arrays of n tokens."""
    shares = [_quoted_share(left, right, quoted_left), _quoted_share(right, left, quoted_right)]
    return sqrt(shares[0] * shares[1])


def _quoted_share(own: Hashes, other: Hashes, quoted: NDArray[np.bool_]) -> float:
    hit = np.isin(combine(own, (0, 1, 2)), combine(other, (0, 1, 2)))
    covered = np.zeros(len(own), np.bool_)
    for place in range(3):
        covered[place : place + len(hit)] |= hit
    return (int((covered & quoted).sum()) + SMOOTH_SHARED) / (int(quoted.sum()) + SMOOTH_ALL)


class Telling:
    """A text as a row of sentences, each a set of content stems."""

    def __init__(self, stems: Hashes, content: NDArray[np.bool_], sentences: NDArray[np.int32]) -> None:
        self.sentences: list[Hashes] = []
        kept, numbers = stems[content], sentences[content]
        for part in np.split(kept, np.flatnonzero(np.diff(numbers)) + 1) if len(kept) else []:
            own = sorted_unique(part)
            if self.sentences and len(own) < SENTENCE_STEMS:
                self.sentences[-1] = sorted_unique(np.concatenate((self.sentences[-1], own)))
            else:
                self.sentences.append(own)
        self.size = int(content.sum())


def ordered_share(shorter: Telling, longer: Telling, weigh: Weights) -> float:
    """ch: share of the shorter text's weight in the heaviest chain of sentences with counterparts in the same order in the longer one."""
    stems = sorted_unique(np.concatenate([*shorter.sentences, np.empty(0, np.uint64)]))
    weights = weigh(stems)
    own = _table(shorter.sentences, stems)
    other = _table(longer.sentences, stems)
    windows = np.maximum(other[:-1], other[1:]) if len(other) > 1 else other
    masses = own @ weights
    if not len(windows) or not len(own):
        return 0.0
    overlap = (own * weights) @ windows.T
    best = overlap.argmax(axis=1)
    weight = overlap.max(axis=1)
    aligned = (weight >= ALIGNED_WEIGHT * weigh.unit) & (weight >= ALIGNED_SHARE * masses)
    return min(_heaviest_chain(best[aligned], masses[aligned], len(windows)) / max(float(masses.sum()), WEIGHT_FLOOR * weigh.unit), 1.0)


def _table(sentences: list[Hashes], stems: Hashes) -> NDArray[np.float64]:
    """1.0 where a sentence has a stem, shape (sentences, stems). Weights are whole numbers, so sums are exact on any machine."""
    table = np.zeros((len(sentences), len(stems)))
    for row, own in enumerate(sentences):
        place = np.searchsorted(stems, own)
        place[place == len(stems)] = 0
        known = place[stems[place] == own] if len(stems) else place[:0]
        table[row, known] = 1.0
    return table


def _heaviest_chain(places: NDArray[np.int64], masses: NDArray[np.float64], windows: int) -> float:
    """Weight of the heaviest non-decreasing run of *places*."""
    best = np.zeros(windows)
    for place, mass in zip(places.tolist(), masses.tolist(), strict=True):
        best[place] = max(best[place], best[: place + 1].max() + mass)
    return float(best.max()) if windows else 0.0


class Weights:
    """How telling a stem is: whole numbers, `unit` of them for one nat."""

    unit = 1024.0

    def __init__(self, stems: Hashes, frequency: NDArray[np.int64], texts: int) -> None:
        self.stems, self.texts = stems, texts
        self.weights = np.round(self.unit * np.log((texts + 1) / (frequency + 0.5)))

    def __call__(self, stems: Hashes) -> NDArray[np.float64]:
        """Weights of *stems*, float64 of whole numbers, shape (len(stems),)."""
        place = np.minimum(np.searchsorted(self.stems, stems), max(len(self.stems) - 1, 0))
        unknown = float(np.round(self.unit * log((self.texts + 1) / 0.5)))
        if not len(self.stems):
            return np.full(len(stems), unknown)
        return np.where(self.stems[place] == stems, self.weights[place], unknown)


def evidence(score: float, agreement: float, order: float) -> float:
    """v2: log-odds of copy against independent or partial, learnt on 72 + 31 zone pairs (facts-grey.md 3); -inf without a score."""
    if score <= 0:
        return float("-inf")
    return 1.2 * log(score / 0.12) + 1.7 * log(agreement / 0.5) + 8 * (sqrt(order) - 0.775)
