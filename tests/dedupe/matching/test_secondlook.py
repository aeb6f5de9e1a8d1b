"""Later dates withdraw matches that were decided without them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dedupe.matching.matching import find_matches
from tests.dedupe.conftest import FIRST_DAY

SPEECH = " ".join(f"speech{n}" for n in range(120)) + "."


def said(articles, day: int | None = None) -> set[tuple[str, str, str]]:
    """What one day says, or the matches that stand in the end."""
    when = None if day is None else FIRST_DAY + timedelta(days=day)
    return {(match.left_id, match.right_id, match.relation) for match in find_matches(articles, date=when)}


def why(articles, day: int) -> set[tuple[str, str, str]]:
    """What one day withdraws, with the reason."""
    found = find_matches(articles, date=FIRST_DAY + timedelta(days=day))
    return {(match.left_id, match.right_id, match.reason) for match in found if match.relation == "withdrawn"}


@pytest.fixture
def reports(make, write):
    """Two independent reports with one long speech that neither shows as a quotation."""
    return [make("a", write(1, 6) + f"\n{SPEECH}", day=0), make("b", write(2, 6) + f"\n{SPEECH}", day=1)]


@pytest.fixture
def quoting(make, write):
    """A later report that shows the speech to be a quotation."""
    return make("c", write(3, 6) + f"\nShe said: “{SPEECH}”", day=3)


def test_a_later_report_withdraws_a_match(reports, quoting) -> None:
    """Found on the day of its later end, withdrawn on that of the third report, and not among what stands."""
    everything = [*reports, quoting]
    assert said(everything, 1) == {("a", "b", "overlap")}
    assert said(everything, 3) == {("a", "b", "withdrawn")}
    assert said(everything) == set()


def test_what_is_withdrawn(make, write, reports, quoting) -> None:
    """The scores of a withdrawn pair are those of now; that it is withdrawn once more changes nothing."""
    repeated = make("d", write(6, 6) + f"\n“{SPEECH}” he added.", day=5)
    assert said([*reports, quoting, repeated], 5) == set()
    assert said([*reports, quoting, repeated]) == set()
    (withdrawn,) = find_matches([*reports, quoting], date=quoting.date)
    assert withdrawn.score < 0.06
    assert withdrawn.probability < 0.5
    assert withdrawn.passages
    assert all(passage.quotation for passage in withdrawn.passages)


def test_why_it_is_withdrawn(make, write, reports, quoting) -> None:
    """A quotation, common language and a formula each have their word."""
    words = SPEECH.split()
    common = [
        make(f"c{first}", write(10 + first, 60) + f"\nThen {' '.join(words[first : first + 24])}.", day=3)
        for first in range(0, 120, 20)
    ]

    def fill(number: int) -> str:
        return " ".join(f"name{number}of{at}" if at % 12 == 11 else word for at, word in enumerate(words))

    frame = [
        make(name, write(number, 6) + f"\n{fill(number)}", day=day, publisher="p")
        for name, number, day in (("a", 1, 0), ("x", 4, 1), ("y", 5, 2))
    ]
    other = make("b", write(2, 6) + f"\n{fill(2)}", day=1, publisher="q")
    assert why([*reports, quoting], 3) == {("a", "b", "quotation_removed")}
    assert why([*reports, *common], 3) == {("a", "b", "common_language")}
    assert ("a", "b", "formula_removed") in why([*frame, other], 2)


def test_texts_that_share_nothing_change_nothing(make, write, reports) -> None:
    """Only pairs near a text of the date are looked at again."""
    assert said([*reports, make("c", write(7), day=3)], 3) == set()


def test_the_window(make, write, reports) -> None:
    """A report eight days after one of a pair changes nothing."""
    late = make("c", write(3, 6) + f"\nShe said: “{SPEECH}”", day=8)
    assert said([*reports, late], 8) == set()
    assert said([*reports, late]) == {("a", "b", "overlap")}


def test_verbatim_copies_stay(make, write, quoting) -> None:
    """The same text is the same text, whatever is quoted in it."""
    speech = [make("a", SPEECH, day=0), make("b", SPEECH, day=1)]
    assert said([*speech, quoting]) == {("a", "b", "identical")}
