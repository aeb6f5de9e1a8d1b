"""The folder of this machine where files of a bucket are made and queries spill: what killed processes left in it."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

LEFT: Final = ("*.tmp", "spill-*")  # staged files, and folders of queries
AGE: Final = timedelta(days=1)  # at which no process can still use one


def sweep(folder: Path) -> None:
    """Remove what was left a day ago or earlier; what cannot be removed stays."""
    oldest = time.time() - AGE.total_seconds()
    for path in (path for pattern in LEFT for path in folder.glob(pattern)):
        with suppress(OSError):  # gone meanwhile
            if path.stat().st_mtime >= oldest:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
