"""Retention of raw/: captures are kept for a time, and for longer if no outcome names them yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from wirecopy.store.archive.raw import kept_since, raw_files, readable_heads
from wirecopy.store.files.layout import Layout
from wirecopy.store.ledger import booked_fetches, committed_parts


@dataclass(frozen=True, slots=True)
class Removed:
    """The result of a retention pass."""

    files: int
    bytes: int
    kept: int  # files that are old enough, but hold captures that no outcome names


def remove_old_captures(layout: Layout, before: date) -> Removed:
    """Remove the raw files captured (or imported) before *before* whose captures are all booked."""
    files = [path for path in raw_files(layout, date.min, date.max) if kept_since(path) < before]
    committed = committed_parts(layout) if files else set()
    removed = size = kept = 0
    for path in files:
        if path.stem not in committed and not _booked(layout, path):
            kept += 1
            continue
        version = layout.files.head(path)
        size += version.size if version else 0
        layout.files.remove(path)
        removed += 1
    for folder in {path.parent for path in files}:
        layout.files.remove_empty(folder)
    return Removed(removed, size, kept)


def _booked(layout: Layout, path: PurePath) -> bool:
    """One that cannot be read stays for a person to look at."""
    heads = next((rows for _, rows in readable_heads(layout, [path], ["fetch_id", "kind"])), None)
    if heads is None:
        return False
    # A document of a source of history was read when it came, and is kept for the runs of the next day only.
    fetch_ids = [str(row["fetch_id"]) for row in heads.to_pylist() if row["kind"] != "history"]
    return len(booked_fetches(layout, fetch_ids)) == len(set(fetch_ids))
