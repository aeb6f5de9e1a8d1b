"""Judges the candidate pairs of one context: scores in both passes, further evidence in the zone, relation, passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from dedupe.agreement import ordered_share, quotation_agreement
from dedupe.candidates import find_candidates
from dedupe.context import Context, Progress, Unit
from dedupe.keyindex import index_keys
from dedupe.passages import find_runs, show
from dedupe.records import Match, Passage, Relation
from dedupe.relations import Scores, decide, probability
from dedupe.shingles import five_grams, four_grams, jaccard
from dedupe.sketches import sample
from dedupe.verify import Coverage, Verifier

RAW_NEAR = 0.7  # below this share of shared words no 5-gram Jaccard of .8 is possible


class Judge:
    """The pairs of one context; units are named by their places in it."""

    def __init__(self, context: Context, progress: Progress | None = None) -> None:
        self.context, self.params, self.progress = context, context.library.params, progress
        self.verifier = Verifier(index_keys(context.hashes, context.flags, self.params), context.flags, self.params)
        sketches = [sample(four_grams(own), reading.words, self.params)
                    for own, reading in zip(context.hashes, context.readings, strict=True)]
        self.pairs = find_candidates(sketches, self.params)
        self._neighbours = _neighbours(self.pairs, len(context.units))
        self._first: dict[tuple[int, int], float] = {}

    def candidates(self, wanted: Callable[[Unit], bool]) -> Iterator[tuple[int, int]]:
        """Candidate pairs whose later unit is wanted, in order."""
        new = np.array([wanted(unit) for unit in self.context.units], np.bool_)
        chosen = self.pairs[new[self.pairs[:, 1]]] if len(self.pairs) else self.pairs
        chosen = chosen[np.lexsort((chosen[:, 1], chosen[:, 0]))]
        for number, (left, right) in enumerate(chosen.tolist()):
            if self.progress is not None and number % 256 == 0:
                self.progress("verify", number, len(chosen))
            yield left, right

    def match(self, left: int, right: int) -> Match | None:
        """The match of two units' heads, or None."""
        coverage = self.coverage(left, right)
        if coverage.score < self.params.zone_score and min(coverage.raw_left, coverage.raw_right) < RAW_NEAR:
            return None
        scores = self.scores(left, right, coverage)
        relation = decide(scores, self.params)
        if relation is None:
            return None
        return self.describe(left, right, coverage, scores, relation)

    def describe(self, left: int, right: int, coverage: Coverage, scores: Scores, relation: Relation) -> Match:
        """The match record of a pair."""
        one, two = (self.context.library.articles[self.context.units[unit].head] for unit in (left, right))
        return Match(left_id=one.id, right_id=two.id, relation=relation, score=round(scores.score, 6), jaccard=round(scores.jaccard, 6),
                     coverage_left=round(scores.coverage_left, 6), coverage_right=round(scores.coverage_right, 6),
                     quotation_agreement=round(scores.agreement, 6), ordered_share=round(scores.order, 6),
                     probability=probability(scores), passages=self.passages(left, right, coverage))

    def coverage(self, left: int, right: int) -> Coverage:
        """What the pair shares: by the first pass, in the grey zone by the second."""
        first = self.verifier.compare(left, right)
        self._first[left, right] = first.score
        if not self.params.witness_low <= first.score < self.params.witness_high:
            return first
        near = [left, right, *self._near(left), *self._near(right)]
        return self.verifier.compare_again(left, right, np.array(near, np.int64))

    def _near(self, unit: int) -> list[int]:
        """Units that resemble *unit*: they are no witnesses against it."""
        return [other for other in self._neighbours[unit] if self._score(*sorted((unit, other))) >= self.params.witness_score]

    def _score(self, left: int, right: int) -> float:
        if (left, right) not in self._first:
            self._first[left, right] = self.verifier.compare(left, right).score
        return self._first[left, right]

    def scores(self, left: int, right: int, coverage: Coverage) -> Scores:
        """All numbers of a pair."""
        library = self.context.library
        one, two = self.context.readings[left], self.context.readings[right]
        heads = self.context.units[left].head, self.context.units[right].head
        publishers = [library.articles[head].publisher for head in heads]
        tellings = sorted((library.close(head)[1] for head in heads), key=lambda telling: telling.size)
        close = min(coverage.raw_left, coverage.raw_right) >= RAW_NEAR
        grams = [five_grams(self.context.hashes[unit]) for unit in (left, right)]
        return Scores(
            score=coverage.score, coverage_left=coverage.left, coverage_right=coverage.right,
            jaccard=jaccard(*grams) if close or coverage.score >= self.params.zone_score else 0.0,
            agreement=quotation_agreement(library.stems[one.ids], library.stems[two.ids], coverage.quoted_left, coverage.quoted_right),
            order=ordered_share(*tellings, self.context.weights),
            words_left=one.words, words_right=two.words,
            numbers_shared=self._numbers_shared(*heads),
            same_publisher=publishers[0] is not None and publishers[0] == publishers[1],
        )

    def _numbers_shared(self, left: int, right: int) -> float:
        """Share of the numbers of the text with fewer that the other names too; 1.0 if one names too few to tell."""
        one, two = self.context.library.numbers(left), self.context.library.numbers(right)
        fewer = min(len(one), len(two))
        return len(one & two) / fewer if fewer >= self.params.template_numbers else 1.0

    def passages(self, left: int, right: int, coverage: Coverage) -> tuple[Passage, ...]:
        """The longest shared passages of a pair."""
        keys, shared = self.verifier.index.keys, self.verifier.shared(left, right)
        runs = find_runs(np.where(shared.plain_left, keys[left][0], 0), np.where(shared.plain_right, keys[right][0], 0), self.params)
        placed = [self.context.library.close(self.context.units[unit].head)[0] for unit in (left, right)]
        return show(runs, placed[0], placed[1], coverage.quoted_left, coverage.quoted_right)


def _neighbours(pairs: NDArray[np.int64], count: int) -> list[list[int]]:
    """The candidates of each unit."""
    found: list[list[int]] = [[] for _ in range(count)]
    for left, right in pairs.tolist():
        found[left].append(right)
        found[right].append(left)
    return found
