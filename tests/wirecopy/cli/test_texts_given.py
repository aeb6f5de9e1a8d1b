"""Texts that people hand over: files in any state, stdin open and closed, and locales that are poor."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wirecopy.builders import commit, story
from tests.wirecopy.store.copies.test_derived import STORY
from wirecopy.cli.app import WRONG_USE
from wirecopy.store.files.layout import Layout

TEXT = STORY.replace("\n", " ")


@pytest.fixture
def desk(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of one article, which stands in a file too."""
    commit(layout, story("wall", 22, STORY) | {"title": "Straßenbahn für Österreich"})
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_NOW", "2026-11-30T00:00:00+00:00")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ok.txt").write_text(TEXT)
    return tmp_path


@pytest.mark.parametrize("command", ["trace given", "compare given ok.txt", "compare ok.txt given"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(f"Über {TEXT}".encode("latin-1", errors="replace"), "iconv -f WINDOWS-1252", id="latin"),
        pytest.param(TEXT.encode("utf-16"), "iconv -f UTF-16", id="utf-16"),
        pytest.param(b"%PDF-1.7 and more", "pdftotext given", id="pdf"),
        pytest.param(b"PK\x03\x04\x14\0\6\0 word/document.xml", "pandoc --to plain", id="word"),
        pytest.param(bytes(range(256)), "no text: it has bytes of zero", id="binary"),
    ],
)
def test_what_is_no_text(desk, call, command, content, words):
    """The message names the command that makes one of it."""
    (desk / "given").write_bytes(content)
    found = call(*command.split())
    assert found.code == WRONG_USE
    assert words in found.err


def test_a_mark_of_the_byte_order_is_no_text(desk, call):
    """As editors on Windows write it."""
    (desk / "given").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert "identical" in call("compare", "given", "ok.txt").out
    assert call("trace", "given", "--json").out.count('"relation": "identical"') == 1


def test_stdin(desk, call, monkeypatch):
    """- is stdin, wherever it stands; closed, it is told."""
    for arguments in (("-", "--json"), ("--json", "-")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
        assert '"relation": "identical"' in call("trace", *arguments).out
    monkeypatch.setattr("sys.stdin", None)
    assert "stdin is closed" in call("trace", "-").err


@pytest.mark.parametrize(
    "arguments", [("--fom", "2026-11-27", "ok.txt"), ("ok.txt", "--fom", "2026-11-27"), ("--fom",)]
)
def test_a_misspelt_option_is_no_text(desk, call, arguments):
    """Wherever it stands."""
    assert call("trace", *arguments).code == WRONG_USE


@pytest.mark.slow
def test_a_locale_without_letters(desk):
    """A title that cannot be written in it is no traceback."""
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [Path(sys.executable).parent / "wirecopy", "query", "SELECT title FROM articles"]
    done = subprocess.run(command, env=os.environ | poor, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["title", r"Stra\xdfenbahn f\xfcr \xd6sterreich"]
