"""Grouping by quorum, origins and roles."""

from __future__ import annotations

import cProfile
import itertools
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.grouping.clusters import components, group
from dedupe.grouping.origins import find_origin, is_agency
from dedupe.records import ArticleNode, ClusterRow, Match


def node(name: str, day: int | None = 0, **fields) -> ArticleNode:
    when = None if day is None else date(2026, 11, 1) + timedelta(days=day)
    at = None if when is None else datetime(when.year, when.month, when.day, tzinfo=UTC)
    return ArticleNode(**{"id": name, "date": when, "published_at": at, "word_count": 100} | fields)


def link(left: str, right: str, score: float = 0.3, relation: str = "copy", probability: float = 0.7) -> Match:
    return Match(
        left_id=left, right_id=right, relation=relation, score=score, jaccard=0.0, coverage_left=score,
        coverage_right=score, quotation_agreement=0.5, ordered_share=0.5, probability=probability, passages=(),
    )  # fmt: skip


def groups(rows: list[ClusterRow]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.cluster_id, set()).add(row.article_id)
    return {frozenset(members) for members in found.values()}


def sets(*words: str) -> set[frozenset[str]]:
    return {frozenset(word) for word in words}


@pytest.mark.parametrize(
    ("names", "links", "expected"),
    [
        pytest.param("abc", [], sets("a", "b", "c"), id="alone"),
        pytest.param("abc", [("a", "b"), ("b", "c")], sets("abc"), id="half-of-two"),
        pytest.param("abc", [("a", "b", 0.3, "update")], sets("a", "b", "c"), id="update-does-not-merge"),
        pytest.param("abc", [("a", "b", 0.3, "contains")], sets("a", "b", "c"), id="contains-does-not-merge"),
        pytest.param(
            "abcdef",
            [("a", "b"), ("a", "c"), ("b", "c"), ("d", "e"), ("d", "f"), ("e", "f"), ("c", "d", 0.2)],
            sets("abc", "def"),
            id="a-bridge-joins-nothing",
        ),
        pytest.param(
            "abcdx",
            [("a", "b", 1.0, "identical"), ("a", "c", 1.0, "identical"), ("a", "d", 1.0, "identical"), ("a", "x", 0.2)],
            sets("abcdx"),
            id="verbatim-copies-are-one-voice",
        ),
        pytest.param("ab", [("a", "z")], sets("a", "b"), id="strangers-are-ignored"),
        pytest.param("ab", [("a", "b", 0.6, "overlap", 0.9)], sets("a", "b"), id="an-overlap-starts-nothing"),
        pytest.param("ab", [("a", "b", 0.16, "derived", 0.1)], sets("a", "b"), id="an-unlikely-match-starts-nothing"),
        pytest.param("ab", [("a", "b", 0.16, "derived", 0.5)], sets("ab"), id="an-even-one-does"),
        pytest.param(
            "abcd",
            [("a", "b"), ("c", "d"), ("b", "c", 0.2), ("a", "d", 0.16, "derived", 0.4)],
            sets("abcd"),
            id="an-unlikely-match-counts-in-the-quorum",
        ),
        pytest.param(
            "abcd", [("a", "b"), ("c", "d"), ("b", "c", 0.2)], sets("ab", "cd"), id="one-of-four-is-under-the-quorum"
        ),
        pytest.param(
            "abcx", [("a", "b"), ("a", "c"), ("b", "c"), ("c", "x", 0.2)], sets("abcx"), id="one-of-three-is-a-quorum"
        ),
        pytest.param(
            "abx",
            [("a", "b", 1.0, "identical"), ("a", "x", 0.16, "derived", 0.4), ("b", "x", 0.16, "derived", 0.6)],
            sets("abx"),
            id="the-likeliest-match-of-a-content-counts",
        ),
    ],
)
def test_group(names: str, links: list[tuple], expected: set[frozenset[str]]) -> None:
    """Well-knit groups come together, one weak link does not chain them."""
    assert expected == groups(group([node(name) for name in names], [link(*said) for said in links]))


def test_rows() -> None:
    """Roles, origin, size, and the relation to the origin."""
    rows = group([node("a", 1), node("b", 0), node("c", 9)], [link("b", "a", 0.4)])
    assert rows == [
        ClusterRow(
            article_id="b",
            cluster_id="b",
            role="origin",
            origin_id="b",
            relation=None,
            probability=None,
            cluster_size=2,
        ),
        ClusterRow(
            article_id="a", cluster_id="b", role="copy", origin_id="b", relation="copy", probability=0.7, cluster_size=2
        ),
        ClusterRow(
            article_id="c", cluster_id="c", role="alone", origin_id="c", relation=None, probability=None, cluster_size=1
        ),
    ]


def test_relation_to_the_best_match_where_the_origin_is_no_match() -> None:
    """c copies b, which copies a: c tells its relation to b."""
    rows = group([node("a"), node("b", 1), node("c", 2)], [link("a", "b"), link("b", "c", 0.2, "derived", 0.6)])
    assert [(row.relation, row.probability) for row in rows] == [(None, None), ("copy", 0.7), ("derived", 0.6)]


def test_backfill_renames_the_cluster() -> None:
    """An older copy that comes later becomes the first member."""
    late = [node("b", 3), node("c", 4)]
    assert {row.cluster_id for row in group(late, [link("b", "c")])} == {"b"}
    rows = group([*late, node("z", 2)], [link("b", "c"), link("z", "b"), link("z", "c")])
    assert {(row.cluster_id, row.origin_id, row.cluster_size) for row in rows} == {("z", "z", 3)}


def test_a_cluster_spans_a_week() -> None:
    """A chain of daily copies is cut, and so is a text that recurs every day."""
    names = [f"d{day:02}" for day in range(20)]
    for relation in ("copy", "identical"):
        links = [link(a, b, 1.0, relation) for a, b in itertools.pairwise(names)]
        rows = group([node(name, int(name[1:])) for name in names], links)
        for members in groups(rows):
            assert max(int(name[1:]) for name in members) - min(int(name[1:]) for name in members) <= 7
        assert max(row.cluster_size for row in rows) > 1


@pytest.mark.parametrize(
    ("members", "origin"),
    [
        pytest.param([node("a", 0), node("b", 1)], "a", id="earliest"),
        pytest.param(
            [node("a", 0, agency="Reuters"), node("b", 1, publisher="reuters.com")],
            "b",
            id="credited-agency-though-later",
        ),
        pytest.param([node("a", 0, agency="AP"), node("b", 1, publisher="apnews.com")], "b", id="short-agency"),
        pytest.param([node("a", 0, agency="AP"), node("b", 1, publisher="apple.example")], "a", id="no-agency"),
        pytest.param([node("a", None, word_count=5), node("b", None, word_count=9)], "b", id="longest-without-time"),
        pytest.param([node("a", 0, published_at=None), node("b", 0)], "b", id="known-time-first"),
    ],
)
def test_origin(members: list[ArticleNode], origin: str) -> None:
    """The credited agency's own article, else the earliest, else the longest."""
    assert origin == find_origin(members).id


@pytest.mark.parametrize(
    ("publisher", "agency", "expected"),
    [
        ("reuters.com", "reuters", True),
        ("Agence France-Presse", "agencefrancepresse", True),
        ("afp.com", "afp", True),
        ("The Leaflet", "afl", False),
        ("apnews.com", "ap", True),
        ("singapore.example", "ap", False),
        (None, "ap", False),
    ],
)
def test_is_agency(publisher: str | None, agency: str, expected: bool) -> None:
    """Short names must be whole labels."""
    assert expected == is_agency(publisher, agency)


def test_components() -> None:
    """Connected sets, sorted by their smallest member."""
    assert components([("d", "c"), ("b", "a"), ("c", "e"), ("x", "x")]) == [{"a", "b"}, {"c", "d", "e"}, {"x"}]
    assert components([]) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(6, 100)), max_size=40), st.randoms())
def test_group_is_a_function_of_the_set(edges: list[tuple[int, int, int]], order: random.Random) -> None:
    """Order of nodes and links is irrelevant; every node has one row; a cluster stays within its component."""
    members = [node(f"n{n:02}", n) for n in range(12)]
    unique = {tuple(sorted((a, b))): score for a, b, score in edges if a != b}
    links = [link(f"n{a:02}", f"n{b:02}", score / 100) for (a, b), score in unique.items()]
    rows = group(members, links)
    order.shuffle(members)
    order.shuffle(links)
    assert rows == group(members, links)
    assert [row.article_id for row in rows] == sorted(row.article_id for row in rows)
    connected = components((one.left_id, one.right_id) for one in links)
    assert all(any(cluster <= whole for whole in connected) or len(cluster) == 1 for cluster in groups(rows))


def test_components_one_by_one_are_all_at_once() -> None:
    """Grouping needs whole components and nothing else."""
    members = [node(name) for name in "abcdef"]
    links = [link("a", "b"), link("c", "d"), link("d", "e")]
    apart = group(members[:2], links) + group(members[2:5], links) + group(members[5:], links)
    assert apart == group(members, links)


@pytest.mark.slow
def test_a_long_component_is_near_linear() -> None:
    """Ten times the days cost about ten times as many calls, not a hundred: counted, since a clock would flicker."""

    def calls(days: int) -> int:
        names = [f"d{day:05}x{copy}" for day in range(days) for copy in range(3)]
        links = [link(a, b, 0.3) for at, a in enumerate(names) for b in names[at + 1 : at + 12]]
        members = [node(name, int(name[1:6])) for name in names]
        profile = cProfile.Profile()
        profile.runcall(group, members, links)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(1500) < 15 * calls(150)
