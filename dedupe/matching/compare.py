"""Two articles side by side: all scores and passages, whether they match or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from dedupe.backends import flag_formulas, locate_tokens_of_all
from dedupe.corpus.context import Library
from dedupe.matching.matching import identical, read_library
from dedupe.matching.removed import RemovedFinder, related
from dedupe.matching.scoring import PairScorer
from dedupe.pairs.passages import show
from dedupe.pairs.relations import decide, probability
from dedupe.params import DEFAULTS, Params
from dedupe.records import Article, Match, Passage, Reason, Relation, Removed, turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A pair as `wirecopy compare` shows it.

    `relation` is None if the two are independent; left comes first in the order.
    """

    left_id: str
    right_id: str
    relation: Relation | None
    score: float
    jaccard: float
    coverage_left: float
    coverage_right: float
    quotation_agreement: float
    ordered_share: float
    evidence: float | None  # v2; None without a score
    numbers_shared: float
    words_left: int
    words_right: int
    shared_words: float  # words of narrative that both have, of the side with fewer
    probability: float
    reason: Reason | None  # what decided; None: one of them has no words, or is boilerplate as a whole
    passages: tuple[Passage, ...]
    removed_left: tuple[Removed, ...] = ()  # what is no narrative of the left text, in reading order
    removed_right: tuple[Removed, ...] = ()
    of_crowd: bool = False  # as of `Match`: two that are named stand in none


def compare(left: Article, right: Article, params: Params = DEFAULTS) -> Match | None:
    """The match of two articles, seen without any context (no third texts), or None."""
    comparison = compare_closely(left, right, params)
    if comparison.relation is None:
        return None
    return Match(**{name: getattr(comparison, name) for name in Match.__dataclass_fields__})


def compare_closely(left: Article, right: Article, params: Params = DEFAULTS) -> Comparison:
    """All scores and passages of two articles without any context, however far apart their dates are."""
    return Examiner(read_library((left, right), params), None, (left.id, right.id)).examine(left.id, right.id)


class Examiner:
    """Compares some articles of one context as dedupe does, and says what it takes out of them."""

    def __init__(self, library: Library, day: date | None, ids: Collection[str]) -> None:
        """*day*: whose eight days are the context; None: all texts of *library*. *ids*: the articles to be compared;
        those that are not in the context have no words there.
        """
        context = library.context(day)
        flag_formulas(context)
        self._library, wanted = library, set(ids)
        self._numbers = {name: number for number, name in enumerate(list(library.listing.ids)) if name in wanted}
        units = dict(zip(context.units.members.tolist(), context.units.owners.tolist(), strict=True))
        asked = sorted({units[number] for number in self._numbers.values() if number in units})
        kept = related(context, asked)
        self._scorer = PairScorer(context.narrowed(kept))
        places = dict(zip(np.flatnonzero(kept).tolist(), range(len(kept)), strict=False))
        self._units = {number: places[units[number]] for number in self._numbers.values() if number in units}
        self._finder = RemovedFinder(self._scorer)

    def examine(self, one: str, two: str) -> Comparison:
        """The comparison of two of the articles. Raises KeyError if the library does not have them."""
        left, right = sorted((self._numbers[one], self._numbers[two]))
        if self._library.listing.contents[left] == self._library.listing.contents[right] and left in self._units:
            return self._identical(left, right)
        if left not in self._units or right not in self._units:
            return self._nothing(left, right)
        return self._compare(left, right)

    def _compare(self, left: int, right: int) -> Comparison:
        """Of two units, in the order of the articles, which is not always that of the units."""
        units = np.array([self._units[left], self._units[right]])
        turn = -1 if units[0] > units[1] else 1
        (found,) = self._scorer.measure(units[None, ::turn], anyway=True)
        ids = [self._library.listing.ids[number] for number in (left, right)]
        offsets = locate_tokens_of_all(self._library.texts(ids[::turn]))
        (runs,) = self._scorer.measures.find_runs(units[None, ::turn])
        removed = self._finder.find(found.left, found.right, (offsets[0], offsets[1]))
        scores, decision = found.scores, decide(found.scores, self._library.params)
        passages = show(runs, *offsets)
        coverage = (round(scores.coverage_left, 6), round(scores.coverage_right, 6))[::turn]
        words = (scores.words_left, scores.words_right)[::turn]
        return Comparison(
            left_id=ids[0],
            right_id=ids[1],
            relation=decision.relation,
            score=round(scores.score, 6),
            jaccard=round(scores.jaccard, 6),
            coverage_left=coverage[0],
            coverage_right=coverage[1],
            quotation_agreement=round(scores.agreement, 6),
            ordered_share=round(scores.order, 6),
            evidence=scores.evidence if scores.score > 0 else None,
            numbers_shared=scores.numbers_shared,
            words_left=words[0],
            words_right=words[1],
            shared_words=round(scores.shared_words, 1),
            probability=probability(scores),
            reason=decision.reason,
            passages=passages if turn == 1 else tuple(map(turned, passages)),
            removed_left=removed[::turn][0],
            removed_right=removed[::turn][1],
        )

    def _identical(self, left: int, right: int) -> Comparison:
        ids = [self._library.listing.ids[number] for number in (left, right)]
        words = int(self._library.token_store.words[left])
        first, second = (len(text) for text in self._library.texts(ids))
        match = identical(ids[0], ids[1], first, second, words)
        return Comparison(
            **{name: getattr(match, name) for name in Match.__dataclass_fields__},
            evidence=None,
            numbers_shared=1.0,
            words_left=words,
            words_right=words,
            shared_words=words,
        )

    def _nothing(self, left: int, right: int) -> Comparison:
        """The comparison with a text that has no words, or is boilerplate as a whole."""
        return Comparison(
            left_id=self._library.listing.ids[left],
            right_id=self._library.listing.ids[right],
            relation=None,
            score=0.0,
            jaccard=0.0,
            coverage_left=0.0,
            coverage_right=0.0,
            quotation_agreement=0.5,
            ordered_share=0.0,
            evidence=None,
            numbers_shared=1.0,
            words_left=int(self._library.token_store.words[left]),
            words_right=int(self._library.token_store.words[right]),
            shared_words=0.0,
            probability=0.0,
            reason=None,
            passages=(),
        )
