"""What every process imports of the ingest room costs next to nothing."""

from __future__ import annotations

import pytest

from tests.heavy import heavy_after


@pytest.mark.parametrize("module", ["records", "errors", "options", "feedlist.feedlist", "work", "pull"])
def test_no_heavy_import(module: str) -> None:
    """aiohttp alone is .3 s of CPU; the plan and the DAG processor need none of it."""
    assert heavy_after(f"ingest.{module}") == []
