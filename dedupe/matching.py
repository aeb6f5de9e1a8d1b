"""The entry to the room: articles in, matches with evidence out.

`matches(D)` is a function of the articles of dates D-7 … D: every pair whose later end lies on D. Without dates all
articles are one context.

Verbatim copies are one unit. Its members match its head (the earliest in the window) as `identical`, a star; what
matches the unit
is written once, as a pair of the two heads. So a pair of units is written on the date of the later head, and nothing
is lost:
each member hangs on its head, and `clusters` takes the members of one content as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from dedupe.context import Context, Library, Progress, Unit
from dedupe.errors import MixedDatesError
from dedupe.judge import Judge
from dedupe.params import DEFAULTS, Params
from dedupe.records import Article, Match, Passage
from dedupe.relations import CERTAIN, logistic


def find_matches(
    articles: Sequence[Article],
    *,
    date: date | None = None,
    params: Params = DEFAULTS,
    progress: Progress | None = None,
) -> list[Match]:
    """Matches among *articles*, sorted by (left, right) in their order; the same for any order of input.

    With *date*, those whose later end lies on that date. Without, those of all dates, each found in the window of its
    own
    date, exactly as the store finds them day by day; articles more than seven days apart are never compared.
    """
    library = Library(articles, params, progress)
    found: list[tuple[int, int, Match]] = []
    for day in _days(library.articles, date):
        found += _matches_of(library.context(day), day, progress)
    return [match for _, _, match in sorted(found, key=lambda row: row[:2])]


def _days(articles: Sequence[Article], wanted: date | None) -> list[date] | list[None]:
    """The dates to compute; a single None if there are none."""
    days = {article.date for article in articles if article.date is not None}
    undated = [article.id for article in articles if article.date is None]
    if days and undated:
        raise MixedDatesError(undated[0])
    if not days:
        return [None]
    return sorted(days if wanted is None else {wanted})


def _matches_of(context: Context, day: date | None, progress: Progress | None) -> Iterator[tuple[int, int, Match]]:
    """(left, right, match) for each match of a context whose later end lies on *day*."""
    articles = context.library.articles
    for unit in context.units:
        for copy in unit.members[1:]:
            if day is None or articles[copy].date == day:
                yield (
                    unit.head,
                    copy,
                    identical(articles[unit.head], articles[copy], context.library.readings[copy].words),
                )
    judge = Judge(context, progress)
    for left, right in judge.candidates(lambda unit: _is_new(context, unit, day)):
        judgement = judge.match(left, right)
        if judgement is not None:
            yield context.units[left].head, context.units[right].head, judgement


def _is_new(context: Context, unit: Unit, day: date | None) -> bool:
    """Whether a pair with this unit as its later one belongs to *day*."""
    return day is None or context.library.articles[unit.head].date == day


def identical(left: Article, right: Article, words: int) -> Match:
    """The match of two articles with one normalised text of *words* words; the whole text is the passage."""
    whole = Passage(
        left_start=0, left_end=len(left.text), right_start=0, right_end=len(right.text), words=words, quotation=False
    )
    return Match(
        left_id=left.id,
        right_id=right.id,
        relation="identical",
        score=1.0,
        jaccard=1.0,
        coverage_left=1.0,
        coverage_right=1.0,
        quotation_agreement=1.0,
        ordered_share=1.0,
        probability=logistic(CERTAIN),
        passages=(whole,),
    )
