"""The copies of any text among all stored ones, through their sketches, over any range of dates.

The range is cut, from its end, into windows of the eight days that a date is compared with, and in each the text is
taken as an article of its last day. So the answer for a single window is what `dedupe` would have found on that day;
docs/decisions/tracing.md has the measurements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, overload

import pyarrow as pa

from dedupe.backends import read_texts
from dedupe.corpus.listing import NumberArray, Numbering, day_number
from dedupe.corpus.packing import TYPES
from dedupe.corpus.tables import TextRow
from dedupe.matching.tracing import Shelf, Surroundings, TextSearch, match_text
from dedupe.params import Params
from dedupe.records import ArticleNode, ArticleText, Match, Printed
from wirecopy.errors import StoreError
from wirecopy.store.copies.derived import window_of
from wirecopy.store.copies.sketching import (
    FACTS,
    InputsChangedError,
    SketchedDay,
    StoredTexts,
    digests_of,
    encoded,
    sketches_of,
    texts_of,
)
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.schema import SKETCHES

Progress = Callable[[str, int, int], None]

ATTEMPTS: Final = 3  # a run may replace a date's articles while they are looked through
SEARCHED: Final = ("tokens", "word_count", "line_tokens", "line_keys")
COLUMNS: Final = (*FACTS, "published_at", "word_count", *TYPES)
AT_ONCE: Final = 1_000  # texts: what is made of them stays in the cache, which halves the time of 10,000


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceResult:
    """What was found, and in what."""

    matches: tuple[Match, ...]  # one end is the text; a match for each article
    dates: dict[str, date]  # of the articles of *matches*
    articles: int  # looked through
    unsketched: tuple[date, ...]  # dates whose sketches had to be made for this question


@dataclass(frozen=True, slots=True)
class _Near:
    """The candidates of one date: as many rows of it, numbers and publishers."""

    day: date
    numbers: list[int]
    rows: list[TextRow]
    publishers: set[int]


def trace_text(
    layout: Layout, asked: ArticleText, dates: Sequence[date], params: Params, progress: Progress | None = None
) -> TraceResult:
    """The matches of *asked* with stored articles of *dates*, which are ascending. Raises StoreError."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _Trace(layout, asked, params, progress).over(dates)
        except InputsChangedError as error:
            if attempt == ATTEMPTS:
                raise StoreError(f"Articles of {error} change again and again. Ask once more in a minute.") from error
    raise AssertionError("unreachable")


class _Trace:
    """One try."""

    def __init__(self, layout: Layout, asked: ArticleText, params: Params, progress: Progress | None) -> None:
        self.layout, self.asked, self.params, self.progress = layout, asked, params, progress
        self.row = read_texts([asked.text], params).row(0)
        self.search = TextSearch(self.row, params)
        self.names, self.articles, self.unsketched = Numbering(), 0, set[date]()

    def over(self, dates: Sequence[date]) -> TraceResult:
        """Looks through all of *dates*, and closely where there are candidates."""
        near: list[_Near] = []
        for number, day in enumerate(dates):
            if self.progress is not None:
                self.progress("dates looked through", number, len(dates))
            near += self._candidates(day)
        if self.progress is not None and dates:
            self.progress("dates looked through", len(dates), len(dates))
        found: dict[str, date] = {}
        matches = [
            one for end, own in _windows(near, dates, self.params.window_days) for one in self._match(end, own, found)
        ]
        ids = {name for match in matches for name in (match.left_id, match.right_id)}
        return TraceResult(
            matches=tuple(matches),
            dates={name: day for name, day in found.items() if name in ids},
            articles=self.articles,
            unsketched=tuple(sorted(self.unsketched)),
        )

    def _candidates(self, day: date) -> Iterator[_Near]:
        near, before = _Near(day, [], [], set()), self.articles
        with sketches_of(self.layout, day, self.params) as sketches:
            for rows in sketches.batches(SEARCHED, AT_ONCE):
                table = texts_of(rows)
                for number in self.search.candidates(table):
                    near.numbers.append(self.articles - before + number)
                    near.rows.append(table.row(number).copied())
                self.articles += rows.num_rows
            self.unsketched |= set() if sketches.stored else {day}
            if near.numbers:
                names = self._publishers(sketches.read(["publisher"]).take(pa.array(near.numbers)))
                near.publishers.update(names.tolist())
                yield near

    def _match(self, end: date, near: Sequence[_Near], found: dict[str, date]) -> list[Match]:
        """The matches with candidates of the window that ends with *end*; *found* takes the dates of these."""
        rows, publishers = [row for one in near for row in one.rows], {name for one in near for name in one.publishers}
        around = Surroundings(self.row, rows, publishers, self.params)
        numbers = {one.day: one.numbers for one in near}
        sketched = [
            self._look_around(around, day, numbers.get(day, [])) for day in window_of(end, self.params.window_days)
        ]
        found |= {page.article.id: page.article.date for page in around.candidates if page.article.date}
        stored = StoredTexts(self.layout, sketched)

        def texts(ids: Sequence[str]) -> list[str]:
            known = [name for name in ids if name != self.asked.id]
            by_id = dict(zip(known, stored(known), strict=True))
            return [by_id.get(name, self.asked.text) for name in ids]

        return match_text(replace(self.asked, date=end, published_at=None), around, texts)

    def _look_around(self, around: Surroundings, day: date, numbers: Sequence[int]) -> SketchedDay:
        """Adds a date to *around*; the facts of the candidates *numbers*."""
        first, facts = 0, [SKETCHES.empty_table().select(FACTS)]
        with sketches_of(self.layout, day, self.params) as sketches:
            for rows in sketches.batches(COLUMNS, AT_ONCE):
                own = [number - first for number in numbers if first <= number < first + rows.num_rows]
                around.add(self._shelf(rows, day), own)
                facts.append(rows.select(FACTS).take(pa.array(own, pa.int64())))
                first += rows.num_rows
        return SketchedDay(day, pa.concat_tables(facts), "")

    def _shelf(self, rows: pa.Table, day: date) -> Shelf:
        contents = digests_of(rows["content_hash"])
        return Shelf(texts_of(rows), _Articles(rows, day), self._publishers(rows), contents, day_number(day))

    def _publishers(self, rows: pa.Table) -> NumberArray:
        return self.names.of(*encoded(rows["publisher"]))


def _windows(near: Sequence[_Near], dates: Sequence[date], days: int) -> Iterator[tuple[date, list[_Near]]]:
    """The last day of each window that has candidates, with these; cut from the last of *dates*."""
    by_end: dict[date, list[_Near]] = {}
    for one in near:
        back = (dates[-1] - one.day).days // (days + 1) * (days + 1)
        by_end.setdefault(dates[-1] - timedelta(days=back), []).append(one)
    yield from sorted(by_end.items())


class _Articles(Sequence[Printed]):
    """The articles of rows of sketches, made one at a time: of a million some hundred are asked for."""

    def __init__(self, rows: pa.Table, day: date) -> None:
        self._rows, self._day = rows, day

    def __len__(self) -> int:
        return self._rows.num_rows

    @overload
    def __getitem__(self, at: int) -> Printed: ...
    @overload
    def __getitem__(self, at: slice) -> list[Printed]: ...
    def __getitem__(self, at: int | slice) -> Printed | list[Printed]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        name, publisher, when = (
            self._rows[column][at].as_py() for column in ("article_id", "publisher", "published_at")
        )
        return ArticleNode(id=name, publisher=publisher, published_at=when, date=self._day)
