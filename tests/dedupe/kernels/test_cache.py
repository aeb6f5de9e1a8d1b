"""Compiled code is kept somewhere, or the user is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dedupe

SAY = "import logging; logging.basicConfig(); import dedupe.kernels.said; import numba; print(numba.config.CACHE_DIR)"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package somewhere else, so that a test may take its rights away; in a file system without caches."""
    folder = tmp_path / "site"
    shutil.copytree(Path(dedupe.__file__).parent, folder / "dedupe", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def loaded(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "XDG", "TMPDIR"))}
    return subprocess.run(
        [sys.executable, "-c", SAY], capture_output=True, text=True, check=True,
        cwd=folder,
        env=kept | {"PYTHONPATH": str(folder)} | environment,
    )  # fmt: skip


def unwritable(folder: Path) -> None:
    """A file in the place of the cache folder: what holds for root too."""
    (folder / "dedupe" / "kernels" / "__pycache__").write_text("")


def test_beside_the_source(copy: Path, tmp_path: Path) -> None:
    """Where the package can be written to nobody has to choose."""
    said = loaded(copy, HOME=str(tmp_path))
    assert said.stdout.strip() == ""
    assert list((copy / "dedupe" / "kernels" / "__pycache__").glob("*.nbc"))


def test_nowhere_else(copy: Path, tmp_path: Path) -> None:
    """Neither beside the source nor in the home folder: in the temporary folder, with a word about it."""
    unwritable(copy)
    home = tmp_path / "home"
    home.write_text("")
    said = loaded(copy, HOME=str(home), TMPDIR=str(tmp_path))
    assert said.stdout.startswith(str(tmp_path / "wirecopy-kernels-"))
    assert "Set NUMBA_CACHE_DIR" in said.stderr
    assert list(tmp_path.glob("wirecopy-kernels-*/**/*.nbc"))


def test_where_the_user_says(copy: Path, tmp_path: Path) -> None:
    """NUMBA_CACHE_DIR is kept."""
    said = loaded(copy, NUMBA_CACHE_DIR=str(tmp_path / "own"))
    assert said.stdout.strip() == str(tmp_path / "own")
    assert "Set NUMBA_CACHE_DIR" not in said.stderr
