"""Tables fit the terminal: values are cut, then columns in the middle are left out, then rows become blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wirecopy.cli.show.fitting import ELIDED, blocks, fit

NAMES = ["publisher", "title", "words", "day", "text"]
KINDS = ["text", "text", "number", "firm", "text"]
ROWS = [["Harbor Gazette", "The sea wall rises " * 4, "312", "2026-11-22", "word " * 60] for _ in range(3)]


def test_what_fits_is_whole():
    """No value is cut if there is room."""
    fitted = fit(["a", "b"], [["one", "10"], ["three", "2"]], ["text", "number"], 80)
    assert fitted.lines == ("a       b", "one    10", "three   2")


def test_long_values_are_cut_before_a_column_is_left_out():
    """Texts give way, numbers and days do not."""
    fitted = fit(NAMES, ROWS, KINDS, 80)
    assert fitted.left_out == ()
    assert all(part in fitted.lines[1] for part in ("312", "2026-11-22", ELIDED))


def test_columns_are_left_out_in_the_middle():
    """The first and the last stay, and the others are named."""
    names = [f"column_{number}" for number in range(20)]
    fitted = fit(names, [["some longer value"] * 20], ["text"] * 20, 80)
    assert fitted.lines[0].startswith("column_0")
    assert fitted.lines[0].endswith("column_19")
    assert f"  {ELIDED}  " in fitted.lines[0]
    assert [name for name in names if name in fitted.left_out] == list(fitted.left_out)
    assert len(fitted.left_out) == 20 - (len(fitted.lines[0].split()) - 1)


def test_where_nothing_fits_rows_are_blocks():
    """A line for each value; a long one goes over some lines."""
    fitted = fit(NAMES, ROWS, KINDS, 20)
    assert not fitted.is_table
    assert sum("── row" in line for line in fitted.lines) == 3
    assert any(line.strip().startswith("day") and "2026" in line for line in fitted.lines)


@given(
    st.lists(st.lists(st.text("ab 漢é…", max_size=90), min_size=4, max_size=4), max_size=4),
    st.lists(st.sampled_from(["text", "number"]), min_size=4, max_size=4),
    st.integers(30, 200),
)
def test_nothing_is_wider_than_the_terminal(rows, kinds, width):
    """Whatever stands in the cells, wide characters too."""
    fitted = fit(["id", "publisher", "first seen", "n"], rows, kinds, width)
    assert max(map(cell_len, fitted.lines), default=0) <= width
    assert max(map(cell_len, blocks(["id", "publisher"], [row[:2] for row in rows], width)), default=0) <= width
