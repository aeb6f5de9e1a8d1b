"""From scores to a relation, and to the probability that a reader calls the pair a copy."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from dedupe.agreement import evidence
from dedupe.params import Params
from dedupe.records import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """All that is known about a pair when its relation is decided."""

    score: float
    coverage_left: float
    coverage_right: float
    jaccard: float
    agreement: float  # qv
    order: float  # ch
    words_left: int
    words_right: int
    numbers_shared: float  # share of the numbers of the text with fewer; 1.0: too few numbers to tell
    opening: float  # share of what the longer text shares that stands at its beginning
    same_publisher: bool

    @property
    def evidence(self) -> float:
        """v2 of facts-grey.md."""
        return evidence(self.score, self.agreement, self.order)


def decide(scores: Scores, params: Params) -> Relation | None:
    """The relation of two different texts, or None if they are independent."""
    if scores.numbers_shared < params.template_agreement:
        return None
    if scores.jaccard >= params.near_duplicate_jaccard:
        return "near_duplicate"
    relation = _by_score(scores, params)
    if relation is None:
        return None
    if scores.same_publisher:
        return "update" if relation == "copy" else None  # weak matches inside one publisher: 0 of 22 were copies
    return "contains" if _contains(scores, params) else relation


def _by_score(scores: Scores, params: Params) -> Relation | None:
    """Above the zone s decides, below nothing does, inside it s and the further evidence together."""
    if min(scores.words_left, scores.words_right) < params.short_words:
        return "copy" if scores.score >= params.short_score else None
    if scores.score >= params.copy_score:
        return "copy"
    if scores.score < params.zone_score:
        return None
    strong = scores.score >= params.zone_strong_score and scores.evidence >= params.zone_strong_evidence
    return "derived" if scores.evidence >= params.zone_evidence or strong else None


def _contains(scores: Scores, params: Params) -> bool:
    """A round-up holds the other text: nearly all of one side, little of a much longer other side, and not at its beginning.

    What stands at the beginning is an article and the same article cut short: a copy.
    """
    high, low = max(scores.coverage_left, scores.coverage_right), min(scores.coverage_left, scores.coverage_right)
    shorter, longer = sorted((scores.words_left, scores.words_right))
    held = high >= params.contains_coverage and low < params.contains_coverage / 2
    return held and longer >= params.contains_ratio * shorter and scores.opening < params.contains_opening


def probability(scores: Scores) -> float:
    """A logistic of the evidence, rising with s above the zone; rounded to 4 decimals."""
    logit = max(scores.evidence - 0.33 if scores.score >= 0.06 else -4.0, 1.5 + 8 * (scores.score - 0.2) if scores.score >= 0.2 else -4.0)
    logit = max(logit, 4.0 if scores.jaccard >= 0.8 else -4.0)
    return round(1 / (1 + exp(-min(logit, 6.0))), 4)
