"""A data folder for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wirecopy.lived import live_once
from wirecopy.store.files.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty data folder."""
    return Layout(tmp_path / "data").make()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one live run in it; tests work on copies."""
    folder: Path = tmp_path_factory.mktemp("made")
    live_once(folder)
    return folder
