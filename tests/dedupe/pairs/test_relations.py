"""From scores to relations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dedupe.pairs.relations import Scores, classify, probability
from dedupe.params import Params

BASE = Scores(
    score=0.3,
    coverage_left=0.3,
    coverage_right=0.3,
    jaccard=0.1,
    agreement=0.5,
    order=0.5,
    words_left=400,
    words_right=400,
    numbers_shared=1.0,
    shared_words=60,
    opening=0.5,
    head=0.5,
    tail=0.5,
    same_publisher=False,
)
ZONE = replace(BASE, score=0.12, order=0.9, agreement=0.8)

BLOG = replace(BASE, score=0.6, coverage_left=0.95, coverage_right=0.4, around_right=(90.0, 100.0), opening=1.0)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param(BASE, "copy", id="copy"),
        pytest.param(replace(BASE, jaccard=0.85), "near_duplicate", id="near-duplicate"),
        pytest.param(ZONE, "derived", id="zone-with-evidence"),
        pytest.param(replace(ZONE, order=0.3), None, id="zone-without"),
        pytest.param(replace(ZONE, order=0.43, agreement=0.7, shared_words=30), "derived", id="zone-with-a-paragraph"),
        pytest.param(replace(ZONE, order=0.4, agreement=0.75, shared_words=30), None, id="an-old-paragraph"),
        pytest.param(
            replace(ZONE, order=0.43, agreement=0.7, shared_words=20), None, id="zone-with-a-sentence-in-common"
        ),
        pytest.param(replace(BASE, score=0.17, order=0.5), "derived", id="upper-zone-with-many-words"),
        pytest.param(replace(BASE, score=0.17, order=0.5, shared_words=20), "overlap", id="upper-zone-with-few-words"),
        pytest.param(replace(ZONE, words_left=100, shared_words=20), "overlap", id="two-short-independent-reports"),
        pytest.param(replace(ZONE, words_left=100, shared_words=30), "derived", id="short-with-a-paragraph-in-common"),
        pytest.param(replace(BASE, score=0.22, order=0.2, agreement=0.3), "overlap", id="a-first-sentence-is-kept"),
        pytest.param(
            replace(BASE, score=0.22, order=0.2, agreement=0.3, shared_words=150), "copy", id="long-wire-text-extended"
        ),
        pytest.param(replace(ZONE, shared_words=3), "overlap", id="unlikely-whatever-speaks-for-it"),
        pytest.param(replace(BASE, score=0.6, head=0.05, tail=0.95), "overlap", id="boilerplate-of-two-texts"),
        pytest.param(replace(BASE, score=0.17, order=0.05, agreement=0.3), None, id="upper-zone-against-evidence"),
        pytest.param(replace(ZONE, score=0.05), None, id="below-the-zone"),
        pytest.param(replace(BASE, same_publisher=True), "update", id="update"),
        pytest.param(replace(ZONE, same_publisher=True), None, id="weak-within-a-publisher"),
        pytest.param(
            replace(BASE, same_publisher=True, jaccard=0.9), "near_duplicate", id="reprint-within-a-publisher"
        ),
        pytest.param(replace(BASE, words_left=30, coverage_left=0.62), "copy", id="short-and-strong"),
        pytest.param(replace(BASE, words_left=30), "overlap", id="short-and-both-mostly-their-own"),
        pytest.param(replace(BASE, words_left=30, score=0.25), None, id="short-and-weak"),
        pytest.param(replace(ZONE, words_left=30), None, id="short-in-the-zone"),
        pytest.param(replace(BASE, numbers_shared=0.2), None, id="template"),
        pytest.param(replace(BASE, coverage_left=0.9, coverage_right=0.1, words_right=2000), "contains", id="round-up"),
        pytest.param(
            replace(BASE, coverage_left=0.9, coverage_right=0.1, words_right=2000, opening=1.0), "copy", id="cut-short"
        ),
        pytest.param(replace(BASE, coverage_left=0.9, coverage_right=0.1, words_right=900), "copy", id="not-that-long"),
        pytest.param(BLOG, "contains", id="a-live-blog-whatever-its-length"),
        pytest.param(replace(BLOG, coverage_left=0.6), "overlap", id="a-live-blog-and-a-cut-print"),
        pytest.param(replace(BLOG, coverage_left=0.5), "copy", id="half-of-a-report-in-a-longer-one"),
        pytest.param(replace(BLOG, around_right=(20.0, 300.0)), "copy", id="a-print-that-is-lengthened"),
        pytest.param(
            replace(BLOG, around_right=(0.0, 300.0), entries_right=3), "contains", id="a-live-blog-that-begins-with-it"
        ),
        pytest.param(
            replace(BLOG, around_right=(0.0, 300.0), entries_right=3, entries_left=1),
            "copy",
            id="two-blogs-in-progress",
        ),
        pytest.param(
            replace(BASE, around_left=(0.0, 200.0), around_right=(90.0, 80.0)), "overlap", id="two-live-blogs"
        ),
        pytest.param(
            replace(BASE, around_left=(0.0, 200.0), around_right=(0.0, 80.0)), "copy", id="two-that-lengthen-one-report"
        ),
    ],
)
def test_decide(scores: Scores, expected: str | None) -> None:
    """Each relation has its case."""
    assert expected == classify(scores, Params())


@pytest.mark.parametrize("field", ["score", "agreement", "order", "jaccard"])
def test_probability_never_falls(field: str) -> None:
    """More of anything never makes a copy less likely."""
    steps = [
        probability(replace(BASE, score=0.12, **{field: at / 100}))
        if field != "score"
        else probability(replace(BASE, score=at / 100))
        for at in range(6, 100)
    ]
    assert steps == sorted(steps)
    assert 0 < steps[0] <= steps[-1] < 1
