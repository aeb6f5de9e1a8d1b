"""Every constant of the dedupe room in one frozen record, with the measurement behind it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

ALGORITHM_VERSION = 14
"""Raised whenever the same parameters would give other matches or clusters."""
SKETCH_VERSION = 5
"""Raised whenever they would give other sketches: all texts are read again then, the largest cost of all."""
SKETCH_PARAMS = ("short_line_words", "minhash_seed", "minhash_permutations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How copies are found. Rows made with another `hash` are out of date.

    The reasons, and the sets behind the figures, are listed in docs/decisions/README.md.
    """

    # Window: two articles are compared if their dates are at most this many days apart.
    window_days: int = 7

    # Sketch. 1 hash in 2 finds every labelled copy, 1 in 8 (the usual choice) only .88 of their weight.
    # Texts under `whole_sketch_words` keep all their hashes: a sampled brief may share fewer than three.
    sketch_rate: int = 2
    whole_sketch_words: int = 250
    minhash_seed: int = 1
    minhash_permutations: int = 128

    # Candidates: a hash joins each article with the first 64 that have it (bounded, and a function of the set).
    posting_cap: int = 64
    candidate_shared: int = 3
    candidate_share: float = 0.02

    # Crowds (docs/decisions/crowds.md): a text of which a tenth stands in `posting_cap` earlier texts already, or that
    # has very many candidates, and that resembles half of the nearest ones, is compared with the nearest few only.
    # No text of the labelled sets is such: the largest shares are .04 (Helsinki, 612 reports on one summit), .06 and
    # .13 (Arabic papers), the most candidates 144, and at most 27 of them score .20.
    crowd_share: float = 0.10
    crowd_candidates: int = 192
    crowd_looked: int = 64  # candidates that are looked at: those that share most hashes
    crowd_count: int = 32  # so many of these score `zone_score` in the first pass
    crowd_kept: int = 16  # those with the highest scores are compared

    # Verification.
    fragment_words: int = 3  # shared stretches under three words are dropped: they are set phrases
    coverage_floor: int = 12  # a narrative shorter than this counts as this long
    transfer_tokens: int = 150  # a longer quotation is not transferred to other texts: it is a report, printed in marks
    background_low: float = 0.06  # grey zone, in which third texts are asked
    background_high: float = 0.60
    background_score: float = 0.08  # a third text under this against both is a witness of common language
    background_cap: int = 64  # postings looked at per key; 16, 64 and 4,096 gave the same figures
    short_line_words: int = 6  # a line under this without a final mark is a heading or menu, not narrative
    recurring_pages: int = 3  # a line on this many pages of one publisher is boilerplate
    recurring_free_words: int = 12  # longer lines count only on pages that are mostly their own (else: updates)
    recurring_always: int = 30  # a line in so many articles of one publisher is boilerplate whatever the pages are
    boilerplate_share: float = 0.8  # a text with so much of that is no article: it matches nothing
    # A line in four texts of anybody that are otherwise a third their own is background, a legal notice, a request
    # for consent. Of the generated ones it removes all (.05 were kept apart without it), of the labelled copies one.
    common_pages: int = 4
    common_own: float = 0.33
    # A 4-gram that one publisher prints on so many dates of the window is a formula (`corpus.formulas`). Two are too
    # few: versions of a running story go on over two days, and a quarter of the copies of helsinki would be lost.
    formula_dates: int = 3
    # It stands in a frame: in texts of which .25 are such grams, in stretches of at most 48 tokens. Of telegrams,
    # forecasts and statements a quarter to nine tenths are, of reports a tenth. A plateau: .25 to .27.
    formula_longest: int = 48
    formula_share: float = 0.25
    template_numbers: int = 2  # template veto: both texts have so many numbers beside what they share ...
    template_agreement: float = 0.30  # ... and agree on less than this share of them

    # Decision. Below .06 no labelled pair is a copy, from .50 on all but one of newswire are.
    copy_score: float = 0.20
    zone_score: float = 0.06
    zone_evidence: float = 0.25  # v2, precision first: zone precision .94-1.00, recall .85
    zone_strong_score: float = 0.15  # with v2 >= -2: long wire texts that each outlet extends
    zone_strong_evidence: float = -2.0
    near_duplicate_jaccard: float = 0.80
    # What may merge. Of newswire pairs between .20 and .50 half are copies: a share of a short text is few words. So a
    # score under `sure_score` needs many words that both tell, or quotations and order that agree.
    sure_score: float = 0.50
    long_shared: int = 90  # words: three or four paragraphs word for word are no accident
    copy_evidence: float = 0.0  # v2: drops 4 independent and 2 partial pairs of newswire, and no labelled copy
    zone_strong_shared: int = 45  # words, if it is not v2 that speaks for the pair
    # Two longer texts that tell a paragraph alike need less of v2: of the labelled pairs that this adds three are
    # copies, two partial copies, and none is independent. Of the shorter one .46 and more is told in the same order. A
    # follow-up of four paragraphs that carries on one and the report's statement has .32 to .38.
    zone_told_score: float = 0.10
    zone_told_shared: int = 25
    zone_told_evidence: float = -0.5
    zone_told_order: float = 0.42
    # Two short reports of one event share its names and its one statement: of 25 pairs under 120 words in the zone two
    # were copies. They need a paragraph that both tell, and more evidence.
    zone_words: int = 120
    zone_short_shared: int = 25
    zone_short_evidence: float = 1.0
    least_log_odds: float = -1.5  # of `log_odds`: less likely ones are not merged whatever rule speaks for them
    # Two pages that share nothing of their first thirds and all of their last ones end with one note on a company or a
    # newsroom. News stands at the beginning.
    tail_head: float = 0.15
    tail_share: float = 0.90
    short_words: int = 60  # below it a score rests on a handful of phrases ...
    short_score: float = 0.30  # ... so more of them must agree, the zone is closed, ...
    short_held: float = 0.60  # ... and most of one text must stand in the other
    contains_coverage: float = 0.65  # a round-up holds most of the other text, which is a third of it at most ...
    contains_ratio: float = 3.0
    contains_opening: float = 0.80  # ... and does not begin with it: that is an article and its short form

    # A report that stands as one block (`pairs.measures`) in a text, with so many words of its own before and after it,
    # is held by that text. Two such texts are no copies of each other, nor is one of a print of the report that is cut,
    # but mostly held. Of the labelled pairs that merged only three partial copies are such.
    block_around: int = 40
    block_held: float = 0.60
    blog_entries: int = 3  # sentences that begin with a clock time, all but the other text's: it is a live blog

    # Second looks. 8, 16, 32 and all gave the same figures on fnc_dev, and 8 the best on helsinki; 8 costs a live run
    # a tenth, all half as much again.
    near_count: int = 8  # earlier texts that are near a text of the date: those that share most words with it

    # Passages shown as evidence.
    passage_words: int = 4
    passage_gap: int = 2  # words that may differ inside one passage
    passage_count: int = 12

    # Clusters. 1/3: an article that matches one member of a group of up to three may join. With .4 clusters of fnc_dev
    # lose .05 of the copies that match, with .3 their precision over four days falls to .88. It holds only because weak
    # matches start no merge (below): without that a third costs .17 of precision (docs/decisions/clusters.md).
    quorum: float = 1 / 3
    strong_edge: float = 0.25
    strong_quorum: float = 0.25
    # A match less likely than this starts no merge, it only counts in a quorum, as an `overlap` does. With .5 clusters
    # of FNC lose .02 to .07 of the copies: what is unlikely does not match in the first place.
    merge_probability: float = 0.2
    cluster_days: int = 7

    @property
    def reach_days(self) -> int:
        """A match of an article is found up to *window_days* after it, and withdrawn up to as many after that."""
        return 2 * self.window_days

    @property
    def hash(self) -> str:
        """32 hex digits that change with any parameter and with the versions of the algorithm and of sketches."""
        return _digest(f"{ALGORITHM_VERSION}:{SKETCH_VERSION}:{sorted(asdict(self).items())!r}")

    @property
    def sketch_hash(self) -> str:
        """32 hex digits that change with the version of sketches and the parameters that they depend on."""
        return _digest(f"{SKETCH_VERSION}:{[getattr(self, name) for name in SKETCH_PARAMS]!r}")


def _digest(said: str) -> str:
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


DEFAULTS = Params()
