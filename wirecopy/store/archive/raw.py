"""The raw archive: immutable captures, one file per finished part of a pull attempt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.records import Capture, Entry, Page
from wirecopy.errors import StoreError
from wirecopy.log import get_log
from wirecopy.schedule import Interval
from wirecopy.store.files.layout import Layout, day_of_folder
from wirecopy.store.files.partition import rows_among
from wirecopy.store.files.schema import RAW, TIME

log = get_log(__name__)

ROW_GROUP = 64  # captures: a random page is read in 17 ms, and writing holds no more than these in memory
HANDED_OVER = timedelta(hours=12)  # a part is closed within the minute, a suspended machine may sleep for some hours
IMPORT = "imported-"
HEAD = tuple(name for name in RAW.names if name not in ("body", "headers"))


def write_raw(layout: Layout, day: date, name: str, captures: Iterable[Capture]) -> PurePath | None:
    """Archive *captures* as the file *name* of *day*: whole or not at all. None if there are none: no file then."""
    rest = iter(captures)
    first = list(islice(rest, ROW_GROUP))
    if not first:
        return None
    path = layout.raw_folder(day) / f"{name}.parquet"
    with layout.files.replacing(path) as staged, raw_writer(staged) as writer:
        rows = first
        while rows:
            writer.write_table(pa.Table.from_pylist([_row(capture) for capture in rows], schema=RAW))
            rows = list(islice(rest, ROW_GROUP))
    return path


def raw_files(layout: Layout, first: date, last: date) -> list[PurePath]:
    """Raw files captured on *first* … *last*, inclusive, in the order of date and name."""
    days = ((day_of_folder(path), path) for path in layout.files.folders(layout.raw))
    folders = [path for day, path in days if day and first <= day <= last]
    return [path for folder in folders for path in layout.files.find(folder, "*.parquet")]


def files_by_part(layout: Layout) -> dict[str, PurePath]:
    """The raw file of each part, by one look at all of them."""
    return {path.stem: path for path in reversed(layout.files.find(layout.raw, "date=*/*.parquet"))}


def imported_name(day: date, name: str) -> str:
    """Name of a raw file that an import writes on *day*; retention counts from that day."""
    return f"{IMPORT}{day.isoformat()}-{name}"


def kept_since(path: PurePath) -> date:
    """The day from which retention counts: that of the captures, or of the import that brought them later."""
    captured = date.fromisoformat(path.parent.name.removeprefix("date="))
    if path.stem.startswith(IMPORT):
        return max(captured, date.fromisoformat(path.stem.removeprefix(IMPORT)[:10]))
    return captured


def raw_files_fetched(layout: Layout, interval: Interval) -> list[PurePath]:
    """Raw files that may hold captures fetched inside *interval*. A part closed after midnight is in the next day's
    folder.
    """
    return raw_files(layout, interval.start.date(), (interval.end + HANDED_OVER).date())


def read_heads(layout: Layout, path: PurePath, columns: Sequence[str] = HEAD) -> pa.Table:
    """All columns of a raw file but headers and body, or some of them. Raises StoreError if it cannot be read."""
    try:
        with layout.files.parquet(path) as file:
            return file.read(columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def readable_heads(
    layout: Layout, paths: Iterable[PurePath], columns: Sequence[str] = HEAD
) -> Iterator[tuple[PurePath, pa.Table]]:
    """`read_heads` of each file that can be read: one that cannot costs its own captures, and a warning."""
    for path in paths:
        try:
            yield path, read_heads(layout, path, columns)
        except StoreError as error:
            log.warning("left out: %s", error)


def raw_problems(layout: Layout) -> Iterator[str]:
    """One sentence per folder or file of raw/ that nobody can read, with what to do."""
    for folder in layout.files.folders(layout.raw):
        if folder.name.startswith("date=") and day_of_folder(folder) is None:
            yield f"{folder} is no folder of a date, so nobody reads what lies in it: rename it, or move it away"
    for path in raw_files(layout, date.min, date.max):
        try:
            read_heads(layout, path, ["fetch_id"])
        except StoreError as error:
            yield str(error)


def _unreadable(path: PurePath, error: Exception) -> StoreError:
    return StoreError(
        f"{path} cannot be read ({error}). Restore it from a backup, or move it out of raw/: its captures are lost "
        "then, what the store made of them is not."
    )


def inside(instants: Any, interval: Interval) -> Any:
    """A mask of the instants of a column that are in *interval*."""
    start, end = pa.scalar(interval.start, TIME), pa.scalar(interval.end, TIME)
    return pc.and_(pc.greater_equal(instants, start), pc.less(instants, end))


def read_captures(layout: Layout, path: PurePath, fetch_ids: Sequence[str]) -> Iterator[Capture]:
    """The captures of *path* with these ids, in stored order, a row group in memory at a time."""
    try:
        with layout.files.parquet(path) as reader:
            for rows in rows_among(reader, "fetch_id", fetch_ids):
                yield from map(_capture, rows.to_pylist())
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def raw_writer(path: PurePath) -> pq.ParquetWriter:
    """A writer of raw files; each write becomes a row group."""
    return pq.ParquetWriter(str(path), RAW, compression="zstd", compression_level=3)


def _row(capture: Capture) -> dict[str, Any]:
    page, entry = capture.page, capture.entry
    return {
        "fetch_id": page.fetch_id,
        "kind": capture.kind,
        "feed_id": capture.feed_id,
        "entry_key": entry.entry_key if entry else None,
        "entry": entry.to_json() if entry else None,
        "published_at": capture.published_at or (entry.published_at if entry else None),
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "headers": json.dumps(dict(page.headers), ensure_ascii=False),
        "fetched_at": page.fetched_at,
        "body_hash": page.body_hash,
        "body": page.body,
    }


def _capture(row: dict[str, Any]) -> Capture:
    fetched_at: datetime = row["fetched_at"]
    page = Page(
        fetch_id=row["fetch_id"],
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        headers=json.loads(row["headers"]),
        body=row["body"],
        fetched_at=fetched_at,
    )
    entry = Entry.from_json(row["entry"]) if row["entry"] else None
    return Capture(kind=row["kind"], feed_id=row["feed_id"], page=page, entry=entry)
