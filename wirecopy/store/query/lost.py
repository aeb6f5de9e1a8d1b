"""Articles that the ledger names and the store lacks, because a file was moved away or deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.files.rows import Row
from wirecopy.store.ledger import SUCCESSES

COLUMNS = ("entry_key", "feed_id", "guid", "link", "title", "published_at", "tried_at", "code", "article_id")


def lost_entries(layout: Layout) -> list[Row]:
    """The last outcome (COLUMNS) of each entry that ended in an article which is in no file, by entry_key.

    Articles removed by a takedown are not among them, since their outcomes name no article.
    """
    named = _successes(layout)
    if not named.num_rows:
        return []
    lost = named.filter(pc.invert(pc.is_in(named["article_id"], article_ids(layout))))
    last: dict[str, Row] = {}
    for row in lost.sort_by("tried_at").to_pylist():
        last[row["entry_key"]] = row
    return [last[key] for key in sorted(last)]


def day_instant(row: Row) -> datetime:
    """The instant by which a past run takes an entry: its publication, or when it was tried."""
    instant: datetime = row["published_at"] or row["tried_at"]
    return instant


def days_of(rows: Iterable[Row]) -> list[date]:
    """The UTC days whose runs take these entries, ascending."""
    return sorted({day_instant(row).date() for row in rows})


def article_ids(layout: Layout) -> Any:
    """The ids of all articles of the store, as an Arrow array."""
    columns = [
        read_partition(layout, "articles", day, ["article_id"])["article_id"] for day in layout.dates("articles")
    ]
    return pa.concat_arrays([_one(column) for column in columns]) if columns else pa.array([], pa.string())


def _successes(layout: Layout) -> pa.Table:
    tables = [read_partition(layout, "outcomes", day, COLUMNS) for day in layout.dates("outcomes")]
    rows = pa.concat_tables(tables) if tables else read_partition(layout, "outcomes", date.min, COLUMNS)
    ended = pc.is_in(rows["code"], pa.array(sorted(SUCCESSES)))
    return rows.filter(pc.and_(ended, pc.is_valid(rows["article_id"])))


def _one(column: Any) -> Any:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
