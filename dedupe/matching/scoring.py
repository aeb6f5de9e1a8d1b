"""Judges the candidate pairs of one context: both passes, further evidence in the zone, relation, passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.backends import choose_measures, locate_tokens_of_all
from dedupe.corpus.context import Context
from dedupe.corpus.tables import Progress
from dedupe.pairs.measures import RAW_NEAR, Measured, Measures, Pairs, Reals
from dedupe.pairs.passages import TokenOffsets, show
from dedupe.pairs.relations import Scores, classify, decide, probability
from dedupe.records import Match, Passage, Relation

Bools = NDArray[np.bool_]

SHOWN_AT_ONCE = 10_000  # matches whose texts are held at a time: about 200 MB


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A pair of units and what was found about it."""

    left: int
    right: int
    scores: Scores


class PairScorer:
    """The pairs of one context; units are named by their places in it."""

    def __init__(self, context: Context, progress: Progress | None = None, *, measures: Measures | None = None) -> None:
        self.context, self.params = context, context.library.params
        self.measures = measures or choose_measures(context, progress)
        self._heads = context.units.heads

    def matching(self, pairs: Pairs) -> list[ScoredPair]:
        """Those of *pairs* that match, in order."""
        return [one for one in self.measure(pairs) if classify(one.scores, self.params)]

    def describe_all(self, scored: Sequence[ScoredPair], *, otherwise: Relation = "copy") -> list[Match]:
        """The match records of *scored*; what a pair that does not match is called is *otherwise*."""
        matches: list[Match] = []
        for first in range(0, len(scored), SHOWN_AT_ONCE):
            chosen = scored[first : first + SHOWN_AT_ONCE]
            located = self._locate(chosen)
            runs = self.measures.find_runs(np.array([(one.left, one.right) for one in chosen], np.int64))
            matches += [
                self.describe(one, self._ids(one), show(found, located[one.left], located[one.right]), otherwise)
                for one, found in zip(chosen, runs, strict=True)
            ]
        return matches

    def measure(self, pairs: Pairs, *, anyway: Bools | bool = False) -> Iterator[ScoredPair]:
        """Those of *pairs*, (k, 2), that may match, and those that are wanted *anyway*, (k,), measured, in order."""
        screen, anyway = self.measures.screen(pairs), np.broadcast_to(anyway, len(pairs))
        kept = (screen.score >= self.params.zone_score) | (screen.raw >= RAW_NEAR) | anyway
        pairs, score, anyway = pairs[kept], screen.score[kept], anyway[kept]
        grey = (score >= self.params.background_low) & (score < self.params.background_high)
        own, other = self.context.publishers[pairs].T
        same = (own == other) & (own >= 0)
        least = np.where(same, self.params.copy_score, self.params.zone_score) * ~anyway
        measured = self.measures.measure(pairs, grey, least, self._around(pairs[grey]))
        for number in np.flatnonzero((measured.score >= least) | (measured.raw >= RAW_NEAR)).tolist():
            left, right = pairs[number].tolist()
            yield ScoredPair(left, right, self._scores(measured, number, left, right, same=bool(same[number])))

    def _around(self, grey: Pairs) -> Pairs:
        """The candidate pairs of the units of *grey* pairs."""
        asked = np.zeros(len(self.context.units), np.bool_)
        asked[grey] = True
        return self.measures.candidates(asked)

    def _scores(self, measured: Measured, number: int, left: int, right: int, *, same: bool) -> Scores:
        """All numbers of a pair."""
        words, sizes = self.context.token_store.words, self.context.token_store.sizes
        return Scores(
            score=float(measured.score[number]),
            coverage_left=float(measured.coverage_left[number]),
            coverage_right=float(measured.coverage_right[number]),
            jaccard=float(measured.jaccard[number]),
            agreement=float(measured.agreement[number]),
            order=float(measured.order[number]),
            words_left=int(words[left]),
            words_right=int(words[right]),
            numbers_shared=float(measured.numbers_shared[number]),
            shared_words=float(measured.shared_tokens[number])
            * min(words[unit] / sizes[unit] for unit in (left, right)),
            opening=float(measured.opening[number]),
            head=float(measured.head[number]),
            tail=float(measured.tail[number]),
            around_left=self._around_block(measured.before_left, measured.after_left, number, left),
            around_right=self._around_block(measured.before_right, measured.after_right, number, right),
            same_publisher=same,
            entries_left=int(measured.entries_left[number]),
            entries_right=int(measured.entries_right[number]),
        )

    def _around_block(self, before: Reals, after: Reals, number: int, unit: int) -> tuple[float, float]:
        words = self.context.token_store.words[unit] / self.context.token_store.sizes[unit]  # per token
        return float(before[number] * words), float(after[number] * words)

    def _locate(self, found: Sequence[ScoredPair]) -> dict[int, TokenOffsets]:
        """The offsets of the tokens of the units of *found*; their texts are read again."""
        units = sorted({unit for one in found for unit in (one.left, one.right)})
        texts = self.context.library.texts([self.article_id(unit) for unit in units])
        return dict(zip(units, locate_tokens_of_all(texts), strict=True))

    def article_id(self, unit: int) -> str:
        """The article that stands for a unit."""
        return self.context.library.listing.ids[int(self._heads[unit])]

    def _ids(self, found: ScoredPair) -> tuple[str, str]:
        return self.article_id(found.left), self.article_id(found.right)

    def describe(
        self, found: ScoredPair, ids: tuple[str, str], passages: tuple[Passage, ...], otherwise: Relation
    ) -> Match:
        """The match record of one pair, for the articles *ids* that stand for its units."""
        scores = found.scores
        decision = decide(scores, self.params)
        return Match(
            left_id=ids[0],
            right_id=ids[1],
            relation=decision.relation or otherwise,
            score=round(scores.score, 6),
            jaccard=round(scores.jaccard, 6),
            coverage_left=round(scores.coverage_left, 6),
            coverage_right=round(scores.coverage_right, 6),
            quotation_agreement=round(scores.agreement, 6),
            ordered_share=round(scores.order, 6),
            probability=probability(scores),
            reason=decision.reason,
            passages=passages,
        )
