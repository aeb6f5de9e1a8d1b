"""Captures in raw/ without an outcome: left by a crash, or waiting in a store that is rebuilt from an archive."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.errors import StoreError
from wirecopy.schedule import Interval
from wirecopy.store.archive.raw import inside, raw_files, read_heads, readable_heads
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.schema import TIME
from wirecopy.store.ledger import booked_fetches, committed_parts, documents_with_leftovers

SKEW = timedelta(days=1)  # a page may be captured this long before the date it claims


def unprocessed_captures(layout: Layout, interval: Interval) -> list[dict[str, Any]]:
    """Heads (schema.RAW without body, plus raw_file) of captures that a past run of *interval* should use.

    Pages come first, oldest first: those published inside it, or undated and captured inside it, that no outcome names.
    Then feed documents that no poll names, or whose run did not take entries of the interval. A file whose part is
    committed is opened only for such documents.
    """
    files = raw_files(layout, (interval.start - SKEW).date(), date.max)
    if not files:
        return []
    committed = committed_parts(layout)
    leftovers = documents_with_leftovers(layout, interval)
    heads: list[dict[str, Any]] = []
    for path, rows in readable_heads(layout, (path for path in files if path.stem not in committed or leftovers)):
        if path.stem not in committed:
            chosen = _wanted(rows, interval, leftovers)
        else:
            chosen = rows.filter(_among(rows["fetch_id"], leftovers))
        heads += _named(path.relative_to(layout.raw), chosen)
    booked = booked_fetches(layout, (head["fetch_id"] for head in heads)) - leftovers
    left = [head for head in heads if head["fetch_id"] not in booked]
    return sorted(left, key=lambda head: (head["kind"] != "page", head["fetched_at"], head["fetch_id"]))


def captured_pages(layout: Layout, interval: Interval) -> list[dict[str, Any]]:
    """Heads of all captured pages published inside *interval*, or undated and captured inside it, oldest first."""
    heads: list[dict[str, Any]] = []
    files = raw_files(layout, (interval.start - SKEW).date(), date.max)
    for path, rows in readable_heads(layout, (path for path in files if _may_hold_pages(layout, path, interval))):
        heads += _named(path.relative_to(layout.raw), rows.filter(_pages_inside(rows, interval)))
    return sorted(heads, key=lambda head: (head["fetched_at"], head["fetch_id"]))


def _may_hold_pages(layout: Layout, path: PurePath, interval: Interval) -> bool:
    """One that cannot be read is looked at, so that it is told."""
    try:
        first, last = _page_span(layout, path)
    except StoreError:
        return True
    return first is not None and last is not None and last >= interval.start and first < interval.end


@lru_cache(maxsize=100_000)
def _page_span(layout: Layout, path: PurePath) -> tuple[datetime | None, datetime | None]:
    """First and last instant of the pages of a raw file. Cached, since a command handles many days and raw files never
    change (a takedown only removes rows).
    """
    rows = read_heads(layout, path, ["kind", "published_at", "fetched_at"])
    pages = rows.filter(pc.equal(rows["kind"], pa.scalar("page")))
    return pc.min(_instants(pages)).as_py(), pc.max(_instants(pages)).as_py()


def _instants(rows: pa.Table) -> Any:
    return pc.coalesce(rows["published_at"], rows["fetched_at"])


def _pages_inside(rows: pa.Table, interval: Interval) -> Any:
    return pc.and_(pc.equal(rows["kind"], pa.scalar("page")), inside(_instants(rows), interval))


def _wanted(rows: pa.Table, interval: Interval, leftovers: set[str]) -> pa.Table:
    """Rows of one raw file that the interval may need."""
    documents = pc.equal(rows["kind"], pa.scalar("feed"))
    fresh = _since(rows["fetched_at"], interval.start - SKEW)
    needed = pc.or_(_pages_inside(rows, interval), pc.and_(documents, fresh))
    return rows.filter(pc.or_(needed, _among(rows["fetch_id"], leftovers)))


def _named(path: Any, rows: pa.Table) -> list[dict[str, Any]]:
    return [row | {"raw_file": str(path)} for row in rows.to_pylist()]


def _since(column: Any, instant: datetime) -> Any:
    return pc.greater_equal(column, pa.scalar(instant, TIME))


def _among(column: Any, values: set[str]) -> Any:
    return pc.is_in(column, pa.array(sorted(values), pa.string()))
