"""merge: current text and revisions are a function of the set of captures, whatever their order and grouping."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wirecopy.builders import at, capture, name
from wirecopy.store.articles.merge import Merged, Row, choose_first, day_of, merge_article
from wirecopy.store.files.columns import CONTENT_COLUMNS

COLUMNS = CONTENT_COLUMNS["articles"]
A1, B2, A3 = capture(text="A", seen=at(10)), capture(text="B", seen=at(11)), capture(text="A", seen=at(12))


def merged(*groups: list[Row]) -> Merged:
    """The result of merging one group after another."""
    result: Merged | None = None
    for group in groups:
        result = merge_article([*result.revisions, result.current] if result else [], group)
    assert result
    return result


def said(result: Merged) -> list[dict[str, Any]]:
    """What may not depend on the order: content columns of all rows, revisions first."""
    return [{column: row[column] for column in COLUMNS} for row in (*result.revisions, result.current)]


@pytest.mark.parametrize(
    "order", list(permutations((A1, B2, A3))), ids=lambda rows: "-".join(f"{r['fetched_at']:%H}" for r in rows)
)
def test_a_b_a_in_any_order(order):
    """A text that comes back is the current one, with the span of its captures; what stood between is a revision."""
    result = merged(*([row] for row in order))
    assert [
        (r["content_hash"], r["fetched_at"], r["last_fetched_at"]) for r in (*result.revisions, result.current)
    ] == [
        (B2["content_hash"], at(11), at(11)),
        (A1["content_hash"], at(10), at(12)),
    ]
    assert [row["revision"] for row in (*result.revisions, result.current)] == [0, 1]
    assert said(result) == said(merged([A1, B2, A3]))


DRAWN = st.builds(
    lambda text, hour, minute, title, version: capture(
        text=text, seen=at(hour), title=title, published_at=at(minute / 60), published_raw=f"at {minute}",
        extractor_version=version, fetch_id=name(f"{text} {hour} {title} {minute}"),
    ),
    st.sampled_from("ABC"), st.integers(8, 13), st.integers(0, 3), st.sampled_from(["Wall", "Sea wall", None]),
    st.just("2.3.1+wirecopy1"),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(DRAWN, min_size=1, max_size=7), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_and_grouping(captures, random, size):
    """Captures that agree on the day give the same rows, in any order, in any groups, and with repeats."""
    expected = said(merged(captures))
    shuffled = captures + random.choices(captures, k=2)
    random.shuffle(shuffled)
    groups = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
    assert said(merged(*groups)) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(DRAWN, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_undated_captures_of_one_day_in_any_order(captures, random):
    """Captures without a date that were made on one day agree as well."""
    plain = [{**row, "published_at": None, "published_source": None} for row in captures]
    shuffled = random.sample(plain, len(plain))
    assert said(merged(*([row] for row in shuffled))) == said(merged(plain))


def test_repeats_change_nothing():
    """A capture that comes again (a part published twice, raw after live) leaves every row as it is."""
    once = merged([A1, B2])
    assert merge_article([*once.revisions, once.current], [B2, A1, A1]) == once


def test_earliest_capture_gives_the_hour():
    """Another hour of the same day is a correction or a slip: the earliest capture's stands, on all rows."""
    late = capture(text="B", seen=at(12), published_at=at(11), published_raw="11:00")
    for groups in ([[A1], [late]], [[late], [A1]], [[late, A1]]):
        result = merged(*groups)
        assert {row["published_at"] for row in (*result.revisions, result.current)} == {at(9)}
        assert result.current["published_raw"] == A1["published_raw"]


def test_another_day_is_noted_and_moves_nothing():
    """A later claim of another day stands in published_raw, once, in order, and stays there."""
    claims = [capture(text="B", seen=at(12 + n), published_at=at(1, day)) for n, day in enumerate((24, 23, 24))]
    result = merged([A1], *([claim] for claim in claims))
    assert result.current["published_at"] == at(9)
    assert result.current["published_raw"] == f"{A1['published_raw']}; later: 2026-11-23, 2026-11-24"
    earlier = capture(text="A", seen=at(9.5), published_at=at(8), published_raw="08:00")
    again = merge_article([*result.revisions, result.current], [earlier])
    assert (again.current["published_at"], again.current["published_raw"]) == (
        at(8),
        "08:00; later: 2026-11-23, 2026-11-24",
    )


def test_undated_article_stays_undated():
    """Without a trustworthy date the partition is the day of the first capture: a date that comes later is only
    noted.
    """
    undated = capture(seen=at(10), published_at=None, published_raw=None)
    dated = capture(text="B", seen=at(2, 23), published_at=at(1, 21))
    result = merged([undated], [dated])
    assert (result.current["published_at"], result.current["first_seen_at"]) == (None, at(10))
    assert result.current["published_raw"] == "; later: 2026-11-21"
    assert day_of(result.current) == at(0).date()


def test_first_of_a_batch_is_the_earliest_dated():
    """The capture that places a new article."""
    undated, late = capture(seen=at(9), published_at=None), capture(seen=at(12))
    assert choose_first([late, undated, A1]) == A1


OLD, NEW = "2.3.1+wirecopy1", "2.10.0+wirecopy1"


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=["old-new", "new-old"])
@pytest.mark.parametrize("together", [True, False], ids=["one-commit", "two-commits"])
def test_newer_extractor_supersedes(order, together):
    """One capture counts once: with its newest extractor (2.10 is newer than 2.3), also if the older comes late."""
    old = capture(text="A menu", seen=at(10), fetch_id="f", extractor_version=OLD)
    new = capture(text="A", seen=at(10), fetch_id="f", extractor_version=NEW)
    rows = [(old, new)[place] for place in order]
    result = merged(rows) if together else merged(*([row] for row in rows))
    assert (result.current["content_hash"], result.revisions) == (new["content_hash"], ())


def test_newer_extractor_leaves_the_earlier_capture_of_a_text():
    """A text captured twice, whose last capture is read anew, keeps its first capture and is no longer current."""
    first, last = (capture(text="A", seen=at(hour), fetch_id=f"f{hour}", extractor_version=OLD) for hour in (10, 12))
    anew = capture(text="A clean", seen=at(12), fetch_id="f12", extractor_version=NEW)
    result = merged([first], [last], [anew])
    assert result.current["content_hash"] == anew["content_hash"]
    assert [(r["fetched_at"], r["last_fetched_at"]) for r in result.revisions] == [(at(10), at(10))]


def test_metadata_is_that_of_the_last_capture():
    """A text's title may be corrected without a word of the text changing."""
    corrected = capture(text="A", seen=at(13), title="Sea wall")
    for groups in ([[A1], [corrected]], [[corrected], [A1]]):
        assert merged(*groups).current["title"] == "Sea wall"
