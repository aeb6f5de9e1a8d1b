"""Two articles side by side: all scores and passages, whether they match or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dedupe.corpus.context import Library
from dedupe.matching.matching import identical, read_library
from dedupe.matching.scoring import PairScorer
from dedupe.pairs.relations import classify
from dedupe.params import DEFAULTS, Params
from dedupe.records import Article, Match, Passage, Reason, Relation


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
    reason: Reason | None  # what decided; None: one of them has no words
    passages: tuple[Passage, ...]


def compare(left: Article, right: Article, params: Params = DEFAULTS) -> Match | None:
    """The match of two articles, seen without any context (no third texts), or None."""
    comparison = compare_closely(left, right, params)
    if comparison.relation is None:
        return None
    return Match(**{name: getattr(comparison, name) for name in Match.__dataclass_fields__})


def compare_closely(left: Article, right: Article, params: Params = DEFAULTS) -> Comparison:
    """All scores and passages of two articles without any context, however far apart their dates are."""
    library = read_library((left, right), params)
    context = library.context(None)
    one, two = library.listing.ids
    if len(set(library.listing.contents.tolist())) == 1 and len(context.units):
        words = int(library.token_store.words[0])
        first, second = (len(text) for text in library.texts([one, two]))
        match = identical(one, two, first, second, words)
        return _comparison(match, evidence=None, numbers_shared=1.0, words=(words, words), shared_words=words)
    if len(context.units) < 2:
        return _nothing(one, two, library)
    scorer = PairScorer(context)
    (found,) = scorer.measure(np.array([[0, 1]]), anyway=True)
    scores = found.scores
    compared = _comparison(
        scorer.describe_all([found])[0],
        evidence=scores.evidence if scores.score > 0 else None,
        numbers_shared=scores.numbers_shared,
        words=(scores.words_left, scores.words_right),
        shared_words=round(scores.shared_words, 1),
    )
    return compared if classify(scores, params) else replace(compared, relation=None)


def _comparison(
    match: Match, *, evidence: float | None, numbers_shared: float, words: tuple[int, int], shared_words: float
) -> Comparison:
    """A comparison with everything that a match says."""
    values = {name: getattr(match, name) for name in Match.__dataclass_fields__}
    return Comparison(
        **values,
        evidence=evidence,
        numbers_shared=numbers_shared,
        words_left=words[0],
        words_right=words[1],
        shared_words=shared_words,
    )


def _nothing(one: str, two: str, library: Library) -> Comparison:
    """The comparison with a text that has no words."""
    return Comparison(
        left_id=one,
        right_id=two,
        relation=None,
        score=0.0,
        jaccard=0.0,
        coverage_left=0.0,
        coverage_right=0.0,
        quotation_agreement=0.5,
        ordered_share=0.0,
        evidence=None,
        numbers_shared=1.0,
        words_left=int(library.token_store.words[0]),
        words_right=int(library.token_store.words[1]),
        shared_words=0.0,
        probability=0.0,
        reason=None,
        passages=(),
    )
