"""Two articles compared among others. This file needs neither the store nor pyarrow: `wirecopy compare` is quick."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date

from dedupe.matching.compare import Comparison, Examiner
from dedupe.matching.matching import read_library
from dedupe.params import DEFAULTS
from dedupe.records import ArticleText, Match
from wirecopy.explain.clusterview import Member

Pair = tuple[str, str]
Open = Callable[[date | None, Collection[str]], AbstractContextManager[Examiner]]
"""Opens the texts among which articles of a date are compared."""


@dataclass(frozen=True, slots=True)
class InCollection:
    """Opens a date of a collection; None: all of it."""

    articles: Sequence[ArticleText]

    @contextmanager
    def __call__(self, day: date | None, ids: Collection[str]) -> Iterator[Examiner]:
        """Reads the whole collection."""
        yield Examiner(read_library(self.articles, DEFAULTS), day, ids)


def compare_in(opened: Open, left: Member | ArticleText, right: Member | ArticleText) -> Comparison:
    """The comparison of two articles in the context of the later one's date."""
    days = [one.date for one in (left, right) if one.date]
    with opened(max(days, default=None), {left.id, right.id}) as examiner:
        return examiner.examine(left.id, right.id)


def pair_of(match: Match | Comparison) -> Pair:
    """The ids of both ends."""
    return match.left_id, match.right_id
