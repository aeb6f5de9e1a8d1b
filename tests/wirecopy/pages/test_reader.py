"""A page's reader: only what was opened, only so long, and also while files are replaced."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.wirecopy.builders import at, capture, commit
from wirecopy.errors import StoreError
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition, replace_partition
from wirecopy.store.query.reader import Reader, TooLong

DAY = at(0).date()
SLOW = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range + b.range) = 7"


def test_dates_that_were_not_opened_are_not_there(filled_root: Path) -> None:
    """Whatever a query asks for."""
    with Reader(Layout(filled_root)) as reader:
        reader.open("articles", DAY - timedelta(days=7), DAY)
        assert {row["date"] for row in reader.rows("SELECT DISTINCT date FROM articles")} == {DAY, date(2026, 11, 15)}
        assert reader.open("articles", DAY, DAY).rows("SELECT min(date) AS day FROM articles") == [{"day": DAY}]
        assert reader.open("articles", date(2020, 1, 1), date(2020, 1, 2)).rows("SELECT * FROM articles") == []
        with pytest.raises(Exception, match="clusters"):
            reader.rows("SELECT * FROM clusters")
        with pytest.raises(Exception, match="Permission"):
            reader.rows("SELECT * FROM read_text('/etc/passwd')")


@pytest.mark.parametrize("content", [b"", b"rubbish" * 1000], ids=["empty", "rubbish"])
def test_a_damaged_file_gets_a_sentence(tmp_path: Path, content: bytes) -> None:
    """Not an error of the program, and however often it is looked for again."""
    layout = Layout(tmp_path).make()
    commit(layout, capture("a", "a", at(1)))
    layout.partition("articles", DAY).write_bytes(content)
    with Reader(layout) as reader:
        for _ in range(2):
            with pytest.raises(StoreError, match="`wirecopy store check` looks for damaged"):
                reader.open("articles", DAY, DAY)


def test_what_takes_too_long_or_too_much_is_broken_off(filled_root: Path) -> None:
    """The sentence says what to do; a query that follows is not begun."""
    with Reader(Layout(filled_root), seconds=0.3) as reader:
        with pytest.raises(TooLong, match="Ask for fewer days"):
            reader.rows(SLOW)
        with pytest.raises(TooLong):
            reader.rows("SELECT 1")
    with Reader(Layout(filled_root), memory=20_000_000) as reader, pytest.raises(StoreError, match="more memory"):
        reader.rows("SELECT list(range) FROM range(100000000)")


@pytest.mark.slow
def test_pages_while_files_are_replaced(tmp_path: Path) -> None:
    """No answer is torn or fails, however often the file changes."""
    layout = Layout(tmp_path).make()
    commit(layout, *(capture(f"a{number}", str(number)) for number in range(50)))
    rows, stop = read_partition(layout, "articles", DAY), threading.Event()

    def replace() -> None:
        while not stop.is_set():
            replace_partition(layout, "articles", DAY, rows)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        for _ in range(20):
            with Reader(layout) as reader:
                found = reader.open("articles", DAY, DAY).rows(
                    "SELECT count(*) AS n, count(DISTINCT text) AS t FROM articles"
                )
            assert found == [{"n": 50, "t": 50}]
    finally:
        stop.set()
        writer.join()
