"""Retention of raw/: captures are kept for a time, and for longer if no outcome names them yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from wirecopy.store.archive.raw import kept_since, raw_files, read_heads
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
        size += path.stat().st_size
        path.unlink()
        removed += 1
    for folder in {path.parent for path in files}:
        if not any(folder.iterdir()):
            folder.rmdir()
    return Removed(removed, size, kept)


def _booked(layout: Layout, path: Path) -> bool:
    fetch_ids = [str(fetch_id) for fetch_id in read_heads(path)["fetch_id"].to_pylist()]
    return len(booked_fetches(layout, fetch_ids)) == len(set(fetch_ids))
