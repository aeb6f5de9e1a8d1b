"""Headings and recurring lines."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.lines import Page, find_lines, flag_headings, line_keys, recurring_lines
from dedupe.params import Params
from dedupe.words import Vocabulary, read_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Read more news\nThe council met on Monday.", [True, False], id="menu"),
        pytest.param("He left.\nThe council of the town met on Monday", [False, False], id="short-sentence-long-line"),
        pytest.param("北京日报今天的新闻\n他走了。", [True, False], id="chinese-counts-half"),
        pytest.param("", [], id="empty"),
    ],
)
def test_headings(text: str, expected: list[bool]) -> None:
    """A line of under six words without a final mark is no narrative."""
    words = read_words(text, Vocabulary())
    lines = find_lines(words)
    flags = flag_headings(words, lines, Params())
    assert expected == [bool(flags[low]) for low in lines.tokens[:-1]]


def page(publisher: str, *lines: str) -> Page:
    words = read_words("\n".join(lines), Vocabulary())
    found = find_lines(words)
    return Page(frozenset([publisher]), line_keys(words, found), np.diff(np.array(found.tokens, np.int32)))


FOOTER = "Follow us on every channel there is."
LONG = "This long paragraph of fourteen words is printed by the publisher on every page."


def own(number: int) -> str:
    return " ".join(f"w{number}x{at}" for at in range(40)) + "."


@pytest.mark.parametrize(
    ("pages", "recurring"),
    [
        pytest.param([page("a", own(n), FOOTER) for n in range(3)], {FOOTER}, id="footer-on-three-pages"),
        pytest.param([page("a", own(n), FOOTER) for n in range(2)], set(), id="two-pages-are-not-enough"),
        pytest.param([page(f"p{n}", own(n), FOOTER) for n in range(3)], set(), id="three-publishers"),
        pytest.param([page("a", own(n), LONG) for n in range(3)], {LONG}, id="long-line-on-pages-of-their-own"),
        pytest.param(
            [page("a", own(n)[:30] + ".", LONG) for n in range(3)], set(), id="long-line-of-versions-of-one-story"
        ),
    ],
)
def test_recurring(pages: list[Page], recurring: set[str]) -> None:
    """A line on three pages of one publisher is boilerplate, unless the pages are versions of one story."""
    flags = recurring_lines(pages, Params())
    found = {int(key) for each, hit in zip(pages, flags, strict=True) for key in each.keys[hit]}
    assert found == {int(page("a", line).keys[0]) for line in recurring}
