"""A page of HTML as a file that a user named."""

from __future__ import annotations

from pathlib import Path

from wirecopy.cli.show.targets import refuse_data_folder
from wirecopy.errors import UsageError


def write_page(path: Path, html: str) -> None:
    """Raises UsageError if *path* cannot be written, or lies in the data folder."""
    refuse_data_folder(path)
    try:
        path.write_text(html, encoding="utf-8", errors="replace")  # a lone surrogate in a text is no reason to fail
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}). Name a file in a folder that exists."
        ) from error
