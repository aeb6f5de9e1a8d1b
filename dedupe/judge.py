"""Judges the candidate pairs of one context:
scores in both passes, further evidence in the zone, relation, passages.
"""

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
from dedupe.verify import Coverage, Shared, Verifier

RAW_NEAR = 0.7  # below this share of shared words no 5-gram Jaccard of .8 is possible


class Judge:
    """The pairs of one context; units are named by their places in it."""

    def __init__(self, context: Context, progress: Progress | None = None) -> None:
        self.context, self.params, self.progress = context, context.library.params, progress
        self.verifier = Verifier(index_keys(context.hashes, context.flags, self.params), context.flags, self.params)
        sketches = [
            sample(four_grams(own), reading.words, self.params)
            for own, reading in zip(context.hashes, context.readings, strict=True)
        ]
        self.pairs = find_candidates(sketches, self.params)
        self._neighbours = _neighbours(self.pairs, len(context.units))
        self._kin: dict[int, NDArray[np.int64]] = {}
        self._first: dict[tuple[int, int], tuple[float, float]] = {}

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
        first, raw = self._screen(left, right)
        if first < self.params.zone_score and raw < RAW_NEAR:
            return None
        shared = self.verifier.shared(left, right)
        coverage = self.coverage(left, right, shared)
        least = self.params.copy_score if self._same_publisher(left, right) else self.params.zone_score
        if coverage.score < least and raw < RAW_NEAR:
            return None
        scores = self.scores(left, right, coverage)
        relation = decide(scores, self.params)
        return None if relation is None else self.describe(left, right, shared, coverage, scores, relation)

    def coverage(self, left: int, right: int, shared: Shared) -> Coverage:
        """What the pair shares: by the first pass, in the grey zone by the second."""
        if not self.params.witness_low <= self._screen(left, right)[0] < self.params.witness_high:
            return self.verifier.compare(left, right, shared)
        near = np.concatenate(([left, right], self._near(left), self._near(right)))
        return self.verifier.compare_again(left, right, shared, near)

    def _near(self, unit: int) -> NDArray[np.int64]:
        """Units that resemble *unit*: they are no witnesses against it. Kept: an early text has many pairs."""
        if unit not in self._kin:
            pairs = ((min(unit, other), max(unit, other), other) for other in self._neighbours[unit])
            kin = [other for one, two, other in pairs if self._screen(one, two)[0] >= self.params.witness_score]
            self._kin[unit] = np.array(kin, np.int64)
        return self._kin[unit]

    def _screen(self, left: int, right: int) -> tuple[float, float]:
        """(s, raw share) of the first pass; kept, because neighbours ask for it again."""
        known = self._first.get((left, right))
        if known is None:
            coverage = self.verifier.compare(left, right, self.verifier.shared(left, right))
            known = self._first[left, right] = coverage.score, coverage.raw
        return known

    def scores(self, left: int, right: int, coverage: Coverage) -> Scores:
        """All numbers of a pair."""
        library, readings = self.context.library, [self.context.readings[unit] for unit in (left, right)]
        heads = self.heads(left, right)
        return Scores(
            score=coverage.score,
            coverage_left=coverage.left.coverage,
            coverage_right=coverage.right.coverage,
            jaccard=jaccard(five_grams(self.context.hashes[left]), five_grams(self.context.hashes[right])),
            agreement=quotation_agreement(
                library.stems[readings[0].ids],
                library.stems[readings[1].ids],
                coverage.left.quoted,
                coverage.right.quoted,
            ),
            order=ordered_share(*(library.close(head).telling for head in heads)),
            words_left=readings[0].words,
            words_right=readings[1].words,
            numbers_shared=self._numbers_shared(*heads),
            opening=opening(coverage),
            same_publisher=self._same_publisher(left, right),
        )

    def heads(self, left: int, right: int) -> tuple[int, int]:
        """The library's numbers of two units' heads."""
        return self.context.units[left].head, self.context.units[right].head

    def _same_publisher(self, left: int, right: int) -> bool:
        one, two = (self.context.library.articles[head].publisher for head in self.heads(left, right))
        return one is not None and one == two

    def _numbers_shared(self, left: int, right: int) -> float:
        """Share of the numbers of the text with fewer that the other names too; 1.0 if one names too few to tell."""
        one, two = self.context.library.numbers(left), self.context.library.numbers(right)
        fewer = min(len(one), len(two))
        return len(one & two) / fewer if fewer >= self.params.template_numbers else 1.0

    def describe(
        self, left: int, right: int, shared: Shared, coverage: Coverage, scores: Scores, relation: Relation
    ) -> Match:
        """The match record of a pair."""
        one, two = (self.context.library.articles[head] for head in self.heads(left, right))
        return Match(
            left_id=one.id,
            right_id=two.id,
            relation=relation,
            score=round(scores.score, 6),
            jaccard=round(scores.jaccard, 6),
            coverage_left=round(scores.coverage_left, 6),
            coverage_right=round(scores.coverage_right, 6),
            quotation_agreement=round(scores.agreement, 6),
            ordered_share=round(scores.order, 6),
            probability=probability(scores),
            passages=self._passages(left, right, shared, coverage),
        )

    def _passages(self, left: int, right: int, shared: Shared, coverage: Coverage) -> tuple[Passage, ...]:
        """The longest shared passages of a pair."""
        one, two = self.verifier.index.texts[left], self.verifier.index.texts[right]
        runs = find_runs(one.plain_row(shared.plain_left), two.plain_row(shared.plain_right), self.params)
        own, other = (self.context.library.close(head).placed for head in self.heads(left, right))
        return show(runs, own, other, coverage.left.quoted, coverage.right.quoted)


def opening(coverage: Coverage) -> float:
    """Share of the longer text's covered tokens that lie in its first part, half as long again as the shorter text."""
    shorter, longer = sorted((coverage.left, coverage.right), key=lambda side: len(side.covered))
    first = longer.covered[: len(shorter.covered) * 3 // 2]
    return int(np.count_nonzero(first)) / max(int(np.count_nonzero(longer.covered)), 1)


def _neighbours(pairs: NDArray[np.int64], count: int) -> list[list[int]]:
    """The candidates of each unit."""
    found: list[list[int]] = [[] for _ in range(count)]
    for left, right in pairs.tolist():
        found[left].append(right)
        found[right].append(left)
    return found
