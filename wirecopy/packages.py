"""Checks that the packages that wirecopy declares are installed, in the declared versions."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from packaging.markers import Marker

LOCAL: Final = "local"
"""The extra of pyproject.toml that `wirecopy airflow` needs and a production installation does not."""


def unmet(extra: str = "") -> list[str]:
    """Packages that are missing or have a wrong version, one sentence each: of wirecopy itself, or of one of its
    extras.
    """
    from packaging.requirements import Requirement

    wrong = []
    for line in importlib.metadata.requires("wirecopy") or ():
        needed = Requirement(line)
        if not _applies(needed.marker, extra):
            continue
        try:
            found = importlib.metadata.version(needed.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{needed.name} is missing")
            continue
        if not needed.specifier.contains(found, prereleases=True):
            wrong.append(f"{needed.name} is {found}, needed is {needed.specifier}")
    return wrong


def _applies(marker: Marker | None, extra: str) -> bool:
    """Whether a requirement is one of *extra* (one of wirecopy itself if that is empty), on this Python."""
    if marker is None:
        return not extra
    return marker.evaluate({"extra": extra}) and not (extra and marker.evaluate({"extra": ""}))
