"""The desk where the rooms meet: settings, steps, the store and the command.

For programs: `wirecopy.open("data")` gives a store (docs/python.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wirecopy.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from wirecopy.api.store import Store

__all__ = ["__version__", "open"]


def open(data: Path | str | None = None) -> Store:  # noqa: A001 - wirecopy.open("data") reads as it should
    """The store in the folder *data* or on the bucket `s3://…`, read-only; None: that of the settings. Raises
    StoreError.
    """
    from wirecopy.api.store import Store  # the package stays light: DAG files import it every few seconds

    return Store(data)
