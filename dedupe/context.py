"""The context of a date: the texts of its window, with verbatim copies collapsed into units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DuplicateIdError
from dedupe.params import Params
from dedupe.records import Article, Printed, in_order
from dedupe.recurring import Pages, flag_common, flag_printed_often, is_boilerplate
from dedupe.tables import Progress, TextTable, read_texts

Texts = Callable[[Sequence[str]], Sequence[str]]
"""Article ids → their texts, in that order. Asked twice per date: for verbatim copies, and for other matches."""


class Library:
    """All articles handed over, in order. Text i of *table* is that of article i, as handed over."""

    def __init__(
        self, articles: Sequence[Printed], table: TextTable, texts: Texts, params: Params,
        contents: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        _check_ids(articles)
        order = sorted(range(len(articles)), key=lambda number: in_order(articles[number]))
        self.articles = [articles[number] for number in order]
        self.table = table.take(np.array(order, np.int64))
        self.texts, self.params = texts, params
        if contents is None:
            self.contents = [self.table.content_hash(number) for number in range(len(order))]
        else:
            self.contents = [contents[number] for number in order]

    @cached_property
    def publishers(self) -> NDArray[np.int32]:
        """A number for the publisher of each article, -1 where it is unknown; int32, shape (articles,)."""
        known: dict[str, int] = {}
        names = [article.publisher for article in self.articles]
        return np.array([known.setdefault(name, len(known)) if name else -1 for name in names], np.int32)

    @classmethod
    def read(cls, articles: Sequence[Article], params: Params, progress: Progress | None = None) -> Library:
        """The library of articles with their texts."""
        texts = {article.id: article.text for article in articles}
        table = read_texts([article.text for article in articles], params, progress)
        return cls(articles, table, lambda ids: [texts[name] for name in ids], params)

    def context(self, day: date | None) -> Context:
        """The texts of the eight days that end with *day*; all of them if there are no dates."""
        chosen = range(len(self.articles))
        if day is None:
            return Context(self, chosen)
        first = day - timedelta(days=self.params.window_days)
        return Context(self, [number for number in chosen if first <= (self.articles[number].date or day) <= day])


def _check_ids(articles: Sequence[Printed]) -> None:
    """Each article stands here once."""
    ids: set[str] = set()
    for article in articles:
        if article.id in ids:
            raise DuplicateIdError(article.id)
        ids.add(article.id)


@dataclass(frozen=True, slots=True)
class Unit:
    """Articles with one content: compared once, counted once. Numbers of the library, in order."""

    members: tuple[int, ...]

    @property
    def head(self) -> int:
        """The earliest member."""
        return self.members[0]


class Context:
    """The units of some articles of a library, in the order of their heads. Left out are texts without words, and
    boilerplate: what one publisher prints again and again is no article.
    """

    def __init__(self, library: Library, numbers: Sequence[int]) -> None:
        self.library = library
        contents: dict[str, list[int]] = {}
        for number in numbers:
            if library.table.sizes[number]:
                contents.setdefault(library.contents[number], []).append(number)
        units = sorted((Unit(tuple(members)) for members in contents.values()), key=lambda unit: unit.head)
        table = self._take(units)
        often = self._flagged(table, units)
        if often is not table and (void := is_boilerplate(often, library.params)).any():
            units = [unit for unit, left_out in zip(units, void.tolist(), strict=True) if not left_out]
            often = self._flagged(self._take(units), units)
        self.units = units
        self.table = flag_common(often, library.params)
        self.publishers = self._publishers()

    def _take(self, units: Sequence[Unit]) -> TextTable:
        return self.library.table.take(np.array([unit.head for unit in units], np.int64))

    def _flagged(self, table: TextTable, units: Sequence[Unit]) -> TextTable:
        """With the lines flagged that a publisher prints again and again."""
        return flag_printed_often(table, self._pages(units), self.library.params)

    def _pages(self, units: Sequence[Unit]) -> Pages:
        """The units as publishers printed them."""
        owners = np.repeat(np.arange(len(units)), [len(unit.members) for unit in units])
        printers = self.library.publishers[np.array([member for unit in units for member in unit.members], np.int64)]
        named = printers >= 0
        count = len(self.library.articles)
        codes, copies = np.unique(owners[named] * count + printers[named], return_counts=True)
        return Pages(codes // count, codes % count, copies)

    def _publishers(self) -> NDArray[np.int32]:
        """A number for the publisher of each unit's head, -1 where it is unknown; int32, shape (units,)."""
        return self.library.publishers[np.array([unit.head for unit in self.units], np.int64)]
