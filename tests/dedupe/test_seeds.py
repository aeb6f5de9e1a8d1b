"""The user's five texts: 000 and 001 are one report reworded, the others are independent."""

from __future__ import annotations

from itertools import permutations

import pytest

from dedupe.grouping.clusters import group
from dedupe.matching.compare import compare, compare_closely
from dedupe.matching.matching import find_matches
from dedupe.records import ArticleNode, ArticleText


@pytest.fixture(scope="module")
def seeds(shared) -> list[ArticleText]:
    files = sorted((shared / "seeds").glob("*.txt"))
    return [
        ArticleText(id=file.name[:3], text=file.read_text(), publisher=f"{file.name[:3]}.example") for file in files
    ]


def test_matches(seeds: list[ArticleText]) -> None:
    """One pair, a copy, with passages that stand in both texts."""
    matches = find_matches(seeds)
    assert [(match.left_id, match.right_id, match.relation) for match in matches] == [("000", "001", "copy")]
    assert matches[0].score > 0.22
    assert matches[0].probability > 0.8
    assert len(matches[0].passages) >= 5
    assert {passage.quotation for passage in matches[0].passages} == {True, False}
    for passage in matches[0].passages:
        left = seeds[0].text[passage.left_start : passage.left_end]
        right = seeds[1].text[passage.right_start : passage.right_end]
        assert left.split()[0].strip("\"“'") == right.split()[0].strip("\"“'")


def test_clusters(seeds: list[ArticleText]) -> None:
    """One cluster of two, three articles alone."""
    nodes = [ArticleNode(id=seed.id, word_count=len(seed.text.split())) for seed in seeds]
    rows = {row.article_id: row for row in group(nodes, find_matches(seeds))}
    assert [rows[name].cluster_id for name in sorted(rows)] == ["000", "000", "002", "003", "004"]
    assert [rows[name].role for name in sorted(rows)] == ["copy", "origin", "alone", "alone", "alone"]


@pytest.mark.parametrize("one, two", list(permutations(range(5), 2)))
def test_compare(seeds: list[ArticleText], one: int, two: int) -> None:
    """Any two of them, without context, say the same; in either order."""
    match = compare(seeds[one], seeds[two])
    assert (match is not None) == ({one, two} == {0, 1})
    assert compare_closely(seeds[one], seeds[two]) == compare_closely(seeds[two], seeds[one])
