"""The copies of any text among all stored ones, through their sketches, over any range of dates.

The range is cut, from its end, into windows of the eight days that a date is compared with, and in each the text is
taken as an article of its last day. So the answer for a single window is what `dedupe` would have found on that day;
docs/decisions/tracing.md has the measurements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, overload

import pyarrow as pa

from dedupe.backends import read_texts
from dedupe.corpus.listing import Numbering, day_number
from dedupe.corpus.packing import TYPES
from dedupe.corpus.tables import TextRow
from dedupe.matching.tracing import Shelf, Surroundings, TextSearch, match_text
from dedupe.params import Params
from dedupe.records import ArticleNode, ArticleText, Match, Printed
from wirecopy.errors import StoreError
from wirecopy.progress import Progress
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

ATTEMPTS: Final = 3  # a run may replace a date's articles while they are looked through
COLUMNS: Final = (*FACTS, "published_at", "word_count", *TYPES)
KEPT: Final = 12_500  # texts of each date of a window: all eight then take 250 MB; larger dates are read twice
AT_ONCE: Final = 1_000  # texts: what is made of them stays in the cache, which halves the time of 10,000


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceResult:
    """What was found, and in what."""

    matches: tuple[Match, ...]  # one end is the text; a match for each article
    dates: dict[str, date]  # of the articles of *matches*
    texts: dict[str, str]  # of these
    articles: int  # looked through
    unsketched: tuple[date, ...]  # dates whose sketches had to be made for this question


@dataclass(frozen=True, slots=True)
class _Part:
    """Some texts of one date, with their facts."""

    shelf: Shelf
    facts: pa.Table  # FACTS


@dataclass(frozen=True, slots=True)
class _Near:
    """The candidates of one window."""

    numbers: dict[date, list[int]] = field(default_factory=dict)  # their rows in the sketches of each date
    rows: list[TextRow] = field(default_factory=list)
    publishers: set[int] = field(default_factory=set)


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
        self.layout, self.asked, self.params = layout, asked, params
        self.progress = progress or (lambda _what, _done, _total: None)
        self.row = read_texts([asked.text], params).row(0)
        self.search = TextSearch(self.row, params)
        self.names, self.articles, self.unsketched = Numbering(), 0, set[date]()
        self.kept: dict[date, list[_Part]] = {}
        self.inputs: dict[date, str] = {}
        self.found, self.texts = dict[str, date](), dict[str, str]()

    def over(self, dates: Sequence[date]) -> TraceResult:
        """Looks through all of *dates*, and closely where there are candidates."""
        matches: list[Match] = []
        done = 0
        for end, days in _windows(dates, self.params.window_days):
            near = _Near()
            for day in days:
                self.progress("dates looked through", done, len(dates))
                self._look_through(day, near)
                done += 1
            matches += self._match(end, near) if near.rows else []
            self.kept.clear()
        self.progress("dates looked through", done, len(dates))
        ids = {name for match in matches for name in (match.left_id, match.right_id)} - {self.asked.id}
        return TraceResult(
            matches=tuple(matches),
            dates={name: self.found[name] for name in ids},
            texts={name: self.texts[name] for name in ids},
            articles=self.articles,
            unsketched=tuple(sorted(self.unsketched)),
        )

    def _look_through(self, day: date, near: _Near) -> None:
        """Adds the candidates of a date to *near*."""
        first = 0
        for part in self._parts(day):
            table = part.shelf.table
            for number in self.search.candidates(table):
                near.numbers.setdefault(day, []).append(first + number)
                near.rows.append(table.row(number).copied())
                near.publishers.add(int(part.shelf.publishers[number]))
            first += len(table)
        self.articles += first

    def _match(self, end: date, near: _Near) -> list[Match]:
        """The matches with candidates of the window that ends with *end*."""
        around = Surroundings(self.row, near.rows, near.publishers, self.params)
        window = window_of(end, self.params.window_days)
        sketched = [self._look_around(around, day, near.numbers.get(day, [])) for day in window]
        self.found |= {page.article.id: page.article.date for page in around.candidates if page.article.date}
        stored = StoredTexts(self.layout, sketched)

        def texts(ids: Sequence[str]) -> list[str]:
            known = [name for name in ids if name != self.asked.id]
            self.texts |= dict(zip(known, stored(known), strict=True))
            return [self.texts.get(name, self.asked.text) for name in ids]

        return match_text(replace(self.asked, date=end, published_at=None), around, texts)

    def _look_around(self, around: Surroundings, day: date, numbers: Sequence[int]) -> SketchedDay:
        """Adds a date to *around*; the facts of the candidates *numbers*."""
        first, facts = 0, [SKETCHES.empty_table().select(FACTS)]
        for part in self._parts(day):
            own = [number - first for number in numbers if first <= number < first + len(part.shelf.table)]
            around.add(part.shelf, own)
            facts.append(part.facts.take(pa.array(own, pa.int64())))
            first += len(part.shelf.table)
        return SketchedDay(day, pa.concat_tables(facts), "")

    def _parts(self, day: date) -> Iterator[_Part]:
        """The texts of a date, kept for the second look if they are not too many. Raises InputsChangedError."""
        if day in self.kept:
            yield from self.kept[day]
            return
        kept: list[_Part] | None = []
        with sketches_of(self.layout, day, self.params) as sketches:
            if self.inputs.setdefault(day, sketches.inputs) != sketches.inputs:
                raise InputsChangedError(str(day))
            self.unsketched |= set() if sketches.stored else {day}
            for rows in sketches.batches(COLUMNS, AT_ONCE):
                part = _Part(self._shelf(rows, day), rows.select(FACTS))
                yield part
                kept = [*kept, part] if kept is not None and len(kept) * AT_ONCE < KEPT else None
        if kept is not None:
            self.kept[day] = kept

    def _shelf(self, rows: pa.Table, day: date) -> Shelf:
        publishers = self.names.of(*encoded(rows["publisher"]))
        return Shelf(
            texts_of(rows), _Articles(rows, day), publishers, digests_of(rows["content_hash"]), day_number(day)
        )


def _windows(dates: Sequence[date], days: int) -> Iterator[tuple[date, list[date]]]:
    """The last day of each window, with those of *dates* in it; cut from the last of these."""
    by_end: dict[date, list[date]] = {}
    for day in dates:
        back = (dates[-1] - day).days // (days + 1) * (days + 1)
        by_end.setdefault(dates[-1] - timedelta(days=back), []).append(day)
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
