"""The raw archive: what was fetched, immutable, one file per finished part of a pull attempt."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.records import Capture, Entry, Page
from wirecopy.log import get_log
from wirecopy.store.layout import Layout
from wirecopy.store.partition import fsync_file, fsync_folder
from wirecopy.store.schema import RAW

log = get_log(__name__)

ROW_GROUP = 64  # captures: a random page is read in 17 ms, and memory holds no more than these
HEAD = tuple(name for name in RAW.names if name not in ("body", "headers"))


class RawWriter:
    """Writes the captures of one part; the file appears under its name only when `close` is called."""

    def __init__(self, layout: Layout, day: date, name: str) -> None:
        self.path = layout.raw_folder(day) / f"{name}.parquet"
        self._staged = layout.staging / f"{uuid.uuid4().hex}.tmp"
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[dict[str, Any]] = []

    def add(self, capture: Capture) -> None:
        """Archive one capture."""
        self._rows.append(_row(capture))
        if len(self._rows) >= ROW_GROUP:
            self._flush()

    def close(self) -> Path | None:
        """Finish the file; None if there was nothing to write."""
        self._flush()
        if self._writer is None:
            return None
        self._writer.close()
        fsync_file(self._staged)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self._staged, self.path)
        fsync_folder(self.path.parent)
        self._writer = None
        return self.path

    def discard(self) -> None:
        """Forget what was not closed."""
        with suppress(Exception):
            if self._writer:
                self._writer.close()
        self._staged.unlink(missing_ok=True)

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is None:
            self._staged.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._staged, RAW, compression="zstd", compression_level=3)
        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=RAW))
        self._rows.clear()


def raw_files(layout: Layout, first: date, last: date) -> list[Path]:
    """Raw files captured on *first* … *last*, inclusive, in the order of date and name."""
    folders = sorted(path for path in layout.raw.glob("date=*") if first <= date.fromisoformat(path.name[5:]) <= last)
    return [path for folder in folders for path in sorted(folder.glob("*.parquet"))]


def read_heads(path: Path) -> pa.Table:
    """All columns of a raw file but headers and body."""
    return pq.read_table(path, columns=list(HEAD), partitioning=None)


def read_captures(path: Path, fetch_ids: Sequence[str]) -> Iterator[Capture]:
    """The captures of *path* with these ids, in stored order, a row group in memory at a time."""
    wanted = pa.array(list(fetch_ids), pa.string())
    reader = pq.ParquetFile(path)
    for group in range(reader.num_row_groups):
        ids = reader.read_row_group(group, columns=["fetch_id"])
        if not pc.any(pc.is_in(ids["fetch_id"], wanted)).as_py():
            continue
        rows = reader.read_row_group(group)
        yield from map(_capture, rows.filter(pc.is_in(rows["fetch_id"], wanted)).to_pylist())


def _row(capture: Capture) -> dict[str, Any]:
    page, entry = capture.page, capture.entry
    return {
        "fetch_id": page.fetch_id, "kind": capture.kind, "feed_id": capture.feed_id,
        "entry_key": entry.entry_key if entry else None, "entry": entry.to_json() if entry else None,
        "published_at": entry.published_at if entry else None, "url": page.url, "final_url": page.final_url,
        "status": page.status, "headers": json.dumps(dict(page.headers), ensure_ascii=False),
        "fetched_at": page.fetched_at, "body_hash": page.body_hash, "body": page.body,
    }  # fmt: skip


def _capture(row: dict[str, Any]) -> Capture:
    fetched_at: datetime = row["fetched_at"]
    page = Page(
        fetch_id=row["fetch_id"], url=row["url"], final_url=row["final_url"], status=row["status"],
        headers=json.loads(row["headers"]), body=row["body"], fetched_at=fetched_at,
    )
    entry = Entry.from_json(row["entry"]) if row["entry"] else None
    return Capture(kind=row["kind"], feed_id=row["feed_id"], page=page, entry=entry)
