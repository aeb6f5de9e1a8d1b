"""Columns of equal names, formulas, and what would steer a terminal: how results of queries are written."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.wirecopy.builders import capture, commit
from wirecopy.cli.app import run_app
from wirecopy.cli.show.results import print_table, rows_of, unique_names
from wirecopy.store.files.layout import Layout

TWICE = "SELECT 1 AS a, 2 AS a, 3 AS b"
JOINED = "SELECT o.publisher, a.publisher, count(*) FROM articles o JOIN articles a USING (article_id) GROUP BY ALL"


@pytest.fixture
def asked(layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """`wirecopy …` on a store of one article; what it writes."""
    commit(layout, capture("wall", publisher="=SUM(A1)", title="\x1b[2J\u202e[/red]"))
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))

    def ask(*arguments: str) -> str:
        assert run_app(arguments) == 0
        return capsys.readouterr().out

    return ask


def test_csv_has_every_column(asked):
    """Two columns of one name are two columns."""
    assert list(csv.reader(io.StringIO(asked("query", TWICE)))) == [["a", "a", "b"], ["1", "2", "3"]]
    (_, row) = csv.reader(io.StringIO(asked("query", JOINED)))
    assert row == ["=SUM(A1)", "=SUM(A1)", "1"]


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_has_every_column(asked, form):
    """A key of its own for each."""
    found = json.loads(asked("query", TWICE, "--format", form))
    assert (found[0] if form == "json" else found) == {"a": 1, "a_1": 2, "b": 3}


def test_a_table_has_every_column():
    """In the order asked for, also without a row."""
    out = io.StringIO()
    table = pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "a", "[/b]"])
    print_table(table, Console(file=out, width=80))
    assert [line.split() for line in out.getvalue().splitlines() if line.strip(" ─")] == [
        ["a", "a", "[/b]"],
        list("123"),
    ]
    print_table(table.slice(0, 0), Console(file=out, width=80))


def test_the_shell_has_every_column(asked, monkeypatch):
    """As `query`."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{TWICE};"))
    assert asked("shell").split() == ["a,a,b", "1,2,3"]


def test_no_number_that_json_has_not(asked):
    """NaN and infinity are null."""
    assert json.loads(asked("query", "SELECT 'nan'::DOUBLE AS x, 'inf'::DOUBLE AS y", "--json")) == [
        {"x": None, "y": None}
    ]


def test_a_spreadsheet_computes_nothing(asked):
    """With the option a text that would be a formula is quoted; numbers stay numbers."""
    sql = "SELECT publisher, '+1' AS p, '-x' AS m, '@a' AS at, -1 AS n FROM articles"
    (_, row) = csv.reader(io.StringIO(asked("query", sql, "--spreadsheet")))
    assert row == ["'=SUM(A1)", "'+1", "'-x", "'@a", "-1"]
    (_, row) = csv.reader(io.StringIO(asked("query", sql)))
    assert row == ["=SUM(A1)", "+1", "-x", "@a", "-1"]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
def test_nothing_steers_a_terminal(asked, layout, form):
    """A title with escape sequences and a turn of direction, on a real terminal, in every form."""
    parent, child = pty.openpty()
    command = [Path(sys.executable).parent / "wirecopy", "query", "SELECT title FROM articles", "--format", form]
    done = subprocess.run(command, stdout=child, env=os.environ | {"WIRECOPY_DATA": str(layout.root), "TERM": "dumb"})
    os.close(child)
    shown = os.read(parent, 100_000).decode()
    assert done.returncode == 0
    assert "[/red]" in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


@given(st.lists(st.text("ab_1", max_size=4), max_size=6))
def test_names_of_keys_are_unique(names):
    """Whatever the columns are called; names that stand alone stay."""
    found = unique_names(names)
    assert len(set(found)) == len(names)
    assert all(new == old for new, old in zip(found, names, strict=True) if names.count(old) == 1)


def test_rows_of_many_batches():
    """In their order."""
    table = pa.concat_tables([pa.table([[1], [2]], names=["a", "a"]), pa.table([[3], [4]], names=["a", "a"])])
    assert list(rows_of(table)) == [(1, 2), (3, 4)]
