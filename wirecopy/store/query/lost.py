"""Articles that the ledger names and the store lacks, because a file was moved away or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.schedule import Interval
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_near, read_partition
from wirecopy.store.files.rows import Row
from wirecopy.store.files.schema import TIME
from wirecopy.store.ledger import SUCCESSES

COLUMNS = ("entry_key", "feed_id", "guid", "link", "title", "published_at", "tried_at", "code", "article_id")
NEAR: Final = 2  # days: an article lies about where its feed said that it was published


def lost_entries(layout: Layout, interval: Interval | None = None) -> list[Row]:
    """The last outcome (COLUMNS) of each entry (of *interval*, if one is given) that ended in an article which is in no
    file, by entry_key.

    Articles removed by a takedown are not among them, since their outcomes name no article.
    """
    days = layout.dates("outcomes")  # all of them: an undated entry that a backfill tried stands on the backfilled day
    named = [_successes(layout, day, ("code", "article_id", "published_at", "tried_at"), interval) for day in days]
    ids = pa.concat_arrays([_one(rows["article_id"]) for rows in named]) if named else pa.array([], pa.string())
    missing = _missing(layout, ids, interval)
    last: dict[str, Row] = {}
    for day, rows in zip(days, named, strict=True) if len(missing) else ():
        if pc.any(pc.is_in(rows["article_id"], missing)).as_py():  # only then its addresses and titles are read
            full = _successes(layout, day, COLUMNS, interval)
            for row in full.filter(pc.is_in(full["article_id"], missing)).to_pylist():
                if row["entry_key"] not in last or row["tried_at"] > last[row["entry_key"]]["tried_at"]:
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


def _successes(layout: Layout, day: date, columns: Sequence[str], interval: Interval | None) -> pa.Table:
    if interval:
        rows = read_near(layout, "outcomes", day, columns, ("published_at", "tried_at"), interval)
    else:
        rows = read_partition(layout, "outcomes", day, columns)
    meant = pc.and_(pc.is_in(rows["code"], pa.array(sorted(SUCCESSES))), pc.is_valid(rows["article_id"]))
    if interval:
        instants: Any = pc.coalesce(rows["published_at"], rows["tried_at"])
        start, end = pa.scalar(interval.start, TIME), pa.scalar(interval.end, TIME)
        meant = pc.and_(meant, pc.and_(pc.greater_equal(instants, start), pc.less(instants, end)))
    return rows.filter(meant)


def _missing(layout: Layout, ids: Any, interval: Interval | None) -> Any:
    """Those of *ids* that no file of articles holds. Of an interval, most are found beside it."""
    if interval is None:
        return _without(ids, article_ids(layout)) if len(ids) else ids
    near = {(interval.start + timedelta(days=days)).date() for days in range(-NEAR, NEAR + 1)}
    for day in sorted(layout.dates("articles"), key=lambda day: day not in near):
        if not len(ids):
            break
        ids = _without(ids, _one(read_partition(layout, "articles", day, ["article_id"])["article_id"]))
    return ids


def _without(ids: Any, found: Any) -> Any:
    return ids.filter(pc.invert(pc.is_in(ids, found)))


def _one(column: Any) -> Any:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
