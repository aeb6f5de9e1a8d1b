"""Headings and recurring lines."""

from __future__ import annotations

import numpy as np
import pytest

from dedupe.backends import read_texts
from dedupe.corpus.recurring import Pages, find_common, find_printed_often, is_boilerplate
from dedupe.corpus.tables import TextTable
from dedupe.params import Params
from dedupe.text.flags import RECURRING
from dedupe.text.lines import find_lines, flag_headings
from dedupe.text.words import Vocabulary, read_words


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


def printed(pages: list[tuple[int, str]], copies: int = 1) -> Pages:
    """(text, publisher) of each page."""
    names = sorted({name for _, name in pages})
    return Pages(
        np.array([text for text, _ in pages]), np.array([names.index(name) for _, name in pages]),
        np.full(len(pages), copies),
    )  # fmt: skip


def flag_recurring(table: TextTable, pages: Pages) -> np.ndarray:
    for found in (find_printed_often(table, pages, Params()), find_common(table, Params())):
        table = table.flagged(found, RECURRING) if len(found.texts) else table
    return table.flags


def boilerplate(table: TextTable, pages: Pages) -> list[bool]:
    return is_boilerplate(table, find_printed_often(table, pages, Params()), Params()).tolist()


FOOTER = "Follow us on every channel there is."
LONG = "This long paragraph of fourteen words is printed by the publisher on every page."


def own(number: int) -> str:
    return " ".join(f"w{number}x{at}" for at in range(40)) + "."


@pytest.mark.parametrize(
    ("pages", "recurring"),
    [
        pytest.param([("a", own(n), FOOTER) for n in range(3)], {FOOTER}, id="footer-on-three-pages"),
        pytest.param([("a", own(n), FOOTER) for n in range(2)], set(), id="two-pages-are-not-enough"),
        pytest.param([(f"p{n}", own(n), FOOTER) for n in range(3)], set(), id="three-publishers"),
        pytest.param([("a", own(n), FOOTER, FOOTER) for n in range(2)], set(), id="twice-on-a-page-counts-once"),
        pytest.param([("a", own(n), LONG) for n in range(3)], {LONG}, id="long-line-on-pages-of-their-own"),
        pytest.param(
            [("a", own(n)[:30] + ".", LONG) for n in range(3)], set(), id="long-line-of-versions-of-one-story"
        ),
        pytest.param(
            [("a", own(n), LONG) for n in range(3)] + [("a", "Brief.", LONG)], {LONG}, id="and-then-on-all-pages"
        ),
        pytest.param([("a", "—", own(n)) for n in range(3)], set(), id="lines-without-words"),
    ],
)
def test_recurring(pages: list[tuple[str, ...]], recurring: set[str]) -> None:
    """A line on three pages of one publisher is boilerplate, unless the pages are versions of one story."""
    texts = ["\n".join(lines) for _, *lines in pages]
    table = read_texts(texts, Params())
    flags = flag_recurring(table, printed(list(enumerate(publisher for publisher, *_ in pages))))
    for number, (_, *lines) in enumerate(pages):
        sizes = table.row(number).line_tokens
        expected = np.repeat([line in recurring for line in lines], sizes)
        own = slice(table.starts[number], table.starts[number] + table.sizes[number])
        assert ((flags[own] & RECURRING) > 0).tolist() == expected.tolist()
    assert (flags is table.flags) == (not recurring)


def test_a_text_of_two_publishers_is_a_page_of_both() -> None:
    """Verbatim copies are one text; the footer of either publisher is found in it."""
    table = read_texts([own(0) + "\n" + FOOTER, own(1) + "\n" + FOOTER, own(2) + "\n" + FOOTER], Params())
    pages = printed([(0, "a"), (0, "b"), (1, "a"), (1, "b"), (2, "b")])
    flags = flag_recurring(table, pages)
    assert int(((flags & RECURRING) > 0).sum()) == 3 * len(FOOTER.split())


@pytest.mark.parametrize(("pages", "flagged"), [(4, True), (3, False)])
def test_what_strangers_share_is_common(pages: int, flagged: bool) -> None:
    """A paragraph in four texts of four publishers that are otherwise their own tells of no copying."""
    table = read_texts([own(n) + "\n" + LONG for n in range(pages)], Params())
    flags = flag_recurring(table, printed([(n, f"p{n}") for n in range(pages)]))
    assert ((flags & RECURRING) > 0).sum() == flagged * pages * len(LONG.split())


def test_what_copies_share_is_not() -> None:
    """Twelve sites print an agency's text, each with a paragraph of its own: the text stays narrative."""
    story = "\n".join(own(100 + n) for n in range(4))
    table = read_texts([story + "\n" + own(n) for n in range(12)], Params())
    assert flag_recurring(table, printed([(n, f"p{n}") for n in range(12)])) is table.flags


@pytest.mark.parametrize(("copies", "expected"), [(30, True), (29, False)])
def test_a_page_behind_many_addresses_is_no_article(copies: int, expected: bool) -> None:
    """A publisher's consent page; the same agency text on as many sites is an article."""
    table = read_texts([LONG], Params())
    assert boilerplate(table, printed([(0, "a")], copies)) == [expected]
    assert boilerplate(table, printed([(0, f"p{n}") for n in range(copies)])) == [False]


def test_line_hashes() -> None:
    """Equal lines have equal keys wherever they stand; case and punctuation do not count."""
    table = read_texts(["One two three.\nTwo, three\nfour", "x y\nTWO THREE"], Params())
    keys = [table.row(number).line_keys.tolist() for number in range(2)]
    assert keys[0][1] == keys[1][1]
    assert len({*keys[0], *keys[1]}) == 4
