"""What killed processes left in state/staging long ago."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from wirecopy.store.files.layout import Layout

# When nobody can be at work on it any more. Parts and journals stay: they wait for publish.
LEFTOVERS: Final = {"*.tmp": timedelta(days=1), "*.touched": timedelta(days=7), "*.plan.parquet": timedelta(days=7)}


def sweep_staging(layout: Layout) -> int:
    """Remove files that processes left which were killed long ago; returns how many."""
    files = layout.files
    found = [
        (version, age)
        for pattern, age in LEFTOVERS.items()
        for path in files.find(layout.staging, pattern)
        if (version := files.head(path))
    ]
    old = [version.path for version, age in found if time.time() - version.modified_at > age.total_seconds()]
    for path in old:
        files.remove(path)
    return len(old)
