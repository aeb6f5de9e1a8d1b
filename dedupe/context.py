"""The context of a date: the texts of its window, with verbatim copies collapsed into units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import DuplicateIdError
from dedupe.params import Params
from dedupe.records import Article, Printed, in_order
from dedupe.recurring import flag_recurring
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
    """The units of some articles of a library, in the order of their heads. Texts without words are left out."""

    def __init__(self, library: Library, numbers: Sequence[int]) -> None:
        self.library = library
        contents: dict[str, list[int]] = {}
        for number in numbers:
            if library.table.sizes[number]:
                contents.setdefault(library.contents[number], []).append(number)
        self.units = sorted((Unit(tuple(members)) for members in contents.values()), key=lambda unit: unit.head)
        heads = np.array([unit.head for unit in self.units], np.int64)
        self.table = self._flagged(library.table.take(heads))
        self.publishers = self._publishers()

    def _flagged(self, table: TextTable) -> TextTable:
        """The units' texts, with the lines flagged that recur in this context."""
        articles = self.library.articles
        printed = [
            (number, name)
            for number, unit in enumerate(self.units)
            for name in sorted({articles[member].publisher or "" for member in unit.members})
            if name
        ]
        return replace(table, flags=flag_recurring(table, printed, self.library.params))

    def _publishers(self) -> NDArray[np.int32]:
        """A number for the publisher of each unit's head, -1 where it is unknown; int32, shape (units,)."""
        known: dict[str, int] = {}
        names = [self.library.articles[unit.head].publisher for unit in self.units]
        return np.array([known.setdefault(name, len(known)) if name else -1 for name in names], np.int32)
