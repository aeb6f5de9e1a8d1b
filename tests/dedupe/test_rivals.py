"""A weak match of another day gives way to a much better one of the same publisher."""

from __future__ import annotations

from dedupe.matching.matching import find_matches


def relations(articles) -> dict[tuple[str, str], str]:
    return {(match.left_id, match.right_id): match.relation for match in find_matches(articles)}


def test_the_print_of_the_same_day_is_the_copy(make, write, reword) -> None:
    """Paper two prints one's report the same day, and the next day another that shares half of it."""
    report = write(1, 24)
    other = "\n".join([*report.split("\n")[:3], *write(2, 15).split("\n")])
    first = make("a", report, 0, publisher="one.example")
    later = make("c", other, 1, publisher="two.example")
    same_day = make("b", reword(report, 20), 0, publisher="two.example")
    assert relations([first, later]) == {("a", "c"): "copy"}
    assert relations([first, same_day, later]) == {("a", "b"): "copy"}


def test_what_matches_well_stays(make, write, reword) -> None:
    """A copy of the next day, though the same publisher had the report before."""
    report = write(1, 24)
    articles = [
        make("a", report, 0, publisher="one.example"),
        make("b", reword(report, 20), 0, publisher="two.example"),
        make("c", reword(report, 5), 1, publisher="two.example"),
    ]
    assert relations(articles)["a", "c"] == "copy"
