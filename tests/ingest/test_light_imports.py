"""What every process imports of the ingest room costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("aiohttp", "courlan", "protego", "feedparser", "trafilatura", "lxml", "yarl", "tld")


@pytest.mark.parametrize("module", ["records", "errors", "options", "feedlist.feedlist", "work", "pull"])
def test_no_heavy_import(module: str) -> None:
    """aiohttp alone is .3 s of CPU; the plan and the DAG processor need none of it."""
    code = f"import ingest.{module}, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
