"""Captures of raw/, by fetch_id or listed. The ledger names the file of most captures, so few files are opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.records import Capture
from ingest.text.urls import canonical_url
from wirecopy.errors import UsageError
from wirecopy.schedule import Interval
from wirecopy.store.archive.raw import inside, raw_files, raw_files_fetched, read_captures, readable_heads
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition

SHORTEST = 6  # characters of a fetch_id that are enough to look for
LISTED = ("fetched_at", "kind", "status", "feed_id", "url", "final_url", "fetch_id", "published_at")


def find_capture(layout: Layout, fetch_id: str) -> tuple[PurePath, Capture]:
    """The capture with this *fetch_id*, or the only one that begins so, and its raw file.

    Raises UsageError if there is none, or several.
    """
    wanted = fetch_id.strip().lower()
    if len(wanted) < SHORTEST or set(wanted) - set("0123456789abcdef"):
        raise UsageError(f"{fetch_id!r} is no fetch_id: give its 32 hex characters, or the first {SHORTEST} or more.")
    found = dict(_in_ledger(layout, wanted)) or dict(_in_files(layout, wanted))
    if not found:
        raise UsageError(
            f"No capture {fetch_id} lies in {layout.raw}: captures that are booked go after `raw_keep`. "
            "`wirecopy raw list` shows what is there."
        )
    if len(found) > 1:
        raise UsageError(f"{fetch_id} begins {len(found)} fetch_ids: {', '.join(sorted(found)[:5])}. Give more of it.")
    ((name, path),) = found.items()
    return path, next(iter(read_captures(layout, path, [name])))


def list_captures(
    layout: Layout, interval: Interval | None, *, feed_id: str | None = None, url: str | None = None
) -> Iterator[dict[str, Any]]:
    """Heads (columns LISTED) of captures fetched inside *interval* (None: all), oldest first within a day of raw/.

    *url* is any spelling of the requested address or of the one after redirects. The rows of one day are in memory.
    """
    files = raw_files_fetched(layout, interval) if interval else raw_files(layout, date.min, date.max)
    for _, of_day in groupby(files, key=lambda path: path.parent):
        rows = [row for path in of_day for row in _chosen(layout, path, interval, feed_id)]
        for row in sorted(rows, key=lambda row: (row["fetched_at"], row["fetch_id"])):
            if url is None or canonical_url(url) in map(canonical_url, (row["url"], row["final_url"])):
                yield row


def captures_of(
    layout: Layout, path: PurePath, interval: Interval | None, *, feed_id: str | None = None
) -> Iterator[Capture]:
    """The captures of a raw file that were fetched inside *interval*, a row group in memory at a time."""
    if ids := [row["fetch_id"] for row in _chosen(layout, path, interval, feed_id)]:
        yield from read_captures(layout, path, ids)


def _chosen(layout: Layout, path: PurePath, interval: Interval | None, feed_id: str | None) -> Sequence[dict[str, Any]]:
    rows = next((rows for _, rows in readable_heads(layout, [path], LISTED)), None)
    if rows is None:
        return []
    if interval:
        rows = rows.filter(inside(rows["fetched_at"], interval))
    if feed_id:
        rows = rows.filter(pc.equal(rows["feed_id"], pa.scalar(feed_id)))
    chosen: list[dict[str, Any]] = rows.to_pylist()
    return chosen


def _in_ledger(layout: Layout, prefix: str) -> Iterator[tuple[str, PurePath]]:
    """By the ledger: a part and its raw file have one name. A capture that was used again is in the ledger under
    another part.
    """
    for table in ("outcomes", "polls"):
        for day in layout.dates(table):
            rows = read_partition(layout, table, day, ["fetch_id", "part"])
            for row in _beginning(rows, prefix):
                for path in layout.files.find(layout.raw, f"date=*/{row['part']}.parquet"):
                    yield from ((name, path) for name, _ in _names(layout, path, row["fetch_id"]))


def _in_files(layout: Layout, prefix: str) -> Iterator[tuple[str, PurePath]]:
    """By reading every raw file, the newest first: for captures that the ledger does not name, or only under another
    part.
    """
    for path in reversed(raw_files(layout, date.min, date.max)):
        yield from _names(layout, path, prefix)


def _names(layout: Layout, path: PurePath, prefix: str) -> list[tuple[str, PurePath]]:
    heads = readable_heads(layout, [path], ["fetch_id"])
    return [(row["fetch_id"], path) for _, rows in heads for row in _beginning(rows, prefix)]


def _beginning(rows: pa.Table, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.filter(pc.starts_with(rows["fetch_id"], prefix)).to_pylist()
    return found
