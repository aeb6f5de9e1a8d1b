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
    pairs, right = found.pairs, found.pairs[:, 1]
    own = asked[right]
    many = np.bincount(right[own], minlength=len(asked)) >= params.crowd_candidates
    left = np.flatnonzero(own & (found.crowded | many)[right])
    crowds, nearest = np.zeros(len(asked), np.bool_), [np.empty(0, np.int64)]
    # First those that share most hashes. If they share a quotation only, all: they would be scored anyway.
    for looked in (_first(left, -found.shared[left], pairs, params.crowd_looked), left):
        looked = looked[~crowds[right[looked]]]
        scores = measures.screen(pairs[looked]).score
        alike = np.bincount(right[looked[scores >= params.zone_score]], minlength=len(asked)) >= params.crowd_count
        inside = alike[right[looked]]
        nearest.append(_first(looked[inside], -scores[inside], pairs, params.crowd_kept))
        crowds |= alike
    own &= ~crowds[right]
    own[np.concatenate(nearest)] = True
    return Thinned(pairs[own], pairs[~crowds[pairs].any(axis=1)], crowds)


def _first(places: Numbers, key: NDArray[np.generic], pairs: Pairs, most: int) -> Numbers:
    """Of the *pairs* at *places*, the first *most* of each later unit by *key*, ties in the order of the earlier ones;
    ascending.
    """
    right = pairs[places, 1]
    order = np.lexsort((pairs[places, 0], key, right))
    right = right[order]
    ranks = np.arange(len(order)) - np.searchsorted(right, right)
    return np.sort(places[order[ranks < most]])
