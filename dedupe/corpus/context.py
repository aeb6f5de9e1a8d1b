"""The context of a date: the texts of its window, with verbatim copies collapsed into units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.formulas import Prints
from dedupe.corpus.listing import NO_DAY, UNKNOWN, Listing, day_number, list_articles
from dedupe.corpus.recurring import Pages, find_common, find_printed_often, is_boilerplate
from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tables import TextTable
from dedupe.corpus.tokenstore import TokenStore
from dedupe.errors import DuplicateIdError
from dedupe.params import Params
from dedupe.records import Printed, in_order
from dedupe.text.flags import FORMULA, RECURRING

Texts = Callable[[Sequence[str]], Sequence[str]]
"""Article ids → their texts, in that order. Asked twice per date: for verbatim copies, and for other matches."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Library:
    """All articles handed over, in order. Text i of *token_store* is that of article i."""

    listing: Listing
    token_store: TokenStore
    texts: Texts
    params: Params

    @classmethod
    def of(cls, articles: Sequence[Printed], table: TextTable, texts: Texts, params: Params) -> Library:
        """The library of articles in any order, those of *table*. Raises DuplicateIdError."""
        _check_ids(articles)
        order = sorted(range(len(articles)), key=lambda number: in_order(articles[number]))
        table = table.take(np.array(order, np.int64))
        listing = list_articles([articles[number] for number in order], table.content_hashes())
        return cls(listing, table, texts, params)

    def context(self, day: date | None) -> Context:
        """The texts of the eight days that end with *day*; all of them if there are no dates."""
        if day is None:
            return Context(self, np.arange(len(self.listing)))
        last, days = day_number(day), self.listing.days
        return Context(self, np.flatnonzero((days >= last - self.params.window_days) & (days <= last)))


def _check_ids(articles: Sequence[Printed]) -> None:
    """Raises if an article id occurs twice."""
    ids: set[str] = set()
    for article in articles:
        if article.id in ids:
            raise DuplicateIdError(article.id)
        ids.add(article.id)


@dataclass(frozen=True, slots=True)
class Units:
    """Articles with one content: compared once, counted once. u units in the order of their earliest members."""

    firsts: Numbers  # (u + 1,)
    members: Numbers  # those of unit i are members[firsts[i] : firsts[i + 1]]: numbers of the library, in order

    def __len__(self) -> int:
        return len(self.firsts) - 1

    @property
    def heads(self) -> Numbers:
        """The earliest member of each, shape (u,)."""
        return self.members[self.firsts[:-1]]

    @property
    def owners(self) -> Numbers:
        """The unit of each of `members`."""
        return np.repeat(np.arange(len(self)), np.diff(self.firsts))

    def choose(self, kept: NDArray[np.bool_]) -> Units:
        """Those that are *kept*, bool (u,)."""
        sizes = np.diff(self.firsts)
        return Units(np.concatenate(([0], np.cumsum(sizes[kept]))), self.members[np.repeat(kept, sizes)])

    def copies(self) -> Iterator[tuple[int, int]]:
        """(head, member) for each member but the head."""
        heads = self.heads[self.owners]
        copied = heads != self.members
        return zip(heads[copied].tolist(), self.members[copied].tolist(), strict=True)


def collapse(numbers: Numbers, contents: Numbers) -> Units:
    """The units of the articles *numbers*, which are in order; the content of each stands in *contents*."""
    known, first, content = np.unique(contents, return_index=True, return_inverse=True)
    place = np.empty(len(known), np.int64)
    place[np.argsort(first)] = np.arange(len(known))
    units = place[content]
    order = np.argsort(units, kind="stable")
    return Units(np.searchsorted(units[order], np.arange(len(known) + 1)), numbers[order])


class Context:
    """The units of some articles of a library, in the order of their heads. Left out are texts without words, and
    boilerplate: what one publisher prints again and again is no article.
    """

    def __init__(self, library: Library, numbers: Numbers) -> None:
        self.library = library
        numbers = numbers[library.token_store.sizes[numbers] > 0]
        units = collapse(numbers, library.listing.contents[numbers])
        token_store = library.token_store.take(units.heads)
        often = find_printed_often(token_store, self._pages(units), library.params)
        if (void := is_boilerplate(token_store, often, library.params)).any():
            units = units.choose(~void)
            token_store = library.token_store.take(units.heads)
            often = find_printed_often(token_store, self._pages(units), library.params)
        self.units = units
        for lines in (often, find_common(token_store, library.params)):
            token_store = token_store.flagged(lines, RECURRING) if len(lines.texts) else token_store
        self.token_store = token_store
        self._searched = False
        self.publishers = library.listing.publishers[units.heads]  # int32, shape (units,)

    def flag_formulas(self, find: Callable[[TokenStore, Prints, Params], Stretches]) -> None:
        """Flags the formulas that *find* finds, once: whoever compares says by which code."""
        if not self._searched:
            self._searched = True
            found = find(self.token_store, self.prints(), self.library.params)
            self.token_store = self.token_store.flagged(found, FORMULA) if len(found.texts) else self.token_store

    def narrowed(self, kept: NDArray[np.bool_]) -> Context:
        """Some of the units, bool (units,), with the flags that they have among all of them."""
        narrowed = object.__new__(Context)
        narrowed.library, narrowed.units = self.library, self.units.choose(kept)
        narrowed.token_store = self.token_store.take(np.flatnonzero(kept))
        narrowed.publishers = self.publishers[kept]
        narrowed._searched = True
        return narrowed

    def prints(self) -> Prints:
        """The units as publishers first printed them, where publisher and date are known."""
        listing, members = self.library.listing, self.units.members
        printers, days = listing.publishers[members].astype(np.int64), listing.days[members]
        known = np.flatnonzero((printers != UNKNOWN) & (days != NO_DAY))
        codes, first = np.unique(printers[known] * len(self.units) + self.units.owners[known], return_index=True)
        publishers, texts = np.divmod(codes, max(len(self.units), 1))
        return Prints(texts, publishers, days[known[first]].astype(np.int64))

    def _pages(self, units: Units) -> Pages:
        """The units as publishers printed them."""
        printers = self.library.listing.publishers[units.members]
        named = printers != UNKNOWN
        count = len(self.library.listing)
        codes, copies = np.unique(units.owners[named] * count + printers[named], return_counts=True)
        return Pages(codes // count, codes % count, copies)
