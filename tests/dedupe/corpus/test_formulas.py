"""Kind 1, series: what one publisher prints on several dates is a formula, and instalments are no copies."""

from __future__ import annotations

import numpy as np
import pytest

from bench.quality.series import series
from dedupe.backends import read_texts
from dedupe.corpus.formulas import Prints, find_formulas
from dedupe.matching.matching import find_matches
from dedupe.params import DEFAULTS
from dedupe.records import MERGING

FRAME = "The service expects {} skies over the whole of {} today and asks drivers to look out for {} patches on roads."
SLOTS = (("clear", "Orrin", "icy"), ("grey", "Birk", "foggy"), ("bright", "Tarnby", "wet"))


def found(texts: list[str], publishers: list[int], days: list[int]) -> list[list[str]]:
    """The words of the stretches that are formulas, text by text."""
    table = read_texts(texts, DEFAULTS)
    prints = Prints(np.arange(len(texts)), np.array(publishers, np.int64), np.array(days, np.int64))
    stretches = find_formulas(table, prints, DEFAULTS)
    words = [text.replace(".", "").split() for text in texts]
    marked: list[list[str]] = [[] for _ in texts]
    for text, begin, size in zip(stretches.texts, stretches.begins, stretches.sizes, strict=True):
        marked[text] += words[text][begin : begin + size]
    return marked


def test_the_frame_is_a_formula_and_the_slots_are_none() -> None:
    """Three dates of one publisher; another paper's print of one instalment is marked as well."""
    slots = [
        ("clear", "Orrin", "icy"),
        ("grey", "Birk", "foggy"),
        ("bright", "Tarnby", "wet"),
        ("bright", "Tarnby", "wet"),
    ]
    texts = [FRAME.format(*own) for own in slots]
    for marked, own in zip(found(texts, [1, 1, 1, 2], [0, 1, 2, 2]), slots, strict=True):
        assert not set(own) & set(marked)
        assert {"asks", "drivers", "whole"} <= set(marked)


@pytest.mark.parametrize(
    ("publishers", "days"), [([1, 1, 1], [0, 1, 1]), ([1, 2, 3], [0, 1, 2])], ids=["two-dates", "three-publishers"]
)
def test_what_is_no_formula(publishers: list[int], days: list[int]) -> None:
    """A running story of two days, and one report that three papers print on three days."""
    texts = [
        FRAME.format(*own) for own in (("clear", "Orrin", "icy"), ("grey", "Birk", "foggy"), ("dim", "Tarn", "wet"))
    ]
    assert found(texts, publishers, days) == [[], [], []]


def test_what_a_running_story_carries_on_is_no_formula(write) -> None:
    """A paragraph without slots on three dates, and a phrase that is little of its reports."""
    background = write(1, 5).replace("\n", " ")
    carried = [f"{write(day, 5)} {background}" for day in (11, 12, 13)]
    assert len(background.split()) > DEFAULTS.formula_longest
    assert found(carried, [1, 1, 1], [0, 1, 2]) == [[], [], []]
    phrases = [f"{write(day, 6)} So says the prime minister of the island. {write(day + 9, 6)}" for day in (21, 22, 23)]
    assert found(phrases, [1, 1, 1], [0, 1, 2]) == [[], [], []]


def test_instalments_stay_apart_and_their_reprints_match() -> None:
    """Fifteen series in seven languages, each printed for a week and reprinted by three papers the same day.

    Before the third date the store has not seen a frame three times.
    """
    articles, pairs = series()
    matches = find_matches(articles)
    merged = {frozenset((match.left_id, match.right_id)) for match in matches if match.relation in MERGING}
    copies, others = ({frozenset(pair[:2]) for pair in pairs if pair[2] == label} for label in ("copy", "independent"))
    assert len(merged & copies) >= 0.98 * len(copies)
    assert len(merged & others) <= 0.01 * len(others)
