"""Leftovers of killed processes in state/staging."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from wirecopy.store.files.layout import Layout

# The age at which no process can still use a file. Parts and journals stay: they wait for publish.
LEFTOVERS: Final = {"*.tmp": timedelta(days=1), "*.touched": timedelta(days=7), "*.plan.parquet": timedelta(days=7)}
SPILLED: Final = "spill-*/*"  # of queries that were killed, in state/


def sweep_staging(layout: Layout) -> int:
    """Remove files that processes left which were killed long ago; returns how many."""
    files = layout.files
    looked_at = [(layout.staging, pattern, age) for pattern, age in LEFTOVERS.items()]
    found = [
        (version, age)
        for folder, pattern, age in (*looked_at, (layout.state, SPILLED, timedelta(days=1)))
        for path in files.find(folder, pattern)
        if (version := files.head(path))
    ]
    old = [version.path for version, age in found if time.time() - version.modified_at > age.total_seconds()]
    for path in old:
        files.remove(path)
        if path.parent != layout.staging:
            files.remove_empty(path.parent)
    return len(old)
