"""commit: each article once over all dates; it adds and revises, and writes nothing when nothing changes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wirecopy.builders import BOTH, DAY, at, capture, commit, content, footprint, name
from wirecopy.errors import StoreConflict
from wirecopy.store.articles import commit as articles_commit
from wirecopy.store.articles.commit import DEDUPE_INPUTS, inputs_hash
from wirecopy.store.articles.numbers import watermark
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_footer, read_partition
from wirecopy.store.query.read import query


def ids(layout: Layout) -> list[str]:
    """article_ids of the whole store, as often as they stand there."""
    return sorted(
        row
        for day in layout.dates("articles")
        for row in read_partition(layout, "articles", day)["article_id"].to_pylist()
    )


def codes(*committed) -> list[str]:
    return [placements.code for one in committed for placements in one.placements]


@BOTH
def test_first_text_then_another_then_the_first_again(layout):
    """stored, revised, already_stored; revisions hold the other text, under the date of the article."""
    steps = [capture(text="A", seen=at(10)), capture(text="B", seen=at(11)), capture(text="A", seen=at(12))]
    done = [commit(layout, step) for step in steps]
    assert codes(*done) == ["stored", "revised", "already_stored"]
    assert [one.changed for one in done] == [(DAY,)] * 3
    assert content(layout)["articles"][0]["content_hash"] == name("text A")
    assert [row["content_hash"] for row in content(layout)["revisions"]] == [name("text B")]
    assert layout.dates("revisions") == [DAY]


@BOTH
def test_nothing_new_writes_nothing(layout):
    """The same captures again: same bytes, same mtime, no date changed."""
    rows = [
        capture(slug, text, at(hour)) for slug, text, hour in (("wall", "A", 10), ("wall", "B", 11), ("tram", "C", 10))
    ]
    commit(layout, *rows)
    before = footprint(layout)
    again = commit(layout, *reversed(rows), now=at(20, 25))
    assert (again.changed, set(codes(again))) == ((), {"already_stored"})
    assert footprint(layout) == before


@BOTH
def test_only_touched_dates_are_written(layout):
    """A commit replaces the files of the dates it changes, and leaves the others' bytes alone."""
    commit(layout, capture("wall"), capture("tram", published_at=at(9, 20)))
    before = footprint(layout)
    done = commit(layout, capture("tram", "B", at(11), published_at=at(9, 20)))
    after = footprint(layout)
    assert [str(day) for day in done.changed] == ["2026-11-20"]
    assert {path for path in after if after[path] != before.get(path)} == {
        "articles/date=2026-11-20/articles-2026-11-20.parquet",
        "revisions/date=2026-11-20/revisions-2026-11-20.parquet",
    }


@pytest.mark.parametrize(("first", "second"), [(22, 23), (23, 22)], ids=["earlier-first", "later-first"])
def test_midnight_claims_store_one_article(layout, first, second):
    """Two runs bring one page with dates on both sides of midnight: one article, on the day that came first."""
    commit(layout, capture("wall", "A", at(23.9), published_at=at(0, first)))
    done = commit(layout, capture("wall", "A", at(24.1), published_at=at(0, second)))
    assert len(ids(layout)) == 1
    assert [day.day for day in layout.dates("articles")] == [first]
    assert codes(done) == ["already_stored"]
    assert f"later: 2026-11-{second}" in content(layout)["articles"][0]["published_raw"]


@BOTH
def test_article_is_found_by_its_final_url(layout):
    """A page that changes its rel=canonical stays one article."""
    commit(layout, capture("wall", "A", at(10)))
    moved = capture("wall", "B", at(11), article_id=name("elsewhere"), canonical_url="https://gazette.example/sea-wall")
    done = commit(layout, moved)
    assert codes(done) == ["revised"]
    assert ids(layout) == [capture("wall")["article_id"]]
    assert content(layout)["articles"][0]["canonical_url"] == "https://gazette.example/sea-wall"


@BOTH
def test_one_final_url_in_one_commit(layout):
    """The same within one commit."""
    commit(layout, capture("wall", "A", at(10)), capture("wall", "B", at(11), article_id=name("elsewhere")))
    assert ids(layout) == [capture("wall")["article_id"]]


@BOTH
def test_two_urls_of_one_canonical_page(layout):
    """A page under two addresses is one article, by its canonical URL, in one commit and over two."""
    other = {"url": "https://gazette.example/amp/wall"}
    commit(layout, capture("wall", "A", at(10)), capture("wall", "A", at(11), **other))
    done = commit(layout, capture("wall", "A", at(12), **other))
    assert len(ids(layout)) == 1
    assert done.placements[0].article_id == capture("wall")["article_id"]


@BOTH
def test_undated_article_lies_on_the_day_of_its_first_capture(layout):
    """And stays there when it is captured on another day."""
    commit(layout, capture("wall", "A", at(10, 23), published_at=None))
    commit(
        layout, capture("wall", "B", at(10, 25), published_at=None), capture("wall", "C", at(10, 21), published_at=None)
    )
    assert [str(day) for day in layout.dates("articles")] == ["2026-11-23"]
    assert len(content(layout)["revisions"]) == 2


@BOTH
def test_undated_articles_sort_last(layout):
    """Order of a file: published_at with null last, then article_id."""
    undated = [capture(slug, seen=at(10), published_at=None) for slug in ("x", "y")]
    commit(layout, *undated, capture("late", published_at=at(11)), capture("early", published_at=at(8)))
    rows = read_partition(layout, "articles", DAY).to_pylist()
    assert [row["guid"] for row in rows[:2]] == ["early", "late"]
    assert [row["article_id"] for row in rows[2:]] == sorted(row["article_id"] for row in undated)


@BOTH
def test_empty_commit(layout):
    """No captures, no file."""
    assert commit(layout).changed == ()
    assert footprint(layout) == {}


@BOTH
def test_footer_says_what_dedupe_reads(layout):
    """The footer's hash is that of the columns as dedupe reads them from the file."""
    commit(layout, capture("wall"), capture("tram", agency="Meridian"))
    commit(layout, capture("tram", "B", at(11)))
    assert read_footer(layout, "articles", DAY)[DEDUPE_INPUTS] == inputs_hash(read_partition(layout, "articles", DAY))


def test_dates_of_an_unfinished_commit_count_as_changed(layout):
    """A crash after the articles and before the end: who commits the same again still hears of the date."""
    for _ in range(2):
        assert commit(layout, capture(), finished=False).changed == (DAY,)
    assert commit(layout, capture()).changed == (DAY,)
    assert [row["commit_seq"] for row in query(layout, "FROM changes(0)").to_pylist()] == [1]
    assert commit(layout, capture()).changed == ()


def changed_since(layout, since):
    """The guids that `changes(since)` gives."""
    return sorted(query(layout, f"SELECT guid FROM changes({since})")["guid"].to_pylist())


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.unlink(), id="lost"),
        pytest.param(lambda path: path.write_text('{"finis'), id="cut"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe"), id="no-text"),
        pytest.param(lambda path: path.write_text("[]"), id="other-json"),
        pytest.param(lambda path: path.write_text('{"finished": 1}'), id="of-a-backup"),
    ],
)
def test_a_commit_has_a_number_of_its_own_though_state_is_lost(layout, damage):
    """The store itself says the highest one: a reader who has seen up to 3 gets all that later commits bring."""
    for slug in ("a", "b", "c"):
        commit(layout, capture(slug))
    assert changed_since(layout, 2) == ["c"]
    damage(layout.state / "watermark.json")
    for slug in ("d", "e", "f"):
        commit(layout, capture(slug))
    assert changed_since(layout, 3) == ["d", "e", "f"]
    assert len(changed_since(layout, 0)) == 6


def test_state_that_is_lost_hides_nothing(layout):
    """Before the next commit, too."""
    commit(layout, capture("a"))
    (layout.state / "watermark.json").unlink()
    assert (watermark(layout), changed_since(layout, 0)) == (1, ["a"])


def test_revision_equal_to_the_current_text_is_dropped_at_the_next_merge(layout):
    """What a crash between revisions and articles leaves."""
    commit(layout, capture(text="A", seen=at(10)))
    articles = layout.partition("articles", DAY)
    old = articles.read_bytes()
    commit(layout, capture(text="B", seen=at(11)))
    articles.write_bytes(old)  # the crash: revisions are new, articles are not
    commit(layout, capture(text="A", seen=at(10)))
    assert (len(content(layout)["articles"]), content(layout)["revisions"]) == (1, [])


CAPTURES = st.lists(
    st.builds(
        lambda slug, text, hour, title: capture(
            slug,
            text,
            at(hour),
            title=title,
            published_at=at(9, 20 + "abc".index(slug)),
            fetch_id=name(f"{slug}{text}{hour}{title}"),
        ),
        st.sampled_from("abc"),
        st.sampled_from("XYZ"),
        st.integers(10, 13),
        st.sampled_from(["One", "Two"]),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CAPTURES, st.randoms(use_true_random=False), st.integers(1, 5))
def test_content_is_a_function_of_the_captures(tmp_path_factory, captures, random, size):
    """Any order, any grouping into commits, and repeats give equal content columns under equal dates."""
    whole, pieces = (Layout(tmp_path_factory.mktemp("store")).make() for _ in range(2))
    commit(whole, *captures)
    shuffled = captures + random.choices(captures, k=2)
    random.shuffle(shuffled)
    for start in range(0, len(shuffled), size):
        commit(pieces, *shuffled[start : start + size])
    assert content(pieces) == content(whole)
    assert len(set(ids(pieces))) == len(ids(pieces)) == len({row["article_id"] for row in captures})


def test_a_commit_that_lost_its_lock_overwrites_nothing(layout, monkeypatch):
    """Another one came between its reading and its writing: it ends, and what the other stored is there."""

    def slugs():
        return {row["url"].rpartition("/")[2] for row in content(layout)["articles"]}

    commit(layout, capture("wall"))
    merge, between = articles_commit.merge_article, iter([capture("tram")])

    def merge_late(*args):
        for row in between:
            articles_commit.commit_articles(layout, [row], now=at(12))
        return merge(*args)

    monkeypatch.setattr(articles_commit, "merge_article", merge_late)
    with pytest.raises(StoreConflict, match="articles-2026-11-22"):
        commit(layout, capture("bridge"))
    assert slugs() == {"wall", "tram"}
    commit(layout, capture("bridge"))
    assert slugs() == {"wall", "tram", "bridge"}
