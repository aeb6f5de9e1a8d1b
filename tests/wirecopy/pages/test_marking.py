"""marking: a text in pieces, shared and not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.records import Passage
from wirecopy.pages.marking import LONGEST, paragraphs, reading_order


def passage(left: tuple[int, int], right: tuple[int, int] = (0, 0), *, quotation: bool = False) -> Passage:
    """A passage of whatever words."""
    return Passage(
        left_start=left[0], left_end=left[1], right_start=right[0], right_end=right[1], words=4, quotation=quotation
    )


def drawn(text, passages, side="left"):
    """Paragraphs as strings, [n: shared] and “n: quoted”."""
    marks = {True: "“%d:%s”", False: "[%d:%s]"}
    return [
        "".join(marks[one.quotation] % (one.number, one.text) if one.number else one.text for one in line)
        for line in paragraphs(text, passages, side)
    ]


@pytest.mark.parametrize(
    ("text", "passages", "expected"),
    [
        pytest.param("one two", [], ["one two"], id="nothing-shared"),
        pytest.param("", [], [], id="empty"),
        pytest.param("one two three", [passage((4, 7))], ["one [1:two] three"], id="inside"),
        pytest.param("one two", [passage((0, 7))], ["[1:one two]"], id="whole"),
        pytest.param("one\n\ntwo", [passage((0, 8))], ["[1:one]", "[1:two]"], id="across-paragraphs"),
        pytest.param("one two", [passage((0, 3), quotation=True)], ["“1:one” two"], id="quotation"),
        pytest.param("one two", [passage((4, 7)), passage((0, 3))], ["[2:one] [1:two]"], id="numbered-as-handed-over"),
        pytest.param("abcdef", [passage((0, 4)), passage((2, 6))], ["[1:abcd][2:ef]"], id="overlap-yields"),
        pytest.param("abc", [passage((1, 99))], ["a[1:bc]"], id="beyond-the-end"),
    ],
)
def test_paragraphs(text, passages, expected):
    """Shared stretches are marked where they stand, paragraph by paragraph."""
    assert drawn(text, passages) == expected


def test_sides_and_reading_order():
    """The right text takes the right offsets, and passage 1 is the first of the left text."""
    ordered = reading_order([passage((4, 7), (0, 3)), passage((0, 3), (4, 7))])
    assert drawn("one two", ordered, "left") == ["[1:one] [2:two]"]
    assert drawn("two one", ordered, "right") == ["[2:two] [1:one]"]


def test_only_the_first_piece_of_a_passage_is_its_anchor():
    """A passage over three paragraphs has one anchor, at its first words."""
    pieces = [one for line in paragraphs("\none\ntwo\nthree", [passage((0, 14))], "left") for one in line]
    assert [(one.text, one.first) for one in pieces] == [("one", True), ("two", False), ("three", False)]


def test_the_middle_of_a_huge_piece_is_left_out():
    """A megabyte is no page: both ends are shown, and how much is missing."""
    text = "a" * 1_000_000 + "b"
    (line,) = paragraphs(text, [], "left")
    assert sum(len(one.text) + one.left_out for one in line) == len(text)
    assert sum(len(one.text) for one in line) == LONGEST
    assert line[-1].text.endswith("b")


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=6))
def test_nothing_is_lost_or_doubled(text, spans):
    """Whatever the passages, the pieces say the text, but for its empty lines."""
    shown = paragraphs(text, [passage(span) for span in spans], "left")
    lines = [line for line in text.split("\n") if line.strip()]
    assert ["".join(one.text for one in line) for line in shown] == lines
