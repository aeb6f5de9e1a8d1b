"""Files that commands write for people: anywhere but below the data folder."""

from __future__ import annotations

from pathlib import Path

from wirecopy.errors import SettingsError, UsageError
from wirecopy.settings import load_settings


def refuse_data_folder(path: Path) -> None:
    """Raises UsageError if *path* (as it resolves, symbolic links followed) lies in the data folder."""
    try:
        root = Path(load_settings().root).resolve()
    except SettingsError:  # a command that needs no settings: then there is no folder to keep clear of
        return
    target = path.resolve()
    if target == root or root in target.parents:
        raise UsageError(
            f"{path} lies in the data folder {root}, where only runs write: readers of the store would take it for one "
            "of its files. Name a place elsewhere."
        )
