"""The articles to compare, column by column: a window may hold a million."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedupe.records import Printed

NumberArray = NDArray[np.int64]

EPOCH: Final = date(1970, 1, 1)
NO_DAY: Final = np.iinfo(np.int32).min
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class Listing:
    """n articles in the order (date, published_at with null last, id), each once."""

    ids: Sequence[str]
    days: NDArray[np.int32]  # (n,), since 1970; NO_DAY: no date
    publishers: NDArray[np.int32]  # (n,), a number for each; UNKNOWN
    contents: NDArray[np.int64]  # (n,), equal for equal normalised texts

    def __len__(self) -> int:
        return len(self.days)

    def of(self, day: date | None) -> NDArray[np.bool_]:
        """Whether each article is of that date, shape (n,); all are without one."""
        return np.ones(len(self), np.bool_) if day is None else self.days == day_number(day)

    def dates(self) -> list[date]:
        """The dates that articles have, ascending."""
        return [EPOCH + timedelta(days=day) for day in np.unique(self.days[self.days != NO_DAY]).tolist()]

    def undated(self) -> str | None:
        """The first article without a date."""
        places = np.flatnonzero(self.days == NO_DAY)
        return self.ids[int(places[0])] if len(places) else None


def list_articles(articles: Sequence[Printed], contents: Iterable[Hashable]) -> Listing:
    """The listing of *articles*, which are in order, with the content of each."""
    names = (article.publisher or None for article in articles)
    return Listing(
        [article.id for article in articles],
        np.array([NO_DAY if one.date is None else day_number(one.date) for one in articles], np.int32),
        number(names).astype(np.int32),
        number(contents),
    )


def list_columns(
    ids: Sequence[str], days: Sequence[tuple[date, int]], publishers: NDArray[np.int32], contents: NDArray[np.int32]
) -> Listing:
    """The listing of articles in order, of which so many are of each of *days*; numbers as in `Listing`."""
    dates = np.repeat(
        np.array([day_number(day) for day, _ in days], np.int32), np.array([count for _, count in days], np.int64)
    )
    return Listing(ids, dates, publishers, contents.astype(np.int64))


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def number(names: Iterable[Hashable]) -> NDArray[np.int64]:
    """A number for each distinct name, from 0 in the order of their first places; UNKNOWN for None."""
    known: dict[Hashable, int] = {}
    return np.array([UNKNOWN if name is None else known.setdefault(name, len(known)) for name in names], np.int64)


class Numbering:
    """Numbers for names that come in parts: the same name has the same number in all of them."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, codes: NDArray[np.int32], names: Sequence[str]) -> NumberArray:
        """The number of each of *codes*, which are places in *names* or UNKNOWN; shape (len(codes),)."""
        numbers = [self._known.setdefault(name, len(self._known)) for name in names]
        return np.array([*numbers, UNKNOWN], np.int64)[codes]
