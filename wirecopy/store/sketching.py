"""Sketches of a date: made once per text, kept while the text stays, and loaded as the columns that dedupe compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dedupe.packing import TYPES, Chunk, pack, unpack
from dedupe.params import Params
from dedupe.records import ArticleNode, ArticleText
from dedupe.sketches import sketch_articles
from dedupe.tables import TextTable
from wirecopy.store.commit import DEDUPE_INPUTS
from wirecopy.store.derived import window_hash
from wirecopy.store.layout import Layout
from wirecopy.store.partition import (
    OpenPartition,
    open_partition,
    read_footer,
    read_partition,
    replace_partition,
    values,
)
from wirecopy.store.schema import SKETCHES

SKETCH_INPUTS = "inputs"  # footer of sketches: articles of the date and parameters
AT_ONCE = 5_000  # texts read and sketched at a time: about 50 MB
COLUMNS = [name for name in SKETCHES.names if name != "minhash"]  # dedupe compares without it


class InputsChangedError(Exception):
    """An article was replaced between its sketch and its text: what was computed is of no use."""


@dataclass(frozen=True, slots=True)
class SketchedDay:
    """The sketches of one date, and the hash of the articles that they follow from."""

    day: date
    rows: pa.Table
    inputs: str


def current_sketches(layout: Layout, day: date, params: Params) -> SketchedDay | None:
    """The sketches of a date, first made for texts that have none; None without articles."""
    with open_partition(layout, "articles", day) as articles:
        if articles is None:
            return None
        inputs = articles.footer().get(DEDUPE_INPUTS, "")
        wanted = window_hash({day: inputs}, [day], params.hash)
        if read_footer(layout, "sketches", day).get(SKETCH_INPUTS) == wanted:
            return SketchedDay(day, read_partition(layout, "sketches", day, COLUMNS), inputs)
        rows = _brought_up_to_date(read_partition(layout, "sketches", day), articles, params)
    replace_partition(layout, "sketches", day, rows, {SKETCH_INPUTS: wanted})
    return SketchedDay(day, rows.select(COLUMNS), inputs)


def _brought_up_to_date(old: pa.Table, articles: OpenPartition, params: Params) -> pa.Table:
    """A row for each article: the old one if its text is the same, else a new one."""
    facts = articles.read(["article_id", "content_hash", "published_at", "publisher"])
    keys = _key(facts["article_id"], facts["content_hash"])
    usable = old.filter(pc.equal(old["params_hash"], pa.scalar(params.hash)))
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


def text_table(days: Sequence[SketchedDay]) -> TextTable:
    """The sketches of several dates as the table that dedupe compares, in their order."""
    columns = {name: [chunk for day in days for chunk in _chunks(day.rows[name])] for name in TYPES}
    return unpack(columns, [words for day in days for words in values(day.rows, "word_count")])


def _chunks(column: Any) -> list[Chunk]:
    return [Chunk(chunk.offset, len(chunk), *chunk.buffers()[1:]) for chunk in column.chunks]


def nodes(days: Sequence[SketchedDay]) -> list[ArticleNode]:
    """The articles of several dates, in their order, as far as matching needs them."""
    return [
        ArticleNode(id=row["article_id"], date=day.day, published_at=row["published_at"], publisher=row["publisher"])
        for day in days
        for row in day.rows.select(["article_id", "published_at", "publisher"]).to_pylist()
    ]


class StoredTexts:
    """Texts of sketched articles, by id. Raises InputsChangedError if one is no longer what was sketched."""

    def __init__(self, layout: Layout, days: Sequence[SketchedDay]) -> None:
        self._layout, self._days = layout, days

    def __call__(self, ids: Sequence[str]) -> list[str]:
        """The texts of *ids*, in that order."""
        wanted = pa.array(sorted(set(ids)), pa.string())
        found: dict[str, str] = {}
        for day in self._days:
            sketched = day.rows.filter(pc.is_in(day.rows["article_id"], wanted))
            if sketched.num_rows:
                found |= self._read(day.day, sketched)
        return [found[name] for name in ids]

    def _read(self, day: date, sketched: pa.Table) -> dict[str, str]:
        rows = read_partition(self._layout, "articles", day, ["article_id", "content_hash", "text"])
        rows = rows.filter(pc.is_in(rows["article_id"], sketched["article_id"].combine_chunks()))
        hashes = dict(zip(values(rows, "article_id"), values(rows, "content_hash"), strict=True))
        expected = dict(zip(values(sketched, "article_id"), values(sketched, "text_hash"), strict=True))
        if hashes != expected:
            raise InputsChangedError(str(day))
        return dict(zip(values(rows, "article_id"), values(rows, "text"), strict=True))
