"""Two texts side by side, whether they match or not."""

from __future__ import annotations

import pytest

from dedupe.matching.compare import Examiner, compare, compare_closely
from dedupe.matching.matching import find_matches, read_library
from dedupe.params import DEFAULTS
from dedupe.records import MERGING, WHYS
from tests.dedupe.corpus.test_formulas import FRAME
from tests.dedupe.fixed_texts import collections


def test_scores_without_a_match(make, write) -> None:
    """Independent texts have scores too."""
    found = compare_closely(make("a", write(1)), make("b", write(2)))
    assert found.relation is None
    assert (found.score, found.passages) == (0.0, ())
    assert found.words_left == 180
    assert compare(make("a", write(1)), make("b", write(2))) is None


def test_identical(make, write) -> None:
    """Case and blanks are no difference; the whole text is the passage."""
    left, right = make("a", write(1)), make("b", write(1).upper() + " ")
    found = compare_closely(left, right)
    assert (found.relation, found.score, found.words_left) == ("identical", 1.0, 180)
    assert found.passages[0].right_end == len(right.text)


def test_without_words(make, write) -> None:
    """A text without words matches nothing, not even another one."""
    for left, right in (("", ""), ("…", write(1)), (write(1), "")):
        assert compare_closely(make("a", left), make("b", right)).relation is None


def test_far_dates_are_compared(make, write) -> None:
    """Who asks for two articles gets an answer, however far apart they are; the earlier one stands left."""
    found = compare_closely(make("a", write(1), day=300), make("b", write(1), day=0))
    assert (found.left_id, found.relation) == ("b", "identical")
    assert compare_closely(make("a", write(1), day=3), make("b", write(1))).relation == "identical"


def test_a_match_is_the_comparison(make, write, reword) -> None:
    """`compare` says what `compare_closely` says."""
    left, right = make("a", write(1, 20)), make("b", reword(write(1, 20), 6))
    match, found = compare(left, right), compare_closely(left, right)
    assert match is not None
    assert (match.score, match.relation, match.passages) == (found.score, found.relation, found.passages)
    assert 0.2 < match.score < 1


def test_in_its_context_a_pair_is_what_dedupe_says():
    """An examiner reads only texts that share something with the pair, and finds what the matches of the day say."""
    articles = collections()["templates"]
    library = read_library(articles, DEFAULTS)
    checked = 0
    for match in find_matches(articles):
        days = [one.date for one in articles if one.id in (match.left_id, match.right_id)]
        found = Examiner(library, max(days), {match.left_id, match.right_id}).examine(match.left_id, match.right_id)
        assert {name: getattr(found, name) for name in match.__dataclass_fields__} == asdict_shallow(match)
        checked += 1
    assert checked >= 3


def test_what_is_taken_out_of_a_series(make):
    """The frame of the third day's report is a formula, its slots and a quotation are none, and all offsets fit."""
    slots = [("clear", "Orrin", "icy"), ("grey", "Birk", "foggy"), ("bright", "Tarnby", "wet")]
    said = "“The roads will be salted from midnight on,” {} added."
    texts = [f"{FRAME.format(*own)} {said.format(own[1])}" for own in slots]
    articles = [make(str(day), text, day=day, publisher="gazette") for day, text in enumerate(texts)]
    found = Examiner(read_library(articles, DEFAULTS), articles[2].date, {"1", "2"}).examine("1", "2")
    out = dict.fromkeys(WHYS, "")
    for one in found.removed_right:
        out[one.why] += texts[2][one.start : one.end] + " "
    assert "asks drivers to look out for" in out["formula"]
    assert "salted from midnight" in out["quotation"]
    assert not any(slot in " ".join(out.values()) for slot in slots[2][:1])


@pytest.mark.parametrize(
    "numbers", ["2 157 726|14 500 000", "2'157'726|14’500’000", "2157726|14500000", "2.157.726|14.500.000"]
)
def test_digits_grouped_otherwise_are_the_same_numbers(make, write, numbers):
    """A print with other blanks in its numbers is no instance of a template, and neither is one with other phone
    numbers and photo counters around it.
    """
    first, second = numbers.split("|")
    told = (
        "The ferries carried {} people last year, and the board hopes for {} crowns from the fund of the coast.\n"
        + write(1, 6)
    )
    left = make("a", f"Photo 3/14\n{told.format('2,157,726', '14,500,000')}\nCall 040 555 1234, 8 to 17.")
    right = make("b", f"{told.format(first, second)} Tip line 0800 77 33 22, text 22333.")
    found = compare_closely(left, right)
    assert found.relation in MERGING
    assert found.numbers_shared == 1.0


ROUNDED = {
    "million": ("157,726,135|24,318,902,450", "157.7 million|24 billion", "98.2 million|11 billion"),
    "Mio.": ("157.726.135|24.318.902.450", "157 Mio.|24,3 Mrd.", "98 Mio.|11,4 Mrd."),
    "млн": ("157 726 135|24 318 902 450", "158 млн|24,3 миллиарда", "98 млн|11,4 миллиарда"),
    "مليون": ("157,726,135|24,318,902,450", "157 مليون|24 مليارا", "98 مليون|11 مليارا"),
    "milyon": ("157.726.135|24.318.902.450", "157 milyon|24 milyar", "98 milyon|11 milyar"),
    "thousand": ("157,726|24,318", "158 thousand|24.3 thousand", "98 thousand|11.4 thousand"),
}


@pytest.mark.parametrize("word", ROUNDED)
def test_a_rounded_number_is_the_full_one(make, write, word):
    """A print that rounds every number is a copy; one whose rounded numbers are others is the print of another year."""
    told = (
        "Ferries from all ports carried {} people in a year, and the board hopes for {} crowns from the state fund.\n"
    )
    full, same, other = (told.format(*numbers.split("|")) + write(1, 6) for numbers in ROUNDED[word])
    assert compare_closely(make("a", full), make("b", same)).relation in MERGING
    assert compare_closely(make("a", same), make("b", full)).numbers_shared == 1.0
    assert compare_closely(make("a", full), make("b", other)).reason == "numbers_differ"


def asdict_shallow(match):
    return {name: getattr(match, name) for name in match.__dataclass_fields__}
