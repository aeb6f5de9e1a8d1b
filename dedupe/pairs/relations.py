"""From scores to a relation, and to the probability that a reader calls the pair a copy."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from dedupe.pairs.agreement import evidence
from dedupe.params import Params
from dedupe.records import Relation

# Calibration of `probability`, on 290 labelled pairs of fnc_dev and helsinki; partial counts as no copy, disputed as
# half.
# In the zone log-odds = v2 - .33 (docs/decisions/grey-zone.md; refitted: 1.18 v2 - .50 on fnc_dev, .88 v2 - .06 with
# helsinki).
# Above it: 18 copies and 5 partial in .20-.25, 14 + 1 disputed in .25-.30, 8 + 1 in .30-.40, 25 + 0 beyond.
ZONE, ZONE_OFFSET = 0.06, -0.33
SAFE, SAFE_OFFSET, SAFE_SLOPE = 0.20, 0.5, 7.0
NEARLY_ALL = 0.80
CERTAIN, IMPOSSIBLE = 6.0, -4.0  # log-odds; no label supports more


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
    told: float  # words of the narrative that both have
    opening: float  # share of what the longer text shares that stands at its beginning
    head: float  # share of the first third of a text that the other has, of the side with more
    same_publisher: bool

    @property
    def evidence(self) -> float:
        """v2: see `dedupe.pairs.agreement.evidence`."""
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
    if _contains(scores, params):
        return "contains"
    return relation if _is_sure(scores, relation, params) else "overlap"


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


def _is_sure(scores: Scores, relation: Relation, params: Params) -> bool:
    words = min(scores.words_left, scores.words_right)
    if scores.score >= params.sure_score:
        return True
    if words < params.short_words:
        return max(scores.coverage_left, scores.coverage_right) >= params.contains_coverage
    if relation == "copy":
        return scores.told >= params.long_told or scores.evidence >= 0
    if words < params.zone_words:
        return False
    return scores.evidence >= params.zone_evidence or scores.told >= params.zone_strong_told


def _contains(scores: Scores, params: Params) -> bool:
    """A round-up holds the other text: nearly all of one side, little of a much longer other side, and not at its
    beginning.

    What stands at the beginning is an article and the same article cut short: a copy.
    """
    high, low = max(scores.coverage_left, scores.coverage_right), min(scores.coverage_left, scores.coverage_right)
    shorter, longer = sorted((scores.words_left, scores.words_right))
    held = high >= params.contains_coverage and low < params.contains_coverage / 2
    return held and longer >= params.contains_ratio * shorter and scores.opening < params.contains_opening


def probability(scores: Scores) -> float:
    """How likely a reader calls the pair a copy:
    a logistic that never falls when s or the evidence rises; 4 decimals.
    """
    logits = [IMPOSSIBLE]
    if scores.score >= ZONE:
        logits.append(scores.evidence + ZONE_OFFSET)
    if scores.score >= SAFE:
        logits.append(SAFE_OFFSET + SAFE_SLOPE * log(scores.score / SAFE))
    if scores.jaccard >= NEARLY_ALL:
        logits.append(CERTAIN)
    return logistic(min(max(logits), CERTAIN))


def logistic(logit: float) -> float:
    """Log-odds → probability, 4 decimals."""
    return round(1 / (1 + exp(-logit)), 4)
