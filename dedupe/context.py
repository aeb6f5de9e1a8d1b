"""The context of a date: the articles of its window, read once, with verbatim copies collapsed into units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from dedupe.agreement import Telling
from dedupe.errors import DuplicateIdError
from dedupe.lines import RECURRING, Page, find_lines, recurring_lines
from dedupe.params import Params
from dedupe.passages import Placed, place
from dedupe.reading import Reading, hash_content, read, sentence_numbers
from dedupe.records import Article, in_order
from dedupe.shingles import Hashes
from dedupe.words import Vocabulary, read_words

Progress = Callable[[str, int, int], None]
CLOSE_TEXTS = 2048  # texts of which places and sentences are kept at a time: about 20 MB


@dataclass(frozen=True, slots=True)
class Close:
    """A text looked at closely, for the few that have a match or nearly one."""

    placed: Placed
    telling: Telling


class Library:
    """All articles handed over, in order, each read once."""

    def __init__(self, articles: Sequence[Article], params: Params, progress: Progress | None = None) -> None:
        self.articles = sorted(articles, key=in_order)
        _check_ids(self.articles)
        self.params = params
        self.vocabulary = Vocabulary()
        self.readings = [self._read(number, progress) for number in range(len(self.articles))]
        words = self.vocabulary.hashes()
        self.contents = [hash_content(words[reading.ids]) for reading in self.readings]
        self.close = lru_cache(maxsize=CLOSE_TEXTS)(self._close)

    def _read(self, number: int, progress: Progress | None) -> Reading:
        if progress is not None and number % 256 == 0:
            progress("read", number, len(self.articles))
        return read(self.articles[number].text, self.vocabulary, self.params)

    @cached_property
    def hashes(self) -> Hashes:
        """Token hash of each vocabulary id."""
        return self.vocabulary.hashes()

    @cached_property
    def stems(self) -> Hashes:
        """Stem hash of each vocabulary id."""
        return self.vocabulary.stems()

    @cached_property
    def content(self) -> NDArray[np.bool_]:
        """Whether each vocabulary id can carry meaning."""
        return self.vocabulary.content()

    @cached_property
    def is_number(self) -> NDArray[np.bool_]:
        """Whether each vocabulary id is a number."""
        return self.vocabulary.numbers()

    def _close(self, number: int) -> Close:
        """Places of the tokens in the original text, and its sentences: read again, for the few texts that need it."""
        text = self.articles[number].text
        words = read_words(text, self.vocabulary)
        sentences = sentence_numbers(words, find_lines(words))
        return Close(place(text, words), Telling(self.stems[words.ids], self.content[words.ids], sentences))

    def numbers(self, number: int) -> frozenset[int]:
        """The distinct numbers that an article names, as hashes."""
        ids = self.readings[number].ids
        return frozenset(self.hashes[ids[self.is_number[ids]]].tolist())

    def context(self, day: date | None) -> Context:
        """The texts of the eight days that end with *day*; all of them if there are no dates."""
        chosen = range(len(self.articles))
        if day is None:
            return Context(self, list(chosen))
        first = day - timedelta(days=self.params.window_days)
        return Context(self, [number for number in chosen if first <= (self.articles[number].date or day) <= day])


def _check_ids(articles: Sequence[Article]) -> None:
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

    def __init__(self, library: Library, numbers: list[int]) -> None:
        self.library = library
        contents: dict[str, list[int]] = {}
        for number in numbers:
            if len(library.readings[number].ids):
                contents.setdefault(library.contents[number], []).append(number)
        self.units = sorted((Unit(tuple(members)) for members in contents.values()), key=lambda unit: unit.head)
        self.readings = [library.readings[unit.head] for unit in self.units]
        self.hashes = [library.hashes[reading.ids] for reading in self.readings]
        self.flags = self._flags()

    def _flags(self) -> list[NDArray[np.uint8]]:
        """Flags of each unit's tokens, with the lines that recur in this context."""
        pages = [self._page(unit, reading) for unit, reading in zip(self.units, self.readings, strict=True)]
        flags = []
        for reading, lines in zip(self.readings, recurring_lines(pages, self.library.params), strict=True):
            sizes = np.diff(reading.line_tokens)
            flags.append(reading.flags | np.repeat(np.where(lines, RECURRING, 0).astype(np.uint8), sizes))
        return flags

    def _page(self, unit: Unit, reading: Reading) -> Page:
        names = (self.library.articles[number].publisher for number in unit.members)
        return Page(frozenset(name for name in names if name), reading.line_keys, np.diff(reading.line_tokens))
