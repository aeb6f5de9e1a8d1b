"""docs/cookbook.ipynb runs from its first cell to its last, over the store of the demo newsroom."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[3] / "docs" / "cookbook.ipynb"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]


def test_every_cell_runs(there, tmp_path, monkeypatch):
    """And leaves nothing behind. The pictures that are kept in the file are those of a `make demo`."""
    monkeypatch.setenv("WIRECOPY_DATA", str(there.folder / "data"))
    notebook = nbformat.read(NOTEBOOK, 4)
    headings = [cell.source.split(".")[0] for cell in notebook.cells if cell.source.startswith("## ")]
    assert headings == [f"## {number}" for number in range(1, 13)]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 4
    assert list(tmp_path.iterdir()) == []


def test_the_kept_outputs_are_small_and_name_no_machine():
    """People read the notebook on the web: pictures with it, addresses and paths of a machine without."""
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text) < 250_000
    assert [word for word in ("127.0.0.", "/home/", "/work/", "/tmp/", "Traceback") if word in text] == []
