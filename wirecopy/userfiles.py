"""Files that a person named: results, exports, the feed list. The store's own files are wirecopy/store/files."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside *path* to write to. If the block ends well its content is the file *path*, durably and at once for
    all readers; if not, nothing has changed. Raises OSError.
    """
    staged = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        yield staged
        with staged.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
