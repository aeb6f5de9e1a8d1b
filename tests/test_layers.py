"""Who may import whom, and what must stay light to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.heavy import heavy_after

ROOT = Path(__file__).resolve().parent.parent


def test_layers_hold():
    """The contracts of pyproject.toml."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "module",
    [
        "wirecopy.steps",
        "wirecopy.schedule",
        "wirecopy.cli.app",
        "wirecopy.local.runner",
        "ingest.records",
        "dedupe.records",
        "dedupe.params",
    ],
)
def test_light_imports(module):
    """DAG files and the command's help load no heavy library: those come with the step that needs them."""
    assert heavy_after(module) == []


def test_no_other_dedupe_is_installed():
    """PyPI's distribution `dedupe` would overwrite ours unnoticed."""
    from importlib.metadata import packages_distributions

    assert set(packages_distributions().get("dedupe", ["wirecopy"])) == {"wirecopy"}
