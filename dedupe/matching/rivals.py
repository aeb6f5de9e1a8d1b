"""Better matches elsewhere: what one publisher's article resembles among another's is one article, not a series.

Instalments of a series resemble each other from day to day, but the print of the same day more. So two articles of
different dates are no copies if one of them has a much better match among the articles of the other's publisher.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.matching.scoring import PairScorer, ScoredPair
from dedupe.pairs.measures import Pairs

Bools = NDArray[np.bool_]


def have_rivals(scorer: PairScorer, found: Sequence[ScoredPair]) -> Bools:
    """Whether each pair *found* is weak, lies a day or more apart and has a match better by `Params.rival_factor`
    between one of its articles and the publisher of the other, shape (found,).
    """
    pairs = np.array([(one.left, one.right) for one in found], np.int64).reshape(-1, 2)
    days = scorer.context.days[pairs]
    publishers = scorer.context.publishers[pairs].astype(np.int64)
    weak = np.array([one.scores.score < scorer.params.sure_score for one in found], np.bool_)
    asked = np.flatnonzero(weak & (days[:, 0] != days[:, 1]) & (publishers >= 0).all(axis=1))
    rivalled = np.zeros(len(pairs), np.bool_)
    if len(asked):
        best = _best_of(scorer, pairs[asked])
        own = scorer.measures.screen(pairs[asked]).score
        left, right = pairs[asked].T
        better = np.maximum(best.of(left, publishers[asked, 1]), best.of(right, publishers[asked, 0]))
        rivalled[asked] = better >= scorer.params.rival_factor * own
    return rivalled


class _Best:
    """The best score of a unit with any unit of a publisher."""

    def __init__(self, codes: NDArray[np.int64], scores: NDArray[np.float64], span: int) -> None:
        order = np.lexsort((-scores, codes))
        first = np.flatnonzero(np.diff(codes[order], prepend=-1))
        self.codes, self.scores, self.span = codes[order][first], scores[order][first], span

    def of(self, units: NDArray[np.int64], publishers: NDArray[np.int64]) -> NDArray[np.float64]:
        """For each unit with each publisher; 0 where there is none."""
        if not len(self.codes):
            return np.zeros(len(units))
        codes = units * self.span + publishers
        places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[places] == codes, self.scores[places], 0.0)


def _best_of(scorer: PairScorer, pairs: Pairs) -> _Best:
    """Of all units of *pairs*, by the first pass: what their candidates share, and verbatim copies."""
    context = scorer.context
    span = int(context.publishers.max(initial=0)) + 2
    asked = np.zeros(len(context.units), np.bool_)
    asked[pairs] = True
    around = scorer.measures.candidates(asked)
    scores = scorer.measures.screen(around).score
    units, others = np.concatenate((around, around[:, ::-1])).T
    printers = context.publishers[others].astype(np.int64)
    members, owners = context.units.members, context.units.owners
    prints = context.library.listing.publishers[members].astype(np.int64)  # a verbatim copy is the best match there is
    codes = np.concatenate((units * span + printers, owners * span + prints))
    found = np.concatenate((scores, scores, np.ones(len(members))))
    known = np.concatenate((printers, prints)) >= 0
    return _Best(codes[known], found[known], span)
