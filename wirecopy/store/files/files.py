"""How a file comes into being: staged, fsynced, renamed. Nobody ever sees a part of one."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from wirecopy.errors import StoreError
from wirecopy.store.files.layout import Layout

# What killed processes leave in staging, and when nobody can be at work on it any more. Parts and journals stay: they
# wait for publish.
LEFTOVERS: Final = {"*.tmp": timedelta(days=1), "*.touched": timedelta(days=7), "*.plan.parquet": timedelta(days=7)}


@contextmanager
def replacing(layout: Layout, target: Path) -> Iterator[Path]:
    """A path in staging to write to. If the block ends well the file is *target*, durably; if not, nothing has changed.

    Raises StoreError naming *target* if the disk refuses (full, read-only, quota).
    """
    staged = layout.staging / f"{uuid.uuid4().hex}.tmp"
    try:
        yield staged
        fsync_path(staged)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, target)
        fsync_path(target.parent)
        fsync_path(target.parent.parent)
    except BaseException as error:
        staged.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StoreError(
                f"{target} cannot be written ({error}). What was there is whole: "
                "make room or mend the rights, and run again."
            ) from error
        raise


def fsync_path(path: Path) -> None:
    """Make the content of a file, or the names in a folder, survive power loss."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep_staging(layout: Layout) -> int:
    """Remove files that processes left which were killed long ago; returns how many."""
    old = [
        path
        for pattern, age in LEFTOVERS.items()
        for path in layout.staging.glob(pattern)
        if time.time() - _mtime(path) > age.total_seconds()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
