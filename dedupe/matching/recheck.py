"""Second looks: the texts of a date may show that an earlier match is none.

A pair is decided on the date of its later article, and a still later report may show that its shared words are a
quotation or common language. So every date verifies those earlier pairs again of which both texts are near one text of
the date. A pair that matches on the earlier texts alone, but no longer once this date's texts are added, is withdrawn.
This depends on the same eight days as all other results of the date. Labelled sets that are spread over two and four
days then have nearly the precision that they have with all texts at once (docs/decisions/eight-days.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.context import Context
from dedupe.matching.scoring import PairScorer, ScoredPair
from dedupe.pairs.measures import Pairs
from dedupe.pairs.relations import decide
from dedupe.records import Reason
from dedupe.text.flags import FORMULA, RECURRING

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recheck:
    """The earlier pairs that the texts of a date may withdraw, and what was known about them without these texts."""

    pairs: Pairs  # units of the scorer of that date; sorted
    before: Mapping[tuple[int, int], ScoredPair]  # by pair; units of *earlier*
    earlier: Context

    def why(self, scorer: PairScorer, now: ScoredPair) -> Reason:
        """What the texts of the date show about a pair that they withdraw."""
        if (decided := decide(now.scores, scorer.params).reason) == "numbers_differ":
            return decided
        was = self.before[now.left, now.right]
        ends = np.array([now.left, now.right]), np.array([was.left, was.right])
        flags, old = (
            context.token_store.gather(units).straightened().flags
            for context, units in zip((scorer.context, self.earlier), ends, strict=True)
        )
        new = flags & ~old
        if (new & FORMULA).any():
            return "formula_removed"
        if (new & RECURRING).any():
            return "line_removed"
        return "quotation_removed" if now.scores.agreement != was.scores.agreement else "common_language"


def find_pairs_to_recheck(scorer: PairScorer, day: date, around: Pairs) -> Recheck:
    """Pairs of dates before *day*, the last of the context, that match if nothing is known but the earlier texts near
    those of *day*; sorted. *around*: the candidate pairs of the units of *day*.
    """
    old, late = _links(scorer, day, around)
    earlier = _earlier(scorer.context, day, old)
    before = PairScorer(earlier)
    units = np.searchsorted(scorer.context.units.heads, earlier.units.heads)  # their places among those of *scorer*
    pairs = before.measures.candidates(np.ones(len(units), np.bool_))
    span = len(scorer.context.units)
    matched = before.matching(pairs[np.isin(_codes(units[pairs], span), _near(old, late, span))])
    found = units[np.array([(one.left, one.right) for one in matched], np.int64).reshape(-1, 2)]
    return Recheck(found, dict(zip(map(tuple, found.tolist()), matched, strict=True)), earlier)


def _links(scorer: PairScorer, day: date, around: Pairs) -> tuple[Numbers, Numbers]:
    """(earlier, late): the units of *day*, each with those before *day* that share most words with it."""
    new = scorer.context.library.listing.of(day)[scorer.context.units.heads]
    mixed = new[around].sum(axis=1) == 1
    raw = scorer.measures.screen(around).raw[mixed]  # of all, since they are needed next: each call reads all texts
    around = around[mixed]
    sizes = scorer.context.token_store.sizes[around]
    shared = raw * sizes.max(axis=1)  # words: the smaller share is that of the longer text
    old, late = np.where(new[around[:, :1]], around[:, ::-1], around).T
    order = np.lexsort((old, -shared / sizes.min(axis=1), late))
    ranks = np.arange(len(order)) - np.searchsorted(late[order], late[order])
    order = order[ranks < scorer.params.near_count]
    return old[order], late[order]


def _earlier(context: Context, day: date, units: Numbers) -> Context:
    """The articles of some *units* before *day*, as a context."""
    chosen = np.zeros(len(context.units), np.bool_)
    chosen[units] = True
    members = context.units.members[chosen[context.units.owners]]
    return Context(context.library, members[~context.library.listing.of(day)[members]])


def _near(old: Numbers, late: Numbers, span: int) -> Numbers:
    """The codes of all pairs of *old* units that are linked with the same *late* one; links are in its order."""
    most = int(np.bincount(late).max(initial=1))
    pairs = [np.column_stack((old[:-step], old[step:]))[late[:-step] == late[step:]] for step in range(1, most)]
    return _codes(np.concatenate([np.empty((0, 2), np.int64), *pairs]), span)


def _codes(pairs: Pairs, span: int) -> Numbers:
    """A number for each pair of units, whichever comes first; units are under *span*."""
    codes: Numbers = pairs.min(axis=1) * span + pairs.max(axis=1)
    return codes
