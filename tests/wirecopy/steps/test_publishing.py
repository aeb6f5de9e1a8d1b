"""publish: finished parts into the store; outcomes with their tries; a summary that adds up."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from ingest.records import FeedPull, Validators
from tests.wirecopy.builders import (
    DAY,
    HEADER,
    a_part,
    a_poll,
    an_article,
    an_entry,
    at,
    content,
    footprint,
    name,
    skipped,
    taken,
)
from wirecopy.errors import RunFailed
from wirecopy.steps import event_of, publish
from wirecopy.store.articles.numbers import watermark
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.journals import Journal
from wirecopy.store.staging.plans import read_plan, write_plan

PLAN = str(HEADER["plan"])
FEEDS = '[[feed]]\nid = "gazette"\nurl = "https://gazette.example/feed.xml"\n'


@pytest.fixture(autouse=True)
def desk(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The step works on *layout*, at noon."""
    (tmp_path / "feeds.toml").write_text(FEEDS)
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_FEEDS", str(tmp_path / "feeds.toml"))
    monkeypatch.setenv("WIRECOPY_NOW", at(12).isoformat())
    return monkeypatch


def table(layout: Layout, name: str, *columns: str) -> list[tuple]:
    """Rows of a log, sorted."""
    return sorted(pl.read_parquet(layout.store / name / "**/*.parquet").select(columns).rows(), key=str)


def pulled(*takes, **poll) -> FeedPull:
    return FeedPull(poll=a_poll(takes, **poll), taken=tuple(takes))


def test_summary_adds_up(layout):
    """entries + besides_feeds = outcomes + known + too_old + outside + repeated + deferred, and nothing is
    unaccounted.
    """
    wall, tram, pier = taken("wall"), taken("tram", skipped("robots", retryable=False)), taken("pier")
    a_part(layout, [
        pulled(wall, tram, entries=10, known=3, too_old=2, outside=1, repeated=1, deferred=1),
        FeedPull(poll=None, taken=(pier,)),
        pulled(feed_id="other", code="timeout", http_status=None),
    ])  # fmt: skip
    report = publish(run=HEADER, pulled=[{}])
    assert report["outcomes"] == {"robots": 1, "stored": 2}
    assert report["polls"] == {"ok": 1, "timeout": 1}
    seen = report["entries"].pop("entries") + report["entries"].pop("besides_feeds")
    assert (seen, seen) == (11, sum(report["outcomes"].values()) + sum(report["entries"].values()))
    assert (report["unaccounted"], report["unread"], report["dates"]) == (0, ["other (timeout)"], ["2026-11-22"])
    assert event_of(report) == {name: report[name] for name in ("run_id", "mode", "start", "end", "dates", "outcomes")}


def test_entries_that_nobody_counted_are_a_bug(layout):
    """A poll that showed more than its counts say, and two tries that the log takes for one."""
    a_part(layout, [pulled(taken("wall"), entries=3), FeedPull(poll=None, taken=(taken("pier"), taken("pier")))])
    assert publish(run=HEADER, pulled=[{}])["unaccounted"] == 3


def test_publishing_again_changes_nothing(layout):
    """A part that comes twice (a crash before it was forgotten): same bytes, same summary."""
    pulls = [pulled(taken("wall"), taken("shut", skipped()))]
    a_part(layout, pulls)
    first = publish(run=HEADER, pulled=[{}])
    before = footprint(layout)
    a_part(layout, pulls)
    again = publish(run=HEADER, pulled=[{}])
    assert footprint(layout) == before
    assert again | {"dates": first["dates"]} == first
    assert again["dates"] == []


def test_another_run_may_commit_our_parts(layout):
    """Two runs at once: whoever comes first commits all finished parts, and each still reports its own."""
    theirs = HEADER | {"plan": "q" * 32, "run_id": "other", "mode": "past"}
    a_part(layout, [pulled(taken("wall"))])
    a_part(layout, [pulled(taken("tram"), taken("pier", skipped("crashed")), code="http_5xx")], **theirs)
    ours = publish(run=HEADER, pulled=[{}])
    assert (ours["outcomes"], ours["crashed_pages"], ours["unread_feeds"]) == ({"stored": 1}, 0, 0)
    report = publish(run=theirs, pulled=[{}])
    assert (report["outcomes"], report["crashed"]) == ({"crashed": 1, "stored": 1}, ["https://gazette.example/pier"])
    assert report["unread"] == ["gazette (http_5xx)"]


def test_a_retried_shard_counts_a_feed_once(layout):
    """unread tells the last poll of each feed of the run."""
    a_part(layout, [pulled(code="timeout")])
    a_part(layout, [pulled(polled_at=at(10.1))], attempt="b" * 32)
    assert publish(run=HEADER, pulled=[{}])["unread_feeds"] == 0


@pytest.mark.parametrize(
    ("codes", "counted"),
    [
        pytest.param(["http_5xx"] * 3, False, id="host-down"),
        pytest.param(["timeout", "connect", "robots_unavailable"], False, id="host-down-in-many-ways"),
        pytest.param(["http_5xx"] * 2, True, id="too-few-pages-to-tell"),
        pytest.param(["http_5xx"] * 3 + ["stored"], True, id="one-page-came"),
        pytest.param(["http_5xx"] * 3 + ["http_4xx"], True, id="one-page-failed-by-itself"),
        pytest.param(["interrupted"], False, id="we-died"),
        pytest.param(["crashed"] * 4, True, id="pages-that-crash"),
    ],
)
def test_a_host_that_is_down_costs_no_try(layout, codes, counted):
    """All pages of a commit failed for the host's fault: the entries are tried again soon, and no try is counted."""
    takes = [taken(f"page-{n}", None if code == "stored" else skipped(code)) for n, code in enumerate(codes)]
    a_part(layout, [FeedPull(poll=None, taken=tuple(takes))])
    publish(run=HEADER, pulled=[{}])
    rows = [row for row in table(layout, "outcomes", "code", "counted", "tries", "terminal") if row[0] == codes[0]]
    assert set(rows) == {(code, counted, int(counted), False) for code in codes if code == codes[0]}


@pytest.mark.parametrize(("age", "minutes"), [(1, 15), (16, 120), (24 * 30, 24 * 60), (-3, 15), (None, 15)])
def test_uncounted_tries_slow_down(layout, age, minutes):
    """A host that is gone for good must not cost a row per entry every 15 minutes for ever."""
    published = None if age is None else at(10) - timedelta(hours=age)
    takes = [taken(f"page-{n}", skipped("connect"), published_at=published) for n in range(3)]
    a_part(layout, [FeedPull(poll=None, taken=tuple(takes))])
    publish(run=HEADER, pulled=[{}])
    assert {row[0] for row in table(layout, "outcomes", "next_try_at")} == {at(10) + timedelta(minutes=minutes)}


def test_tries_until_exhausted(layout):
    """15 min, 1 h, 6 h, 24 h; after the fifth try no further one is planned; once stored the entry is known."""
    when, waits = at(10), []
    for number in range(6):
        result = skipped("http_4xx") if number < 5 else None
        run = {"plan": f"{number}" * 32, "run_id": f"run {number}"}
        a_part(layout, [FeedPull(poll=None, taken=(taken("wall", result, when),))], **run)
        publish(run=HEADER | run, pulled=[{}])
        row = max(table(layout, "outcomes", "tries", "next_try_at", "terminal", "entry"))
        assert row[0] == number + 1
        assert (row[2], row[3] is None) == (number == 5, number == 5)
        waits.append((row[1] - when) / timedelta(minutes=1) if row[1] else None)
        when += timedelta(days=1)
    assert waits == [15, 60, 360, 1440, None, None]


@pytest.mark.parametrize(
    ("second", "code"),
    [
        pytest.param(an_article("wall", "A", at(11)), "unchanged", id="refreshed-and-the-same"),
        pytest.param(an_article("wall", "B", at(11)), "revised", id="refreshed-and-another-text"),
    ],
)
def test_codes_of_a_refresh(layout, second, code):
    """The second success of one entry."""
    a_part(layout, [pulled(taken("wall"))])
    publish(run=HEADER, pulled=[{}])
    a_part(layout, [FeedPull(poll=None, taken=(taken("wall", second, at(11)),))], 1)
    assert publish(run=HEADER, pulled=[{}])["outcomes"] == {"stored": 1, code: 1}


def test_the_same_page_by_another_entry(layout):
    """already_stored: a terminal row that names the article."""
    a_part(layout, [pulled(taken("wall"), taken("other", an_article("wall", "A", at(11))))])
    publish(run=HEADER, pulled=[{}])
    assert table(layout, "outcomes", "code", "terminal", "article_id") == [
        ("already_stored", True, name("https://gazette.example/wall")), ("stored", True, name("https://gazette.example/wall")),
    ]  # fmt: skip


def test_undated_articles(layout):
    """An article without a date lies on the day of its capture, and its entry is known."""
    a_part(layout, [pulled(taken("wall", an_article("wall", published_at=None), published_at=None))])
    assert publish(run=HEADER, pulled=[{}])["dates"] == [str(DAY)]


def feed_states(layout: Layout) -> dict:
    state = State.open(layout, None)
    try:
        return state.feeds()
    finally:
        state.close()


def test_feed_state_is_that_of_live_runs(layout):
    """A past run leaves entries in a document that a 304 would hide for ever: it stores no validators."""
    fresh = Validators(etag="x")
    a_part(layout, [pulled(validators=fresh)], mode="past")
    publish(run=HEADER | {"mode": "past"}, pulled=[{}])
    assert feed_states(layout) == {}
    a_part(layout, [pulled(validators=fresh), pulled(feed_id="left-the-list")], 1)
    publish(run=HEADER, pulled=[{}])
    assert {name: state.validators for name, state in feed_states(layout).items()} == {"gazette": fresh}


def test_an_old_part_does_not_turn_feed_state_back(layout):
    """What a killed run left is committed late: its poll is older than what is known, and a failure is counted once."""
    a_part(layout, [pulled(polled_at=at(11), validators=Validators(etag="new"))])
    publish(run=HEADER, pulled=[{}])
    for _ in range(2):
        a_part(layout, [pulled(polled_at=at(10), validators=Validators(etag="old"))], 1)
        publish(run=HEADER, pulled=[{}])
    assert feed_states(layout)["gazette"].validators.etag == "new"
    for _ in range(2):
        a_part(layout, [pulled(polled_at=at(12), code="timeout")], 2)
        publish(run=HEADER, pulled=[{}])
    assert feed_states(layout)["gazette"].failures == 1


def dead_attempt(layout: Layout, *steps) -> None:
    """The journal of an attempt that was stopped after *steps*."""
    with suppress(KeyboardInterrupt), Journal(layout, PLAN, "d" * 32, 0, HEADER) as journal:
        for step, *arguments in steps:
            getattr(journal, step)(*arguments)
        raise KeyboardInterrupt


def test_dead_attempts_are_booked(layout):
    """What no part holds goes to the retry queue: the page in work as a try, the others as none; once."""
    wall, tram, pier = an_entry("wall"), an_entry("tram"), an_entry("pier")
    a_part(layout, [pulled(taken("pier"))])
    dead_attempt(layout, ("took", wall), ("took", tram), ("took", pier), ("opened", wall))
    write_plan(layout, PLAN, [])
    report = publish(run=HEADER, pulled=[])
    assert report["outcomes"] == {"crashed": 1, "interrupted": 1, "stored": 1}
    assert report["crashed"] == [wall.link]
    assert report["shards"] - report["shards_done"] == 1
    assert table(layout, "outcomes", "code", "tries", "next_try_at") == [
        ("crashed", 1, at(12.25)), ("interrupted", 0, at(12)), ("stored", 1, None),
    ]  # fmt: skip
    assert read_plan(layout, PLAN, 0) == []  # kept: somebody may clear the failed shard
    again = publish(run=HEADER, pulled=[{}])
    assert again["outcomes"] == report["outcomes"]
    assert [path.name for path in layout.staging.iterdir()] == []


def test_a_crash_on_a_page_of_raw_books_its_capture(layout):
    """Else every later past run would take the same page from raw/ and die of it."""
    dead_attempt(layout, ("opened", an_entry("wall"), "f" * 32))
    publish(run=HEADER, pulled=[])
    assert table(layout, "outcomes", "code", "fetch_id") == [("crashed", "f" * 32)]


def test_an_unreadable_part_is_told(layout):
    """The others are committed, and the report says that one was set aside."""
    a_part(layout, [pulled(taken("wall"))]).write_bytes(b"no gzip")
    a_part(layout, [pulled(taken("tram"))], 1)
    report = publish(run=HEADER, pulled=[{}])
    assert (report["set_aside"], report["outcomes"]) == (1, {"stored": 1})


def test_many_entries_are_committed_in_batches(layout, monkeypatch):
    """Memory is bounded: a commit holds about BATCH entries."""
    monkeypatch.setattr("wirecopy.steps.committing.BATCH", 2)
    for number in range(5):
        a_part(layout, [FeedPull(poll=None, taken=(taken(f"page-{number}"),))], number)
    assert publish(run=HEADER, pulled=[{}])["outcomes"] == {"stored": 5}
    assert watermark(layout) == 3
    assert len(content(layout)["articles"]) == 5


def test_a_run_that_finds_less_deletes_nothing(layout):
    """A later run of the same interval with a feed that shows nothing."""
    a_part(layout, [pulled(taken("wall"))])
    publish(run=HEADER, pulled=[{}])
    before = footprint(layout, "articles", "revisions", "outcomes")
    later = HEADER | {"plan": "z" * 32, "run_id": "again"}
    a_part(layout, [pulled()], **later)
    assert publish(run=later, pulled=[{}])["outcomes"] == {}
    assert footprint(layout, "articles", "revisions", "outcomes") == before


def test_without_a_plan():
    """plan failed: nothing to publish, and the message says so."""
    with pytest.raises(RunFailed, match="plan failed"):
        publish(run=None)
