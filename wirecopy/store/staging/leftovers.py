"""Leftovers of killed processes: in state/staging, and on this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import Final

from wirecopy.store.files.files import Files
from wirecopy.store.files.layout import Layout

# The age at which no process can still use a file. Parts and journals stay: they wait for publish.
LEFTOVERS: Final = {"*.tmp": timedelta(days=1), "*.touched": timedelta(days=7), "*.plan.parquet": timedelta(days=7)}
# Of queries that were killed, and of files that were being made for a bucket.
NEARBY: Final = {"spill-*/*": timedelta(days=1), "*.tmp": timedelta(days=1)}


def sweep_staging(layout: Layout) -> int:
    """Remove files that processes left which were killed long ago; returns how many."""
    staged = _sweep(layout.files, layout.staging, LEFTOVERS)
    return staged + _sweep(layout.nearby(), layout.spill, NEARBY)


def _sweep(files: Files, folder: PurePath, ages: Mapping[str, timedelta]) -> int:
    found = [(version, age) for pattern, age in ages.items() for version in files.versions(folder, pattern)]
    old = [version.path for version, age in found if time.time() - version.modified_at > age.total_seconds()]
    for path in old:
        files.remove(path)
        if path.parent != folder:
            files.remove_empty(path.parent)
    return len(old)
