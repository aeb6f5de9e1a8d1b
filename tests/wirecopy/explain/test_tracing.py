"""trace: any text among the stored ones, as dedupe would have found it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dedupe.matching.matching import find_matches
from dedupe.params import DEFAULTS
from dedupe.records import ArticleText
from demo.newsroom.site import Site
from demo.newsroom.world import load_world
from tests.wirecopy.builders import at, capture, commit, name
from wirecopy.errors import UsageError
from wirecopy.explain.clusterview import facing
from wirecopy.explain.tracing import GIVEN, GivenText, trace
from wirecopy.pages.selfcontained import cluster_page
from wirecopy.store.copies import sketching
from wirecopy.store.files.layout import Layout

ANCHOR = datetime(2026, 11, 25, tzinfo=UTC)
OLDER = 9  # days between an article and a copy of it that no window holds with it
AFTER = timedelta(days=7)


@pytest.fixture(scope="module")
def newsroom() -> list[ArticleText]:
    """Every article of the demo newsroom, dated, and one of them once more in October."""
    world = load_world()
    articles = [
        ArticleText(
            id=name(one.url),
            text="\n".join(world.articles[one.slug].versions[0].paragraphs),
            publisher=one.publisher,
            published_at=one.published_at,
            date=one.published_at.date(),
        )
        for one in Site(world=world, anchor=ANCHOR, port=80).truth()
        if one.ends == "article" and one.published_at
    ]
    long_ago = articles[0].published_at - timedelta(days=OLDER)
    return [*articles, replace(articles[0], id=name("older"), published_at=long_ago, date=long_ago.date())]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, newsroom: list[ArticleText]) -> Layout:
    """A store of them, with sketches."""
    layout = Layout(tmp_path_factory.mktemp("traced")).make()
    rows = []
    for one in newsroom:
        row = capture(one.id, one.text, at(10), published_at=one.published_at, publisher=one.publisher)
        rows.append(row | {"article_id": one.id, "text": one.text, "content_hash": name(one.text)})
    commit(layout, *rows)
    for day in layout.dates("articles"):
        sketching.current_sketches(layout, day, DEFAULTS)
    return layout


def cut(text: str) -> str:
    """Without its first words: else it is one unit with the stored article."""
    return " ".join(text.split(" ")[4:])


@pytest.mark.slow
def test_it_finds_what_dedupe_would_have_found(store: Layout, newsroom: list[ArticleText]):
    """Of a text as an article of the last day: the same matches with the same scores, and every verbatim copy."""
    last = max(one.date for one in newsroom if one.date)
    window = [one for one in newsroom if one.date and one.date >= last - AFTER]
    seen = 0
    for one in window[::7]:
        asked = ArticleText(id=GIVEN, text=cut(one.text), date=last)
        matches = [
            facing(m, GIVEN) for m in find_matches([*window, asked], date=last) if GIVEN in (m.left_id, m.right_id)
        ]
        expected = {match.right_id: match for match in matches}
        found = {t.article.id: t.match for t in trace(store, GivenText(text=asked.text), first=last - AFTER).articles}
        assert {name: found.get(name) for name in expected} == expected
        heads = {expected[name].score for name in expected}
        assert {match.score for match in found.values()} <= heads  # what is more are verbatim copies of these
        seen += len(expected)
    assert seen > 15


def test_any_range_of_dates(store: Layout, newsroom: list[ArticleText]):
    """Without dates all are looked through, also those that no window holds together; with dates only these."""
    given = GivenText(text=newsroom[0].text, published_at=newsroom[0].published_at)
    everywhere = {one.article.id for one in trace(store, given).copies}
    assert {name("older"), newsroom[0].id} <= everywhere
    recent = trace(store, given, first=newsroom[0].date)
    assert {one.article.id for one in recent.copies} == everywhere - {name("older")}
    assert trace(store, given, last=date(2026, 1, 1)).looked_through == 0


def test_delays_count_from_the_release_or_the_first_copy(store: Layout, newsroom: list[ArticleText]):
    """A release has an instant of its own, which may be given."""
    released = newsroom[0].published_at - timedelta(minutes=90)
    given = GivenText(text=newsroom[0].text, published_at=released)
    assert {one.article.id: one.delay for one in trace(store, given).copies}[newsroom[0].id] == timedelta(minutes=90)
    bare = trace(store, replace(given, published_at=None))
    assert bare.copies[0].delay == timedelta(0)
    assert bare.copies[0].article.id == name("older")


def test_passages_say_the_words_that_they_name(store: Layout, newsroom: list[ArticleText]):
    """Offsets of both sides, the given text on the left."""
    given = GivenText(text="Weather first. " + cut(newsroom[0].text))
    for one in trace(store, given).copies:
        passage = one.match.passages[0]
        left = given.text[passage.left_start : passage.left_end]
        right = one.article.text[passage.right_start : passage.right_end]
        assert len(left.split()) > 3
        assert left.split()[0].casefold() == right.split()[0].casefold()


def test_dates_without_sketches_are_read(tmp_path, newsroom: list[ArticleText]):
    """What has just been committed is found too, and a remark says why it took longer; nothing is written."""
    layout = Layout(tmp_path).make()
    commit(layout, capture("wall", published_at=at(9)) | {"text": newsroom[0].text})
    found = trace(layout, GivenText(text=newsroom[0].text))
    assert [one.match.relation for one in found.copies] == ["identical"]
    assert "wirecopy rededup" in found.remarks[0]
    assert layout.dates("sketches") == []


def test_too_few_words_are_refused(store: Layout):
    """A headline has no copies that could be told from chance."""
    with pytest.raises(UsageError, match="fewer than 12 words"):
        trace(store, GivenText(text="Port closed after storm", name="note.txt"))


def test_the_page_shows_the_given_text_first(store: Layout, newsroom: list[ArticleText]):
    """And each copy beside it."""
    found = trace(store, GivenText(text=cut(newsroom[0].text), name="release.txt"))
    page = cluster_page(found.view())
    assert "release.txt is the text that was given" in page.replace("\u2068", "").replace("\u2069", "")
    assert found.copies
    assert all(f"copy-{one.article.id}" in page for one in found.copies)
