"""Columns of equal names, formulas, and what would steer a terminal: how results of queries are written."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.wirecopy.builders import capture, commit
from wirecopy.cli.app import run_app
from wirecopy.cli.show.results import print_table, unique_names
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import Answer

TWICE = "SELECT 1 AS a, 2 AS a, 3 AS b"
EVERY_TYPE = """
    SELECT NULL AS nothing, 123456789012345678901234567890::HUGEINT AS huge, 1.5::DECIMAL(5,2) AS decimal,
        INTERVAL 90 SECOND AS length, INTERVAL '-2 months' AS months, 'infinity'::DATE AS never,
        '-infinity'::TIMESTAMPTZ AS always, '290000-01-01'::DATE AS far, {'a': [1]} AS struct, uuid() AS uuid,
        map {DATE '2026-01-01': ['nan'::DOUBLE, 1.5]} AS map, 'x'::BLOB AS blob, '101'::BIT AS bit,
        TIME '10:00' AS time, TIMESTAMP_NS '2026-01-01 00:00:00.123456789' AS nano, 'a'::ENUM('a', 'b') AS enum"""
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


@pytest.mark.parametrize("written", ["json", "jsonl"])
def test_json_has_every_column(asked, written):
    """A key of its own for each."""
    found = json.loads(asked("query", TWICE, "--format", written))
    assert (found[0] if written == "json" else found) == {"a": 1, "a_1": 2, "b": 3}


def test_a_table_has_every_column():
    """In the order asked for, also without a row."""
    out = io.StringIO()
    names, types = ("a", "a", "[/b]"), ("INTEGER",) * 3
    print_table(Answer(names, types, iter([(1, 2, 3)])), Console(file=out, width=80))
    assert [line.split() for line in out.getvalue().splitlines() if line.strip(" ─")] == [
        ["a", "a", "[/b]"],
        list("123"),
    ]
    print_table(Answer(names, types, iter(())), Console(file=out, width=80))


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
@pytest.mark.parametrize("written", ["table", "csv", "json", "jsonl"])
def test_nothing_steers_a_terminal(asked, layout, written):
    """A title with escape sequences and a turn of direction, on a real terminal, in every form."""
    parent, child = pty.openpty()
    command = [Path(sys.executable).parent / "wirecopy", "query", "SELECT title FROM articles", "--format", written]
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


def test_rows_of_many_batches(asked):
    """In their order."""
    rows = asked("query", "SELECT range AS n FROM range(25_000) ORDER BY n").split()
    assert rows == ["n", *map(str, range(25_000))]


def test_values_of_every_type(asked):
    """In every form, whatever DuckDB has: no value ends in an error, and JSON can be read."""
    for form in ("table", "block", "csv", "json", "jsonl"):
        assert asked("query", EVERY_TYPE, "--format", form)
    (found,) = json.loads(asked("query", EVERY_TYPE, "--json"))
    assert found["map"] == {"2026-01-01": [None, 1.5]}
    assert (found["huge"], found["length"], found["never"]) == (123456789012345678901234567890, "0:01:30", "9999-12-31")


@pytest.mark.slow
def test_ctrl_c_ends_a_long_query(asked):
    """At once, and not when DuckDB is done."""
    command = [
        Path(sys.executable).parent / "wirecopy",
        "query",
        "SELECT count(*) FROM range(100000000), range(100000)",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        time.sleep(3)
        running.send_signal(signal.SIGINT)
        assert running.wait(10) in (130, -signal.SIGINT)
