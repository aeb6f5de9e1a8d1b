"""Crowds: texts of an event that very many report are compared with the nearest few of them.

The join lists of each hash the first 64 texts that have it. Of a text that comes late in a crowd, these lists hold a
hundred or more texts that all resemble it: to compare it with all of them costs much and says no more than the nearest
do. Which texts are such depends on the set alone, as the candidates do (docs/decisions/crowds.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.pairs.candidates import Candidates
from dedupe.pairs.measures import Measures, Pairs
from dedupe.params import Params

Bools = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Thinned:
    """What is left of the candidates when the texts of crowds keep their nearest ones."""

    pairs: Pairs  # those whose later text is asked for
    around: Pairs  # all but those of texts of crowds: what may be looked at a second time
    crowds: Bools  # (units,): texts of a crowd, among those asked for


def thin(measures: Measures, found: Candidates, asked: Bools, params: Params) -> Thinned:
    """The pairs of *found* whose later unit is *asked* for, bool (units,): of a unit of a crowd its nearest ones."""
    own = asked[found.pairs[:, 1]]
    suspects = np.flatnonzero(own & found.crowded[found.pairs[:, 1]])
    looked = _first(suspects, -found.shared[suspects], found.pairs, params.crowd_looked)
    scores = measures.screen(found.pairs[looked]).score
    alike = np.bincount(found.pairs[looked, 1][scores >= params.zone_score], minlength=len(asked))
    crowds = alike >= params.crowd_count
    inside = crowds[found.pairs[looked, 1]]
    nearest = _first(looked[inside], -scores[inside], found.pairs, params.crowd_kept)
    own &= ~crowds[found.pairs[:, 1]]
    own[nearest] = True
    return Thinned(found.pairs[own], found.pairs[~crowds[found.pairs].any(axis=1)], crowds)


def _first(places: Numbers, key: NDArray[np.generic], pairs: Pairs, most: int) -> Numbers:
    """Of the *pairs* at *places*, the first *most* of each later unit by *key*, ties in the order of the earlier ones;
    ascending.
    """
    right = pairs[places, 1]
    order = np.lexsort((pairs[places, 0], key, right))
    right = right[order]
    ranks = np.arange(len(order)) - np.searchsorted(right, right)
    return np.sort(places[order[ranks < most]])
