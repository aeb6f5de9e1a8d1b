"""homes: which dates may hold an article. A cache of the files of articles that notices whatever happens to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.wirecopy.builders import at, capture, commit, name
from wirecopy.store.articles import homes
from wirecopy.store.articles.homes import DATABASE, homes_of
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition, replace_partition

DAYS = [date(2026, 11, day) for day in (18, 19, 20)]


@pytest.fixture
def filled(layout: Layout) -> Layout:
    """Two articles on each of three dates."""
    commit(layout, *(capture(f"{slug}-{day.day}", published_at=at(9, day.day)) for day in DAYS for slug in "ab"))
    return layout


def article(slug: str) -> str:
    """The id of the article on the page *slug*."""
    return name(f"https://gazette.example/{slug}")


def known(layout: Layout, *slugs: str) -> list[date]:
    with homes_of(layout) as found:
        return found.dates_of([article(slug) for slug in slugs], [])


def reads(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The dates whose ids are read from now on."""
    seen: list[date] = []

    def spy(layout: Layout, table: str, day: date, columns: list[str] | None = None):
        if columns == ["article_id", "url"]:
            seen.append(day)
        return read_partition(layout, table, day, columns)

    monkeypatch.setattr(homes, "read_partition", spy)
    return seen


def test_each_article_is_where_it_is(filled):
    """By id and by address; an unknown one is nowhere."""
    for day in DAYS:
        assert known(filled, f"a-{day.day}") == [day]
        url = read_partition(filled, "articles", day)["url"][0].as_py()
        with homes_of(filled) as found:
            assert found.dates_of([], [url]) == [day]
    assert known(filled, "nowhere") == []
    assert known(filled, *(f"a-{day.day}" for day in DAYS)) == DAYS


def test_only_dates_that_changed_are_read(filled, monkeypatch):
    """A commit reads those that the last one wrote, and those where one of its own articles is; no other."""
    commit(filled, capture("c-20", published_at=at(9, 20)))
    seen = reads(monkeypatch)
    commit(filled, capture("d-20", published_at=at(9, 20)))
    assert seen == [DAYS[2]]
    seen.clear()
    commit(filled, capture("a-18", "another text", published_at=at(9, 18)))
    assert sorted(seen) == [DAYS[0], DAYS[2]]


def _cut(layout: Layout) -> None:
    path = layout.state / DATABASE
    with layout.files.replacing(path) as staged:
        staged.write_bytes(b"SQLite format 3\0 and no more")


def _lost(layout: Layout) -> None:
    layout.files.remove(layout.state / DATABASE)


def _a_folder_in_its_place(layout: Layout) -> None:
    layout.files.remove(layout.state / DATABASE)
    layout.files.make(layout.state / DATABASE)


@pytest.mark.parametrize("damage", [_cut, _lost, _a_folder_in_its_place])
def test_it_is_lost_without_harm(filled, damage: Callable[[Layout], None]):
    """The commit goes on, and finds what is stored."""
    assert known(filled, "a-18") == [DAYS[0]]
    damage(filled)
    done = commit(filled, capture("a-18", published_at=at(9, 18)))
    assert [one.code for one in done.placements] == ["already_stored"]
    assert known(filled, "a-18") == [DAYS[0]]


def test_a_file_that_somebody_else_replaced_is_read_again(filled):
    """A restored backup, a takedown, a file moved away: what is there now counts."""
    rows = read_partition(filled, "articles", DAYS[1])
    assert known(filled, "a-19", "b-19") == [DAYS[1]]
    replace_partition(filled, "articles", DAYS[1], rows.slice(0, 1))
    left, gone = ("a-19", "b-19") if rows["article_id"][0].as_py() == article("a-19") else ("b-19", "a-19")
    assert (known(filled, left), known(filled, gone)) == ([DAYS[1]], [])
    filled.files.remove(filled.partition("articles", DAYS[1]))
    assert known(filled, left) == []
    replace_partition(filled, "articles", DAYS[1], rows)
    assert known(filled, gone) == [DAYS[1]]


def test_a_long_store_is_learnt_over_several_commits(filled, monkeypatch):
    """Dates that are not yet known count as possible homes, and give their numbers."""
    filled.files.remove(filled.state / DATABASE)
    monkeypatch.setattr(homes, "READ_AT_ONCE", 1)
    with homes_of(filled) as found:
        assert found.dates_of([article("a-20")], []) == DAYS
        assert found.highest_seq() == 1
    assert known(filled, "a-20") == DAYS[0:1] + DAYS[2:]
    assert known(filled, "a-20") == DAYS[2:]


def test_numbers_of_commits(filled):
    """The highest in the files, also after the last one is gone."""
    commit(filled, capture("c-20", published_at=at(9, 20)))
    with homes_of(filled) as found:
        assert found.highest_seq() == 2
    filled.files.remove(filled.partition("articles", DAYS[2]))
    with homes_of(filled) as found:
        assert found.highest_seq() == 1
