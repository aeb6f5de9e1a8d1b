"""An event that very many report: each report is compared with few, and all of them are found together.

The bounds are made small, so that a hundred reports are a crowd.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dedupe import backends
from dedupe.grouping.clusters import group
from dedupe.matching.matching import find_matches
from dedupe.params import Params
from dedupe.records import ArticleNode, ArticleText, Match
from tests.dedupe.conftest import FIRST_DAY, invent, reword_text

REPORTS, DAYS = 80, 3
CROWDED = Params(posting_cap=8, crowd_candidates=24, crowd_looked=8, crowd_count=6, crowd_kept=5)
ALL_PAIRS = replace(CROWDED, posting_cap=10_000, crowd_candidates=10_000, crowd_count=10_000)
NO_BOUND = replace(CROWDED, crowd_count=10_000)


@pytest.fixture(scope="module")
def articles(make) -> list[ArticleText]:
    """Rewordings of one report by as many publishers over three days, and other news."""
    story = invent(1, 12)
    reports = [make(f"e{n:03}", reword_text(story, 5 + n % 7, seed=n), n % DAYS) for n in range(REPORTS)]
    return reports + [make(f"o{n:03}", invent(100 + n, 12), n % DAYS) for n in range(20)]


@pytest.fixture(scope="module")
def matches(articles) -> list[Match]:
    return find_matches(articles, params=CROWDED)


def clusters(articles: list[ArticleText], matches: list[Match], params: Params) -> dict[str, str]:
    nodes = [ArticleNode(id=one.id, date=one.date, published_at=one.published_at) for one in articles]
    return {row.article_id: row.cluster_id for row in group(nodes, matches, params)}


@pytest.mark.slow
def test_matches_of_an_article_are_bounded(articles, matches) -> None:
    """Those of a crowd match their nearest ones only; without the bound one of them matches several dozens."""
    found = Counter(match.right_id for match in matches)
    assert max(found.values()) < CROWDED.crowd_candidates
    crowd = Counter(match.right_id for match in matches if match.of_crowd)
    assert len(crowd) > REPORTS // 2
    assert max(crowd.values()) == CROWDED.crowd_kept
    unbounded = find_matches(articles, params=NO_BOUND)
    assert max(Counter(match.right_id for match in unbounded).values()) > CROWDED.crowd_candidates
    assert not any(match.of_crowd for match in unbounded)


@pytest.mark.slow
def test_cluster_is_that_of_all_pairs(articles, matches) -> None:
    """One event, one cluster, as if each report had been compared with each other one."""
    found = clusters(articles, matches, CROWDED)
    assert found == clusters(articles, find_matches(articles, params=ALL_PAIRS), ALL_PAIRS)
    assert len({found[f"e{n:03}"] for n in range(REPORTS)}) == 1


@pytest.mark.slow
def test_the_order_of_arrival_says_nothing(articles, matches) -> None:
    """Shuffled, and date by date."""
    shuffled = random.Random(3).sample(articles, len(articles))
    assert find_matches(shuffled, params=CROWDED) == matches
    days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    by_date = [match for day in days for match in find_matches(shuffled, date=day, params=CROWDED)]
    assert sorted(by_date, key=_pair) == sorted(matches, key=_pair)  # nothing is withdrawn


def _pair(match: Match) -> tuple[str, str]:
    return match.left_id, match.right_id


@pytest.mark.slow
def test_compiled_code_finds_the_same(articles, matches, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs outside of the bound are kin all the same: no report becomes a witness against another one."""
    monkeypatch.setattr(backends, "pays", lambda texts: True)
    assert find_matches(articles, params=CROWDED) == matches


def test_a_shared_quotation_makes_no_crowd(make) -> None:
    """Reports of their own that quote one statement share much with many; they are compared with all of them."""
    said = f"“{invent(7, 6)}”"
    reports = [make(f"q{n:02}", f"{invent(200 + n, 8)}\n{said}", 0) for n in range(40)]
    copy = make("r", f"{reword_text(invent(201, 8), 9)}\n{said}", 1)
    found = find_matches([*reports, copy], params=CROWDED)
    assert [(match.left_id, match.right_id, match.of_crowd) for match in found] == [("q01", "r", False)]


def link(left: str, right: str, *, of_crowd: bool, score: float = 0.5) -> Match:
    return Match(
        left_id=left, right_id=right, relation="copy", score=score, jaccard=0.2, coverage_left=score,
        coverage_right=score, quotation_agreement=0.5, ordered_share=0.9, probability=0.9, passages=(),
        of_crowd=of_crowd,
    )  # fmt: skip


def node(name: str, day: int = 0) -> ArticleNode:
    return ArticleNode(id=name, date=date(2026, 11, 1) + timedelta(days=day))


VOICES = [f"a{n}" for n in range(30)]
WELL_KNIT = [link(one, two, of_crowd=False) for at, two in enumerate(VOICES) for one in VOICES[:at]]


def grouped(names: list[ArticleNode], links: list[Match]) -> dict[str, str]:
    """The cluster of each article beside thirty that all match each other."""
    rows = group([node(VOICES[0]), *(node(name, 3) for name in VOICES[1:]), *names], [*WELL_KNIT, *links], CROWDED)
    return {row.article_id: row.cluster_id for row in rows}


@pytest.mark.parametrize(("met", "of_crowd", "joins"), [(2, True, True), (1, True, False), (4, False, False)])
def test_a_quorum_of_those_compared(met: int, of_crowd: bool, joins: bool) -> None:
    """A text of a crowd needs a quarter of the five that it was compared with, any other one a quarter of the group."""
    found = grouped([node("x", 4)], [link(name, "x", of_crowd=of_crowd) for name in VOICES[:met]])
    assert (found["x"] == "a0") is joins


def test_a_crowd_of_many_days_is_cut_into_weeks() -> None:
    """What does not fit into the seven days of a cluster makes the next one, however few of it match each other."""
    late = [node(f"x{day}", day) for day in (6, 8, 9)]
    links = [link(name, one.id, of_crowd=True) for one in late for name in VOICES[1:5]]
    found = grouped(late, links)
    assert [found[one.id] for one in late] == ["a0", "x8", "x8"]
