"""derived and the dedupe step: what is out of date is read from the store, and clusters follow matches over dates."""

from __future__ import annotations

import resource
from datetime import date, timedelta
from pathlib import Path

import pytest

from dedupe import params
from dedupe.corpus import spool
from dedupe.params import Params
from tests.dedupe.conftest import invent
from tests.wirecopy.builders import BOTH, DAY, at, commit, content, footprint, name, story, use_store
from wirecopy.errors import StoreError
from wirecopy.steps import dedupe, deduping, settling
from wirecopy.store.copies import derived, sketching
from wirecopy.store.copies.derived import Links, component_of, out_of_date, window_of, write_clusters, write_matches
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.files.rows import to_table
from wirecopy.store.query.read import query

STORY = """The harbour council of Port Alden voted on Tuesday to raise the sea wall by two metres.
Engineers had warned that the old stones would not last another season, and that the lower town would flood first.
Fishermen at the quay said the work should have begun ten years ago, when the first cracks were found near the light.
The money comes from a levy on moorings that has been paid since spring, and from a loan that the province will carry.
Work begins in March and ends before the autumn tides; the road along the front stays closed to lorries until then."""
OTHER = """A choir from the hills won the national prize for a programme of shepherd songs and one lullaby.
The judges praised its clear diction and the courage to sing without a conductor in a hall that swallows every whisper.
Its founder, a retired postman, collected the tunes on his rounds and wrote them down by lamp light over thirty years.
Next month the singers travel abroad for the first time, by train, because two of them will not set foot in an aircraft.
A recording is planned for the summer, and the village has begun to rebuild its barn as a place for rehearsals."""
TODAY = at(12, 26)


@pytest.fixture
def layout(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The store that the step works on."""
    use_store(monkeypatch, layout)
    monkeypatch.setenv("WIRECOPY_NOW", TODAY.isoformat())
    return layout


def stale(layout: Layout) -> list[int]:
    """Days of November that are out of date."""
    return [day.day for day in out_of_date(layout, Params().hash, days=Params().window_days)]


def cluster_of(layout: Layout, slug: str) -> tuple[str, int]:
    """Role and size of the cluster of an article."""
    wanted = name(f"https://gazette.example/{slug}")
    (row,) = [row for row in content(layout, "clusters")["clusters"] if row["article_id"] == wanted]
    return row["role"], row["cluster_size"]


def content_of_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *rows: dict[str, object]) -> object:
    """What another store holds that gets all *rows* at once."""
    whole = Layout(tmp_path / "whole").make()
    commit(whole, *rows)
    use_store(monkeypatch, whole)
    dedupe()
    return content(whole)


@BOTH
def test_out_of_date_follows_the_window(layout):
    """An article of a date makes the seven dates after it out of date too, and no other."""
    commit(layout, *(story(f"p{day}", day, OTHER.replace("choir", f"choir{day}")) for day in (10, 17, 18, 26)))
    assert stale(layout) == [10, 17, 18, 26]
    assert dedupe()["dates"] == ["2026-11-10", "2026-11-17", "2026-11-18", "2026-11-26"]
    assert stale(layout) == []
    commit(layout, story("new", 10, STORY))
    assert stale(layout) == [10, 17]


def test_what_dedupe_does_not_read_makes_nothing_stale(layout):
    """A later capture of the same text, or another picture, is no reason to compute anew."""
    commit(layout, story("a", 22, STORY))
    dedupe()
    commit(layout, story("a", 22, STORY, seen=12) | {"image_url": "https://gazette.example/new.jpg"})
    assert stale(layout) == []


@BOTH
def test_again_keeps_every_byte(layout):
    """Computed once more, a date has the same files."""
    commit(layout, story("a", 21, STORY), story("b", 22, STORY))
    dedupe()
    files = {path: data for path, (data, _) in footprint(layout, "matches", "clusters", "sketches").items()}
    assert dedupe(first="2026-11-21", last="2026-11-22", again=True)["dates"] == ["2026-11-21", "2026-11-22"]
    assert {path: data for path, (data, _) in footprint(layout, "matches", "clusters", "sketches").items()} == files


@pytest.mark.parametrize(
    "order", [(18, 22, 26), (26, 22, 18), (22, 26, 18)], ids=["forward", "backward", "middle-first"]
)
def test_components_are_followed_over_dates(layout, tmp_path, monkeypatch, order):
    """A chain of copies four days apart: an older one that comes late renames the clusters of dates up to eight days
    on.
    """
    for day in order:
        commit(layout, story(f"p{day}", day, STORY))
        dedupe()
    rows = [story(f"p{day}", day, STORY) for day in order]
    assert content(layout) == content_of_one_run(tmp_path, monkeypatch, *rows)
    assert cluster_of(layout, "p18")[0] == "origin"


@BOTH
def test_a_text_that_changes_leaves_its_cluster(layout):
    """Members on other dates that a match named before are regrouped."""
    commit(layout, story("a", 21, STORY), story("b", 22, STORY))
    dedupe()
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("origin", 2), ("copy", 2))
    commit(layout, story("b", 22, OTHER, seen=11))
    dedupe()
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("alone", 1), ("alone", 1))


SPEECH = " ".join(f"promise{n} made{n} there{n}." for n in range(40))


def speeches(*days: int) -> list[dict[str, object]]:
    """Two independent reports with one speech without marks, and a third that shows it to be a quotation."""
    texts = (f"{SPEECH}\n{STORY}", f"{SPEECH}\n{OTHER}", invent(1) + f"\nHe said: “{SPEECH}”")
    return [story(slug, day, text) for slug, day, text in zip("abc", days, texts, strict=False)]


@BOTH
def test_a_later_report_takes_a_cluster_apart(layout):
    """The match stays in its file, the later date withdraws it; without the later report the two are one again."""
    commit(layout, *speeches(18, 20))
    dedupe()
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("origin", 2), ("copy", 2))
    commit(layout, *speeches(18, 20, 25)[2:])
    assert dedupe()["dates"] == ["2026-11-25"]
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("alone", 1), ("alone", 1))
    words = [(row["relation"], row["right_date"].day) for row in content(layout, "matches")["matches"]]
    assert sorted(words) == [("copy", 20), ("withdrawn", 20)]
    assert query(layout, "FROM matches_standing").num_rows == 0
    commit(layout, story("c", 25, invent(2), seen=11))
    dedupe()
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("origin", 2), ("copy", 2))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (2, 0, 1)], ids=["forward", "backward", "last-first"])
def test_later_words_in_any_order_of_arrival(layout, tmp_path, monkeypatch, order):
    """Whichever report comes last, the clusters are those of one run of everything."""
    rows = speeches(17, 20, 24)
    for number in order:
        commit(layout, rows[number])
        dedupe()
    assert content(layout) == content_of_one_run(tmp_path, monkeypatch, *rows)


class Crash(BaseException):
    """As good as a kill."""


def dedupe_and_crash(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """The process dies when it comes to a *place* of `derived`."""

    def crash(*_args: object, **_kwargs: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(derived, place, crash)
        with pytest.raises(Crash):
            dedupe()


@pytest.mark.parametrize("place", ["write_clusters", "write_matches"])
def test_a_crash_and_then_another_text(layout, monkeypatch, place):
    """The clusters of another date follow new matches, then the process dies; before the next run the match is gone.

    Nothing but matches(D) can then name the article of the other date: the new pairs have to stand there first.
    """
    commit(layout, story("a", 21, STORY), story("b", 22, OTHER))
    dedupe()
    commit(layout, story("b", 22, STORY, seen=11))

    dedupe_and_crash(monkeypatch, place)
    assert stale(layout) == [22]
    commit(layout, story("b", 22, OTHER + "\nA last word.", seen=12))
    dedupe()
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("alone", 1), ("alone", 1))


@pytest.mark.parametrize("place", ["write_clusters", "write_matches"])
def test_a_crash_while_a_match_is_withdrawn(layout, monkeypatch, place):
    """Clusters of earlier dates have come apart, then the process dies, and before the next run the report that did it
    tells something else: they come together again.
    """
    rows = speeches(18, 20, 25)
    commit(layout, *rows[:2])
    dedupe()
    commit(layout, rows[2])

    dedupe_and_crash(monkeypatch, place)
    assert cluster_of(layout, "a") == ("alone", 1)
    assert stale(layout) == [25]
    commit(layout, story("c", 25, invent(2), seen=12))
    dedupe()
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("origin", 2), ("copy", 2))


@pytest.mark.parametrize(
    ("module", "place"),
    [(settling, "_regroup"), (derived, "announce_matches")],
    ids=["before-any-file", "after-the-first-look"],
)
def test_articles_that_change_meanwhile(layout, monkeypatch, module, place):
    """Inputs are looked at again before files are replaced: a result of old inputs is discarded, and computed once
    more.
    """
    commit(layout, story("a", 21, STORY), story("b", 22, STORY))
    real = getattr(module, place)

    def meddle(*args: object) -> object:
        monkeypatch.setattr(module, place, real)
        commit(layout, story("c", 21, STORY))
        return real(*args)

    monkeypatch.setattr(module, place, meddle)
    dedupe()
    assert stale(layout) == []
    assert cluster_of(layout, "c")[1] == 3


@BOTH
def test_two_dedupes_at_once(layout, monkeypatch):
    """Whose lock was cut, and who works on, replaces nothing that the next holder has written meanwhile."""
    commit(layout, story("a", 21, STORY), story("b", 22, STORY))
    first, second = date(2026, 11, 21), date(2026, 11, 22)
    real = settling.group

    def meddle(*args: object) -> object:
        rows = real(*args)
        monkeypatch.setattr(settling, "group", real)
        assert deduping.compute_date(layout, first, Params())
        assert deduping.compute_date(layout, second, Params())
        return rows

    monkeypatch.setattr(settling, "group", meddle)
    assert deduping.compute_date(layout, first, Params()) is None
    assert (cluster_of(layout, "a"), cluster_of(layout, "b")) == (("origin", 2), ("copy", 2))


@BOTH
def test_a_text_that_changes_after_its_sketch(layout, monkeypatch):
    """Passages are places in the text: one that is no longer what was compared is noticed, and the date done again."""
    commit(layout, story("a", 22, STORY), story("b", 22, STORY))
    real = sketching.StoredTexts.__call__

    def meddle(self: object, ids: list[str]) -> list[str]:
        monkeypatch.setattr(sketching.StoredTexts, "__call__", real)
        commit(layout, story("b", 22, OTHER, seen=11))
        return real(self, ids)

    monkeypatch.setattr(sketching.StoredTexts, "__call__", meddle)
    assert dedupe()["matches"] == 0
    assert stale(layout) == []


def test_sketches_are_made_once_per_text(layout, monkeypatch):
    """A new article costs its own sketch, not those of its date; other parameters of sketches cost all."""
    commit(layout, story("a", 22, STORY), story("b", 22, STORY))
    dedupe()
    made: list[str] = []
    real = sketching.sketch_articles

    def count(articles: list[object], params: Params) -> object:
        made.extend(article.id for article in articles)
        return real(articles, params)

    monkeypatch.setattr(sketching, "sketch_articles", count)
    commit(layout, story("c", 22, OTHER), story("a", 22, STORY, seen=12))
    dedupe()
    assert made == [name("https://gazette.example/c")]
    sketching.current_sketches(layout, DAY, Params(minhash_seed=2))
    assert len(made) == 4


def test_large_windows_are_compared_on_disk(layout, monkeypatch):
    """With the same result; a disk without room is named, with what to do, and nothing stays on it."""
    commit(layout, story("a", 21, STORY), story("b", 22, STORY), story("c", 22, OTHER))
    dedupe()
    expected = content(layout, "matches", "clusters")
    monkeypatch.setattr(spool, "SPOOLED_FROM", 1)
    assert dedupe(first="2026-11-21", last="2026-11-22", again=True)["matches"] == 1
    assert content(layout, "matches", "clusters") == expected
    before, limits = footprint(layout), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"staging does not take .* Make room, and run again"):
            dedupe(first="2026-11-22", last="2026-11-22", again=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (footprint(layout), list(layout.staging.iterdir())) == (before, [])


def test_members_that_the_store_lost_are_left_out(layout):
    """A stale match may name an article that was forgotten."""
    commit(layout, story("a", 21, STORY), story("b", 22, STORY))
    dedupe()
    layout.partition("articles", date(2026, 11, 21)).unlink()
    dedupe()
    assert cluster_of(layout, "b") == ("alone", 1)


def test_component_of_links_each_once(layout):
    """From one end to the other, over dates, with each match once."""
    days = [DAY + timedelta(days=5 * number) for number in range(3)]
    for left, right in zip("ab", "bc", strict=True):
        number = "abc".index(right)
        row = {
            "left_id": left, "right_id": right, "left_date": days[number - 1], "right_date": days[number],
            "relation": "copy", "score": 0.5, "jaccard": 0.5, "probability": 0.9,
        }  # fmt: skip
        write_matches(layout, days[number], to_table("matches", [row]), inputs="x")
    members, links = component_of(Links(layout, days=7, replaced={}), {"b": days[1]})
    assert members == dict(zip("abc", days, strict=True))
    assert [(link.left_id, link.right_id) for link in links] == [("a", "b"), ("b", "c")]


def test_clusters_that_do_not_fit_their_matches_are_out_of_date(layout):
    """The footer of clusters(D) names the rows of matches(D) that it was grouped from."""
    commit(layout, story("a", 21, STORY), story("b", 22, STORY))
    dedupe()
    write_clusters(layout, date(2026, 11, 22), [], matches=to_table("matches", []))
    assert stale(layout) == [22]


def test_window():
    """A date and the seven before it."""
    assert [day.day for day in window_of(DAY, 7)] == [15, 16, 17, 18, 19, 20, 21, 22]


def test_other_rules_keep_the_sketches(layout, monkeypatch):
    """With another version of the rules every date is computed anew, and no text is read again."""
    commit(layout, story("a", 22, STORY), story("b", 22, OTHER))
    dedupe()
    monkeypatch.setattr(params, "ALGORITHM_VERSION", params.ALGORITHM_VERSION + 1)
    assert stale(layout) == [22]
    files = footprint(layout, "sketches")
    dedupe()
    assert stale(layout) == []
    assert footprint(layout, "sketches") == files


def test_sketches_hold_what_a_later_probe_needs(layout):
    """One row per article, with the parameters' hash; datasketch loads the MinHash."""
    commit(layout, story("a", 22, STORY), story("b", 22, OTHER))
    dedupe()
    table = read_partition(layout, "sketches", DAY)
    assert table.num_rows == 2
    assert {len(row) for row in table["minhash"].to_pylist()} == {512}
    assert set(table["params_hash"].to_pylist()) == {Params().sketch_hash}


def test_the_head_of_verbatim_copies_is_the_earliest(layout):
    """Kind 10: of one date the earlier print is the left one, whatever its id, as where a file is compared."""
    slugs = sorted("abcdef", key=lambda slug: name(f"https://gazette.example/{slug}"))
    rows = [story(slug, 20, STORY) | {"published_at": at(18 - hour, 20)} for hour, slug in enumerate(slugs)]
    commit(layout, *rows)
    dedupe()
    (earliest,) = {row["left_id"] for row in content(layout, "matches")["matches"]}
    assert earliest == name(f"https://gazette.example/{slugs[-1]}")
