"""A data folder for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirecopy.store.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty data folder."""
    return Layout(tmp_path / "data").make()
