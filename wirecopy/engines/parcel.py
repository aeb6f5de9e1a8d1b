"""The code of this installation as an archive, for machines that have only its dependencies, or another version."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from dedupe.backends import kept_kernels

PACKAGES: Final = ("dedupe", "ingest", "wirecopy")


def write_parcel(path: Path) -> None:
    """Write the archive: the packages, and the compiled code that this machine keeps of dedupe. Processors of the same
    kind take that as theirs; others compile, for about half a minute.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source, name in _sources():
            archive.write(source, name)
        kept = kept_kernels()
        if kept is not None:
            folder, place = kept
            for source in sorted(folder.iterdir()):
                archive.write(source, f"{place}/{source.name}")


def _sources() -> Iterator[tuple[Path, str]]:
    """Each file of the packages, and its name in the archive."""
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None, package
        folder = Path((spec.submodule_search_locations or [])[0])
        for source in sorted(folder.rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                yield source, str(source.relative_to(folder.parent))
