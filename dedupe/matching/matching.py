"""The entry to the room: articles in, matches with evidence out.

`matches(D)` is a function of the articles of dates D-7 … D: every pair whose later end lies on D, and the earlier pairs
that the texts of D withdraw (`secondlook`). Without dates all articles are one context.

Verbatim copies are one unit. Its members match its head (the earliest in the window) as `identical`, a star; what
matches the unit is written once, as a pair of the two heads. So a pair of units is written on the date of the later
head, and nothing is lost: each member hangs on its head, and `clusters` takes the members of one content as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dedupe.backends import read_texts
from dedupe.corpus.context import Context, Library
from dedupe.corpus.listing import Listing
from dedupe.corpus.tables import Progress
from dedupe.errors import MixedDatesError
from dedupe.matching.crowds import thin
from dedupe.matching.recheck import find_pairs_to_recheck
from dedupe.matching.scoring import PairScorer
from dedupe.pairs.relations import CERTAIN, classify, logistic
from dedupe.params import DEFAULTS, Params
from dedupe.records import WITHDRAWN, Article, Match, Passage


def find_matches(
    articles: Sequence[Article],
    *,
    date: date | None = None,
    params: Params = DEFAULTS,
    progress: Progress | None = None,
) -> list[Match]:
    """Matches among *articles*, sorted by (left, right) in their order; the same for any order of input.

    With *date*, those whose later end lies on that date, and withdrawals of earlier ones. Without, those of all dates
    that stand in the end, exactly as the store finds them day by day; articles more than seven days apart are
    never compared.
    """
    return match_library(read_library(articles, params, progress), date=date, progress=progress)


def read_library(articles: Sequence[Article], params: Params, progress: Progress | None = None) -> Library:
    """The library of articles that come with their texts. Raises DuplicateIdError."""
    texts = {article.id: article.text for article in articles}
    table = read_texts([article.text for article in articles], params, progress)
    return Library.of(articles, table, lambda ids: [texts[name] for name in ids], params)


def match_library(library: Library, *, date: date | None = None, progress: Progress | None = None) -> list[Match]:
    """`find_matches` of articles that have been read: from a text table, which asks for texts only where they match."""
    found: dict[tuple[int, int], Match] = {}
    for day in _days(library.listing, date):  # ascending: a later withdrawal replaces its match
        found |= {(left, right): match for left, right, match in _matches_of(library.context(day), day, progress)}
    return [found[pair] for pair in sorted(found) if date or found[pair].relation != WITHDRAWN]


def _days(listing: Listing, wanted: date | None) -> list[date] | list[None]:
    """The dates to compute; a single None if there are none."""
    days, undated = listing.dates(), listing.undated()
    if days and undated is not None:
        raise MixedDatesError(undated)
    if not days:
        return [None]
    return days if wanted is None else [wanted]


def _matches_of(context: Context, day: date | None, progress: Progress | None) -> Iterator[tuple[int, int, Match]]:
    """(left, right, match) for each match of a context whose later end lies on *day*, and each that *day* withdraws."""
    yield from _stars(context, day)
    heads, scorer = context.units.heads, PairScorer(context, progress)
    new = context.library.listing.of(day)[heads]  # whether a pair with each unit as its later one belongs to *day*
    thinned = thin(scorer.measures, scorer.measures.join(new), new, scorer.params)
    pairs = thinned.pairs
    recheck = None if day is None else find_pairs_to_recheck(scorer, day, thinned.around)
    if recheck is not None:
        pairs = np.concatenate((pairs, recheck.pairs))
    scored = scorer.measure(pairs, anyway=~new[pairs[:, 1]])
    found = [one for one in scored if bool(classify(one.scores, scorer.params)) == bool(new[one.right])]
    for one, match in zip(found, scorer.describe_all(found, otherwise=WITHDRAWN), strict=True):
        if match.relation == WITHDRAWN and recheck is not None:
            match = replace(match, reason=recheck.why(scorer, one))
        elif thinned.crowds[one.right]:
            match = replace(match, of_crowd=True)
        yield int(heads[one.left]), int(heads[one.right]), match


def _stars(context: Context, day: date | None) -> Iterator[tuple[int, int, Match]]:
    """Each later member of a unit with its head."""
    listing, new = context.library.listing, context.library.listing.of(day)
    copies = [(head, copy) for head, copy in context.units.copies() if new[copy]]
    ids = sorted({listing.ids[number] for pair in copies for number in pair})
    lengths = {name: len(text) for name, text in zip(ids, context.library.texts(ids), strict=True)}
    for head, copy in copies:
        one, two = listing.ids[head], listing.ids[copy]
        words = int(context.library.token_store.words[copy])
        yield head, copy, identical(one, two, lengths[one], lengths[two], words)


def identical(left: str, right: str, left_length: int, right_length: int, words: int) -> Match:
    """The match of two articles (ids and characters) with one normalised text; the whole text is the passage."""
    whole = Passage(
        left_start=0, left_end=left_length, right_start=0, right_end=right_length, words=words, quotation=False
    )
    return Match(
        left_id=left,
        right_id=right,
        relation="identical",
        score=1.0,
        jaccard=1.0,
        coverage_left=1.0,
        coverage_right=1.0,
        quotation_agreement=1.0,
        ordered_share=1.0,
        probability=logistic(CERTAIN),
        reason="identical",
        passages=(whole,),
    )
