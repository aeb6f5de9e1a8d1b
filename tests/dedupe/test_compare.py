"""Two texts side by side, whether they match or not."""

from __future__ import annotations

from dedupe.matching.compare import compare, compare_closely


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
