"""From scores to a relation, and to the probability that a reader calls the pair a copy."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Literal

from dedupe.pairs.agreement import evidence
from dedupe.params import Params
from dedupe.records import Reason, Relation

# `probability` is a logistic of four numbers, fitted on the labelled pairs of all sets with s of .06 and more (newswire
# in three languages, FNC, Helsinki, press releases); partial copies count as none, disputed ones are left out. Fitted
# without one set, it ranks the pairs of that set with an area of .72 to 1.0 under the curve (bench/quality/results.md).
# Independent reports of an ordinary day share ten or twenty words, whatever share of a short text that is.
CONSTANT, PER_SCORE, PER_AGREEMENT, PER_ORDER, PER_WORDS = -0.7, 0.7, 1.8, 3.0, 1.4
MIDDLE_SCORE, MIDDLE_AGREEMENT, MIDDLE_ORDER, MIDDLE_WORDS = 0.12, 0.5, 0.775, 25  # where each of them says nothing
# From .50 on 33 of 34 labelled pairs of newswire are copies. Of texts with a dozen words of narrative that says less.
SURE, SURE_WORDS, SURE_LOG_ODDS = 0.50, 10, 1.4
ZONE, NEARLY_ALL = 0.06, 0.80
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
    shared_words: float  # words of the narrative that both have
    opening: float  # share of what the longer text shares that stands at its beginning
    head: float  # share of the first third of a text that the other has, of the side with more
    tail: float  # share of the last third of a text that the other has, of the side with less
    same_publisher: bool
    # If what the other text has of one is a single block: words of its own before it and after it; else 0, 0.
    around_left: tuple[float, float] = (0.0, 0.0)
    around_right: tuple[float, float] = (0.0, 0.0)
    # Entries of a live blog that the other text does not have: sentences that begin with a clock time.
    entries_left: int = 0
    entries_right: int = 0

    @property
    def evidence(self) -> float:
        """v2: see `dedupe.pairs.agreement.evidence`."""
        return evidence(self.score, self.agreement, self.order)


@dataclass(frozen=True, slots=True)
class Decision:
    """What two different texts are to each other, and what decided it."""

    relation: Relation | None  # None: they are independent
    reason: Reason


def classify(scores: Scores, params: Params) -> Relation | None:
    """The relation of two different texts, or None if they are independent."""
    return decide(scores, params).relation


def decide(scores: Scores, params: Params) -> Decision:
    """The relation of two different texts, with its reason.

    `overlap` is what shares too much for two independent reports, and too little to be called a copy: a paragraph that
    was taken over, or a case that the evidence leaves open. It is shown, and merges nothing.
    """
    if scores.numbers_shared < params.template_agreement:
        return Decision(None, "numbers_differ")
    if scores.jaccard >= params.near_duplicate_jaccard:
        return Decision("near_duplicate", "jaccard")
    relation = _by_score(scores, params)
    if relation is None:
        return Decision(None, "low_score" if scores.score < params.zone_score else "weak_evidence")
    if scores.same_publisher:  # weak matches inside one publisher: 0 of 22 were copies
        return Decision("update" if relation == "copy" else None, "same_publisher")
    if _contains(scores, params):
        return Decision("contains", "contains")
    reason = _doubt(scores, params)
    if reason is not None:
        return Decision("overlap", reason)
    reason = _proof(scores, relation, params)
    return Decision("overlap" if reason is None else relation, reason or "weak_evidence")


def _by_score(scores: Scores, params: Params) -> Literal["copy", "derived"] | None:
    """Above the zone s decides, below nothing does, inside it s and the further evidence together."""
    if min(scores.words_left, scores.words_right) < params.short_words:
        return "copy" if scores.score >= params.short_score else None
    if scores.score >= params.copy_score:
        return "copy"
    if scores.score < params.zone_score:
        return None
    strong = scores.score >= params.zone_strong_score and scores.evidence >= params.zone_strong_evidence
    return "derived" if scores.evidence >= params.zone_evidence or strong or _tells_enough(scores, params) else None


def _tells_enough(scores: Scores, params: Params) -> bool:
    """Whether two longer texts of the zone tell a paragraph alike, and their quotations and order do not object.

    A follow-up carries one paragraph on amid its own; a copy tells more than that in the order of the other text.
    """
    long = min(scores.words_left, scores.words_right) >= params.zone_words
    told = scores.score >= params.zone_told_score and scores.shared_words >= params.zone_told_shared
    in_order = scores.order >= params.zone_told_order
    return long and told and in_order and scores.evidence >= params.zone_told_evidence


def _doubt(scores: Scores, params: Params) -> Reason | None:
    """What forbids to merge the two, however much speaks for it: precision first."""
    if scores.head < params.tail_head and scores.tail >= params.tail_share:
        return "same_ending"
    if _share_a_block(scores, params):
        return "same_block"
    unlikely = scores.score < params.sure_score and log_odds(scores) < params.least_log_odds
    return "improbable" if unlikely else None


def _proof(scores: Scores, relation: Literal["copy", "derived"], params: Params) -> Reason | None:
    """What is enough to merge the two; None: nothing is."""
    if scores.score >= params.sure_score:
        return "score"
    words = min(scores.words_left, scores.words_right)
    if words < params.short_words:
        return "held" if max(scores.coverage_left, scores.coverage_right) >= params.short_held else None
    if relation == "copy":
        least, enough = params.copy_evidence, params.long_shared
    elif words < params.zone_words:
        told = scores.shared_words >= params.zone_short_shared
        return "evidence" if told and scores.evidence >= params.zone_short_evidence else None
    else:
        least, enough = params.zone_evidence, params.zone_strong_shared
    if scores.evidence >= least:
        return "evidence"
    strong = scores.shared_words >= enough and (relation == "copy" or scores.score >= params.zone_strong_score)
    return "shared_words" if strong or (relation == "derived" and _tells_enough(scores, params)) else None


def _contains(scores: Scores, params: Params) -> bool:
    """A round-up holds the other text: nearly all of one side, little of a much longer other side, and not at its
    beginning.

    What stands at the beginning is an article and the same article cut short: a copy. A live blog takes a report in
    whole, amid its own text or before further entries: then the length does not matter.
    """
    high, low = max(scores.coverage_left, scores.coverage_right), min(scores.coverage_left, scores.coverage_right)
    if high < params.contains_coverage:
        return False
    if min(_around_in_longer(scores)) >= params.block_around or _blog_of_the_other(scores, params):
        return True
    shorter, longer = sorted((scores.words_left, scores.words_right))
    little = low < params.contains_coverage / 2 and longer >= params.contains_ratio * shorter
    return little and scores.opening < params.contains_opening


def _around_in_longer(scores: Scores) -> tuple[float, float]:
    """Words around the block in the text that holds more besides."""
    return scores.around_left if scores.coverage_left < scores.coverage_right else scores.around_right


def _share_a_block(scores: Scores, params: Params) -> bool:
    """A text that took in a report amid its own, and a cut print of that report; or two such texts, as live blogs of
    one day are, of which one may begin or end with the report.
    """
    sides = scores.around_left, scores.around_right
    if all(map(any, sides)) and max(map(min, sides)) >= params.block_around:
        return True
    held = max(scores.coverage_left, scores.coverage_right) >= params.block_held
    return held and min(_around_in_longer(scores)) >= params.block_around


def _blog_of_the_other(scores: Scores, params: Params) -> bool:
    """Whether the text that holds more besides goes on with entries of its own, and the other one has none."""
    sides = (scores.coverage_left, scores.entries_left), (scores.coverage_right, scores.entries_right)
    (_, many), (_, none) = sorted(sides)
    return many >= params.blog_entries and not none


def log_odds(scores: Scores) -> float:
    """Of a copy against an independent report or a partial copy; never falls when one of the numbers rises."""
    if scores.score < ZONE:
        return IMPOSSIBLE
    found = (
        CONSTANT
        + PER_SCORE * log(scores.score / MIDDLE_SCORE)
        + PER_AGREEMENT * log(scores.agreement / MIDDLE_AGREEMENT)
        + PER_ORDER * (sqrt(scores.order) - MIDDLE_ORDER)
        + PER_WORDS * log(max(scores.shared_words, 1) / MIDDLE_WORDS)
    )
    least = SURE_LOG_ODDS if scores.score >= SURE and scores.shared_words >= SURE_WORDS else IMPOSSIBLE
    return min(max(found, least), CERTAIN)


def probability(scores: Scores) -> float:
    """How likely a reader calls the pair a copy, 4 decimals."""
    return logistic(CERTAIN if scores.jaccard >= NEARLY_ALL else log_odds(scores))


def logistic(log_odds: float) -> float:
    """Log-odds → probability, 4 decimals."""
    return round(1 / (1 + exp(-log_odds)), 4)
