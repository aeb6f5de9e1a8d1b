"""Matches of made-up news: each relation, and what a date's matches are a function of."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedupe.errors import DuplicateIdError, MixedDatesError
from dedupe.grouping.clusters import group
from dedupe.matching.matching import find_matches
from dedupe.records import ArticleNode, ArticleText, in_order


def found(articles, **options) -> set[tuple[str, str, str]]:
    return {(match.left_id, match.right_id, match.relation) for match in find_matches(articles, **options)}


def test_relations(make, write, reword) -> None:
    """One pair of each relation, and independent texts beside them."""
    round_up = write(90, 12) + "\n" + write(3, 5) + "\n" + write(91, 12)
    articles = [
        make("same1", write(0)),
        make("same2", write(0).upper()),
        make("near1", write(1, 30)),
        make("near2", write(1, 30) + "\nOne more sentence here at the end of it all."),
        make("copy1", write(2, 20)),
        make("copy2", reword(write(2, 20), 6)),
        make("part", write(3, 5)),
        make("roundup", round_up),
        make("old", write(4, 20), publisher="one.example"),
        make("new", reword(write(4, 20), 6), publisher="one.example"),
        make("alone", write(5)),
        make("empty1", ""),
        make("empty2", " … "),
    ]
    assert found(articles) == {
        ("same1", "same2", "identical"),
        ("near1", "near2", "near_duplicate"),
        ("copy1", "copy2", "copy"),
        ("part", "roundup", "contains"),
        ("new", "old", "update"),
    }


def test_derived(make, write) -> None:
    """Sentence after sentence reworded, in the same order, with the same quotations: derived."""
    names = [f"person{n}" for n in range(40)]
    left, right = [], []
    for n in range(10):
        fact = f"minister{n} announced budget{n} for schools{n} on weekday{n}"
        quote = f"“promise{n} will come true for everyone{n} here”"
        left.append(f"{fact} after long talks{n}, saying {quote}. {names[n]} was there too{n}.")
        right.append(f"On weekday{n} minister{n} said that schools{n} get budget{n}: {quote}. Also there: {names[n]}.")
    shared = "The full text of the agreement was printed on Friday by the ministry."
    articles = [make("a", "\n".join([*left, shared])), make("b", "\n".join([shared, *right]))]
    matches = find_matches(articles)
    assert [match.relation for match in matches] == ["derived"]
    assert 0.06 <= matches[0].score < 0.2
    assert matches[0].quotation_agreement > 0.8


def test_quotations_do_not_make_a_copy(make, write) -> None:
    """Independent reports that share one long speech stay apart, also where only one of them marks it."""
    speech = " ".join(f"speech{n}" for n in range(150))
    articles = [
        make("marked", write(1) + f"\nHe said: “{speech}.”"),
        make("unmarked", write(2) + f"\n{speech}."),
        make("other", write(3) + f"\n{speech}."),
    ]
    assert found(articles) == set()


def test_template_veto(make) -> None:
    """Reports of one template with other numbers are no copies."""
    template = " ".join(f"fixed{n}" for n in range(80)) + " closed at {} after {} with {} sold and {} bought."
    articles = [make("mon", template.format(11, 22, 33, 44)), make("tue", template.format(55, 66, 77, 88))]
    assert found(articles) == set()
    assert found([*articles, make("wed", template.format(11, 22, 33, 45))]) == {("mon", "wed", "near_duplicate")}


def test_recurring_lines_are_no_narrative(make, write) -> None:
    """What a publisher prints on every page is no copying, though another publisher takes a page with it."""
    menu = "\n".join(f"Our section{n} brings you more of what you love to read{n}." for n in range(20))
    pages = [make(f"a{n}", write(n, 25) + "\n" + menu, publisher="a.example") for n in range(4)]
    other = make("b", write(9, 25) + "\n" + menu, publisher="b.example")
    assert found([*pages, other]) == set()
    assert found([pages[0], other]) != set()  # two pages cannot tell what is a menu


def test_copies_of_copies_collapse(make, write, reword) -> None:
    """Verbatim copies hang on the earliest, and what matches one of them is written once, for the earliest."""
    articles = [make(f"same{n}", write(1, 20), day=n) for n in range(4)] + [make("x", reword(write(1, 20), 6), day=2)]
    assert found(articles) == {
        ("same0", "same1", "identical"),
        ("same0", "same2", "identical"),
        ("same0", "same3", "identical"),
        ("same0", "x", "copy"),
    }


def test_window(make, write) -> None:
    """Seven days apart is compared, eight is not; a text that recurs hangs on the earliest of its window."""
    assert found([make("a", write(1), day=0), make("b", write(1), day=7)]) == {("a", "b", "identical")}
    assert found([make("a", write(1), day=0), make("b", write(1), day=8)]) == set()
    weekly = [make(f"d{day:02}", write(1), day=day) for day in range(0, 20, 5)]
    assert found(weekly) == {("d00", "d05", "identical"), ("d05", "d10", "identical"), ("d10", "d15", "identical")}


@pytest.mark.slow
def test_days_add_up(make, write, reword) -> None:
    """All matches are the last words of the single dates, each found with the articles of its eight days only."""
    speech = " ".join(f"speech{n}" for n in range(100)) + "."
    articles = [make(f"n{n}", reword(write(n % 4, 16), 6, seed=n), day=n % 11) for n in range(24)]
    articles += [make(f"s{n}", write(20 + n, 6) + f"\n{speech}", day=n) for n in range(3)]
    articles += [make("quoting", write(30, 6) + f"\n“{speech}”", day=5)]
    words = {}
    for day in sorted({article.date for article in articles}):
        near = [article for article in articles if day - timedelta(days=7) <= article.date <= day]
        words |= {(match.left_id, match.right_id): match for match in find_matches(near, date=day)}
        assert find_matches(near, date=day) == find_matches(articles, date=day)
    standing = [match for match in words.values() if match.relation != "withdrawn"]
    assert sorted(standing, key=repr) == sorted(find_matches(articles), key=repr)
    assert standing
    assert len(words) == len(standing) + 3


def test_errors(make, write) -> None:
    """An article twice, or half of the dates missing, is said so."""
    with pytest.raises(DuplicateIdError, match="two articles have the id 'a'"):
        find_matches([make("a", write(1)), make("a", write(2))])
    with pytest.raises(MixedDatesError, match="'b' has no date"):
        find_matches([make("a", write(1), day=0), make("b", write(2))])


def test_nothing(make) -> None:
    """No articles, one article, no words: no matches."""
    assert find_matches([]) == []
    assert find_matches([make("a", "one two three four")]) == []
    assert find_matches([make("a", ""), make("b", "")]) == []


def test_progress(make, write) -> None:
    """The stages report themselves."""
    heard: list[tuple[str, int, int]] = []
    find_matches([make(f"n{n}", write(0) + str(n)) for n in range(3)], progress=lambda *said: heard.append(said))
    assert {stage for stage, _, _ in heard} == {"read", "verify"}


def world(seed: int, write, reword) -> list[ArticleText]:
    """Some families of copies over ten days, a few publishers, a few verbatim copies, some undated moments."""
    draw = random.Random(seed)
    articles = []
    for number in range(18):
        family = draw.randrange(5)
        text = write(family, 12)
        text = draw.choice(
            [text, reword(text, draw.choice((4, 6, 9)), seed=number), text + "\n" + write(number + 50, 4)]
        )
        day = draw.randrange(10)
        article = ArticleText(id=f"{draw.randrange(10**6):06}-{number}", text=text, publisher=f"p{draw.randrange(6)}")
        articles.append(dated(article, day, draw.random() < 0.8))
    return articles


def dated(article: ArticleText, day: int, timed: bool) -> ArticleText:
    from dataclasses import replace
    from datetime import UTC, date, datetime

    when = date(2026, 11, 1) + timedelta(days=day)
    at = datetime(when.year, when.month, when.day, 12, tzinfo=UTC) if timed else None
    return replace(article, date=when, published_at=at)


def nodes(articles) -> list[ArticleNode]:
    return [
        ArticleNode(
            id=a.id, date=a.date, published_at=a.published_at, publisher=a.publisher, word_count=len(a.text.split())
        )
        for a in articles
    ]


SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@SLOW
@given(seed=st.integers(0, 10**6), order=st.randoms(use_true_random=False))
def test_order_of_input_is_irrelevant(write, reword, seed: int, order: random.Random) -> None:
    """Any order of arrival gives the same matches and the same clusters."""
    articles = world(seed, write, reword)
    matches = find_matches(articles)
    shuffled = articles.copy()
    order.shuffle(shuffled)
    assert matches == find_matches(shuffled)
    mixed = matches.copy()
    order.shuffle(mixed)
    assert group(nodes(articles), matches) == group(nodes(shuffled), mixed)


@pytest.mark.slow
@SLOW
@given(seed=st.integers(0, 10**6))
def test_far_articles_change_nothing(write, reword, seed: int) -> None:
    """Articles more than seven days away from all others leave matches and clusters as they were."""
    articles = world(seed, write, reword)
    far = [
        dated(ArticleText(id=f"far{n}", text=a.text, publisher=a.publisher), 40, True) for n, a in enumerate(articles)
    ]
    matches = find_matches(articles)
    with_far = find_matches([*articles, *far])
    assert matches == [match for match in with_far if not match.left_id.startswith("far")]
    rows = group(nodes([*articles, *far]), with_far)
    assert group(nodes(articles), matches) == [row for row in rows if not row.article_id.startswith("far")]


@SLOW
@given(seed=st.integers(0, 10**6))
def test_matches_are_well_formed(write, reword, seed: int) -> None:
    """Left before right, sorted, each pair once, all numbers in their ranges."""
    articles = {article.id: article for article in world(seed, write, reword)}
    matches = find_matches(list(articles.values()))
    keys = [(in_order(articles[match.left_id]), in_order(articles[match.right_id])) for match in matches]
    assert keys == sorted(set(keys))
    for match, (left, right) in zip(matches, keys, strict=True):
        assert left < right
        assert (right[0] - left[0]).days <= 7
        assert all(0 <= value <= 1 for value in (match.score, match.jaccard, match.probability, match.ordered_share))
        for passage in match.passages:
            assert 0 <= passage.left_start < passage.left_end <= len(articles[match.left_id].text)
            assert 0 <= passage.right_start < passage.right_end <= len(articles[match.right_id].text)


ALPHABETS = {
    "chinese": ("", [chr(code) for code in range(0x4E00, 0x4E00 + 900)], "。"),
    "japanese": ("", [chr(code) for code in [*range(0x3042, 0x3094), *range(0x5B50, 0x5B50 + 300)]], "。"),
    "thai": ("", [chr(code) + mark for code in range(0x0E01, 0x0E2E) for mark in ("", "ั", "ี", "า", "ู")], " "),
    "arabic": (" ", [a + b + c for a in "بتجحد" for b in "رسشصع" for c in ("ال", "ين", "ون", "ات", "وم", "يف")], "."),
    "russian": (" ", [a + b + c for a in "бвгджз" for b in "аеиоу" for c in ("ком", "лен", "рад", "тив", "сть")], "."),
}


@pytest.mark.parametrize("script", ALPHABETS)
def test_scripts(make, script: str) -> None:
    """A copy with one word in ten replaced is found in every script, and two texts of one vocabulary stay apart."""
    gap, letters, stop = ALPHABETS[script]

    def text(seed: int) -> list[list[str]]:
        draw = random.Random(seed)
        return [draw.choices(letters, k=20) for _ in range(15)]

    def told(sentences: list[list[str]]) -> str:
        return "\n".join(gap.join(sentence) + stop for sentence in sentences)

    draw = random.Random(9)
    copy = [[draw.choice(letters) if draw.random() < 0.1 else word for word in sentence] for sentence in text(1)]
    assert found([make("a", told(text(1))), make("b", told(copy)), make("c", told(text(2)))]) == {("a", "b", "copy")}


def test_a_hundred_reworded_copies(make, write, reword) -> None:
    """Every copy is found, also beyond the cap on postings, and they are one cluster."""
    articles = [make(f"n{n:03}", reword(write(1, 10), 8, seed=n)) for n in range(100)]
    matches = find_matches(articles)
    assert {name for match in matches for name in (match.left_id, match.right_id)} == {a.id for a in articles}
    assert {row.cluster_id for row in group(nodes(articles), matches)} == {"n000"}


def test_hostile_texts(make, write) -> None:
    """One word a hundred thousand times, one endless line, one text of marks: slow is wrong, and so is a crash."""
    texts = [
        "spam " * 100_000,
        "spam " * 99_000 + "end.",
        "x" * 300_000,
        "'\"“" * 50_000,
        write(1, 4000),
        write(1, 4000) + " z.",
    ]
    assert ("n4", "n5", "near_duplicate") in found([make(f"n{n}", text) for n, text in enumerate(texts)])


@pytest.mark.parametrize(
    "quote",
    [
        pytest.param(lambda lines: "“" + "”\n“".join(lines) + "”", id="each-paragraph-in-marks"),
        pytest.param(lambda lines: "\n".join(f"«{line}" for line in lines), id="a-mark-opens-each-paragraph"),
        pytest.param(
            lambda lines: "\n".join(f'"{line}"\nIs that so? I doubt it.' for line in lines), id="piece-by-piece"
        ),
    ],
)
def test_a_letter_that_quotes_a_report_in_full(make, write, reword, quote) -> None:
    """Kind 5: the report's reworded copies stay copies of each other, whoever prints it in quotation marks."""
    report = write(1, 18)
    letter = "Dear editors, this is what your paper printed last week.\n" + quote(report.split("\n"))
    articles = [make("a", report), make("b", reword(report, 8)), make("letter", letter)]
    assert ("a", "b", "copy") in found(articles)
