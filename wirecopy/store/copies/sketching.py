"""Sketches of a date: made once per text, kept while the text stays, and loaded as the columns that dedupe compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc

from dedupe.corpus.listing import UNKNOWN, Listing, list_columns
from dedupe.corpus.packing import TYPES, Chunk, Whole, digest_numbers, pack, unpack
from dedupe.corpus.spool import Spool
from dedupe.corpus.tables import TextTable
from dedupe.corpus.tokenstore import TokenStore
from dedupe.matching.sketches import sketch_articles
from dedupe.params import Params
from dedupe.records import ArticleText
from wirecopy.errors import StoreConflict, StoreError
from wirecopy.store.articles.commit import DEDUPE_INPUTS
from wirecopy.store.copies.derived import stored_inputs, window_hash
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import (
    OpenPartition,
    open_partition,
    read_footer,
    read_partition,
    read_rebuildable,
    replace_partition,
    values,
    with_ids,
)
from wirecopy.store.files.schema import SKETCHES

SKETCH_INPUTS = "inputs"  # footer of sketches: articles of the date and parameters
AT_ONCE = 5_000  # texts read and sketched at a time: about 50 MB
FACTS = ("article_id", "publisher", "text_hash", "content_hash")


class InputsChangedError(Exception):
    """An article was replaced after its sketch was read, so the computation must be discarded."""


@dataclass(frozen=True, slots=True)
class SketchedDay:
    """The sketches of one date without their token columns, and the hash of the articles that they were made from."""

    day: date
    facts: pa.Table  # FACTS, in stored order
    inputs: str


def current_sketches(layout: Layout, day: date, params: Params) -> SketchedDay | None:
    """The sketches of a date, first made for texts that have none; None without articles."""
    sketch_date(layout, day, params)
    return known_sketches(layout, day, params)


def sketch_date(layout: Layout, day: date, params: Params) -> bool:
    """Bring the sketches of a date up to date; whether there was anything to do.

    It depends on no other date, and two that do it at once write the same. Raises StoreConflict if another process
    replaced them meanwhile.
    """
    if not needs_sketches(layout, day, params):
        return False
    known = layout.files.head(layout.partition("sketches", day))
    with open_partition(layout, "articles", day, whole=True) as articles:
        if articles is None:  # sketches of articles that are gone
            replace_partition(layout, "sketches", day, SKETCHES.empty_table(), over=known)
            return True
        wanted = _wanted(day, articles.footer().get(DEDUPE_INPUTS, ""), params)
        rows = _brought_up_to_date(read_rebuildable(layout, "sketches", day), articles, params)
        replace_partition(layout, "sketches", day, rows, {SKETCH_INPUTS: wanted}, over=known)
    return True


def needs_sketches(layout: Layout, day: date, params: Params) -> bool:
    """Whether the sketches of a date are not those of its articles, from the footers alone."""
    inputs, footer = stored_inputs(layout, day), read_footer(layout, "sketches", day)
    if inputs:
        return footer.get(SKETCH_INPUTS) != _wanted(day, inputs, params)
    there = layout.files.head(layout.partition("sketches", day)) is not None
    return there and (not footer or SKETCH_INPUTS in footer)  # damaged, or of articles that are gone


def known_sketches(layout: Layout, day: date, params: Params) -> SketchedDay | None:
    """The sketches of a date as they are, for readers; None without articles. Raises InputsChangedError if they are not
    those of the articles.
    """
    inputs = stored_inputs(layout, day)
    if not inputs:
        return None
    if read_footer(layout, "sketches", day).get(SKETCH_INPUTS) != _wanted(day, inputs, params):
        raise InputsChangedError(str(day))
    return SketchedDay(day, read_partition(layout, "sketches", day, FACTS), inputs)


def _wanted(day: date, inputs: str, params: Params) -> str:
    """The footer value of a date's sketches when they are current."""
    return window_hash({day: inputs}, [day], params.sketch_hash)


def _brought_up_to_date(old: pa.Table, articles: OpenPartition, params: Params) -> pa.Table:
    """A row for each article: the old one if its text is the same, else a new one."""
    facts = articles.read(["article_id", "content_hash", "published_at", "publisher"])
    keys = _key(facts["article_id"], facts["content_hash"])
    usable = old.filter(pc.equal(old["params_hash"], pa.scalar(params.sketch_hash)))
    place = pc.index_in(keys, _key(usable["article_id"], usable["text_hash"]))
    kept = facts.filter(place.is_valid())
    rows = usable.take(place.drop_null())
    for name in ("published_at", "publisher"):
        rows = rows.set_column(rows.schema.get_field_index(name), SKETCHES.field(name), kept[name])
    return pa.concat_tables([rows, *_new_rows(articles, facts, place.is_null(), params)])


def _key(ids: Any, hashes: Any) -> Any:
    """Article and text in one string, as an array."""
    joined: Any = pc.binary_join_element_wise(ids, hashes, pa.scalar(" "))
    return joined.combine_chunks()


def _new_rows(articles: OpenPartition, facts: pa.Table, new: pa.BooleanArray, params: Params) -> Iterator[pa.Table]:
    """Sketches of the articles that are *new*, some thousand at a time."""
    places: Any = pc.indices_nonzero(new)
    if not len(places):
        return
    texts: Any = articles.read(["text"])["text"]
    for begin in range(0, len(places), AT_ONCE):
        chosen = places[begin : begin + AT_ONCE]
        yield _sketch(facts.take(chosen), texts.take(chosen).to_pylist(), params)


def _sketch(facts: pa.Table, texts: Sequence[str], params: Params) -> pa.Table:
    ids = values(facts, "article_id")
    made = sketch_articles([ArticleText(id=name, text=text) for name, text in zip(ids, texts, strict=True)], params)
    rows = [made.table.row(number) for number in range(len(ids))]
    packed = [pack(row) for row in rows]
    columns = {
        "article_id": ids,
        "published_at": facts["published_at"],
        "publisher": facts["publisher"],
        "text_hash": facts["content_hash"],
        "content_hash": made.content_hash,
        "params_hash": [made.params_hash] * len(ids),
        "word_count": [row.words for row in rows],
        "minhash": [row.astype("<u4").tobytes() for row in made.minhash],
        **{name: [one[name] for one in packed] for name in TYPES},
    }
    return pa.table(columns, schema=SKETCHES.remove_metadata())


class SketchesOfDay:
    """The sketches of one date as they should be, column by column: stored ones if they are current, else made in
    memory. Nothing is written.
    """

    def __init__(self, file: OpenPartition | None, made: pa.Table | None, inputs: str) -> None:
        self._file, self._made = file, made
        self.inputs = inputs  # hash of the articles that they are of
        self.stored = made is None  # or there are no articles

    def read(self, columns: Sequence[str]) -> pa.Table:
        """All rows of *columns*. Raises StoreError."""
        if self._made is not None:
            return self._made.select(list(columns))
        return self._file.read(columns) if self._file else SKETCHES.empty_table().select(list(columns))

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
        """The same, at most *rows* at a time."""
        if self._file is None:
            yield self.read(columns)
            return
        for batch in self._file.batches(columns, rows, threads=False):
            yield pa.Table.from_batches([batch])


@contextmanager
def sketches_of(layout: Layout, day: date, params: Params) -> Iterator[SketchesOfDay]:
    """The sketches of a date, while the block runs. Raises StoreError."""
    with (
        open_partition(layout, "articles", day, whole=True) as articles,
        open_partition(layout, "sketches", day, whole=True) as file,
    ):
        inputs = articles.footer().get(DEDUPE_INPUTS, "") if articles else ""
        if articles is None:
            yield SketchesOfDay(None, None, inputs)
        elif file and file.footer().get(SKETCH_INPUTS) == _wanted(day, inputs, params):
            yield SketchesOfDay(file, None, inputs)
        else:
            old = file.read(SKETCHES.names) if file else SKETCHES.empty_table()
            yield SketchesOfDay(None, _brought_up_to_date(old, articles, params), inputs)


def texts_of(rows: pa.Table) -> TextTable:
    """The texts of sketches: of `word_count` and those columns of packed texts that *rows* has."""
    packed = {name: [_chunk(one) for one in rows[name].chunks] for name in TYPES if name in rows.column_names}
    return unpack(packed, _whole(rows["word_count"].combine_chunks()))


@contextmanager
def open_token_store(layout: Layout, days: Sequence[SketchedDay], params: Params) -> Iterator[TokenStore]:
    """The token store of several dates, in their order. Raises InputsChangedError, StoreError."""
    with Spool(layout.files.scratch) as spool:
        for one in days:
            with _unchanged(one.day), open_partition(layout, "sketches", one.day) as file:
                if file is None or file.footer().get(SKETCH_INPUTS) != _wanted(one.day, one.inputs, params):
                    raise InputsChangedError(str(one.day))
                for batch in file.batches([*TYPES, "word_count"], AT_ONCE):
                    columns = {name: [_chunk(batch[name])] for name in TYPES}
                    _put(unpack(columns, _whole(batch["word_count"])), spool, layout)
        yield spool.token_store()


@contextmanager
def _unchanged(day: date) -> Iterator[None]:
    try:
        yield
    except StoreConflict as error:
        raise InputsChangedError(str(day)) from error


def _put(table: TextTable, spool: Spool, layout: Layout) -> None:
    try:
        spool.add(table)
    except OSError as error:
        raise StoreError(
            f"{layout.staging} does not take the texts that are compared ({error}): they need about 2 kB for each "
            "article of eight days. Make room, and run again."
        ) from error


def _chunk(column: Any) -> Chunk:
    return Chunk(column.offset, len(column), *column.buffers()[1:])


def list_sketched(days: Sequence[SketchedDay]) -> Listing:
    """The articles of several dates, in their order."""
    facts = pa.concat_tables([one.facts for one in days]) if days else SKETCHES.empty_table()
    return list_columns(
        StringColumn(facts["article_id"]),
        [(one.day, len(one.facts)) for one in days],
        _numbered(facts["publisher"]),
        _numbered(facts["content_hash"]),
    )


def _numbered(column: Any) -> Any:
    """A number for each distinct value, UNKNOWN for null."""
    return encoded(column)[0]


def encoded(column: Any) -> tuple[Any, list[str]]:
    """The place of each value among the distinct ones, as an array, UNKNOWN for null; and these."""
    codes = column.combine_chunks().dictionary_encode()
    filled = pc.fill_null(codes.indices, pa.scalar(UNKNOWN, pa.int32()))
    return _whole(filled).values(), codes.dictionary.to_pylist()


def digests_of(column: Any) -> Any:
    """`digest_numbers` of a column."""
    return digest_numbers(_chunk(column.combine_chunks()))


def _whole(column: Any) -> Whole:
    """`to_numpy` is avoided because it imports pandas where that is installed, which takes a second."""
    return Whole(column.offset, len(column), column.buffers()[1])


class StringColumn(Sequence[str]):
    """A column of strings without nulls, converted to Python strings one at a time."""

    def __init__(self, column: Any) -> None:
        self.column: Any = column.combine_chunks()

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        found: str | list[str] = self.column[at].to_pylist() if isinstance(at, slice) else self.column[at].as_py()
        return found


class StoredTexts:
    """Texts of sketched articles, by id. Raises InputsChangedError if one differs from the text that was sketched."""

    def __init__(self, layout: Layout, days: Sequence[SketchedDay]) -> None:
        self._layout, self._days = layout, days

    def __call__(self, ids: Sequence[str]) -> list[str]:
        """The texts of *ids*, in that order."""
        wanted = set(ids)
        found: dict[str, str] = {}
        for day in self._days:
            sketched = with_ids(day.facts, wanted)
            if sketched.num_rows:
                found |= self._read(day.day, sketched)
        return [found[name] for name in ids]

    def _read(self, day: date, sketched: pa.Table) -> dict[str, str]:
        expected = dict(zip(values(sketched, "article_id"), values(sketched, "text_hash"), strict=True))
        texts: dict[str, str] = {}
        hashes: dict[str, str] = {}
        with _unchanged(day), open_partition(self._layout, "articles", day) as file:
            for rows in file.of_articles(expected, ["article_id", "content_hash", "text"]) if file else ():
                names = values(rows, "article_id")
                hashes.update(zip(names, values(rows, "content_hash"), strict=True))
                texts.update(zip(names, values(rows, "text"), strict=True))
        if hashes != expected:
            raise InputsChangedError(str(day))
        return texts
