"""state: what is remembered of feeds and hosts, by several processes at once."""

from __future__ import annotations

import itertools
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.records import Poll, PollRequest, Validators
from tests.wirecopy import children
from tests.wirecopy.builders import at
from tests.wirecopy.children import SPAWN
from wirecopy.errors import SettingsError, StateUnreachable
from wirecopy.store.feeds.feedstate import FeedCapture, FeedState, confirmed
from wirecopy.store.feeds.places import HistoryDocument, Place, Places
from wirecopy.store.feeds.state import State


@pytest.fixture
def state(layout):
    opened = State.open(layout, None)
    yield opened
    opened.close()


FULL = FeedState(
    feed_id="gazette",
    validators=Validators(etag='"x"', last_modified="Sun, 22 Nov 2026", body_hash="b"),
    failures=2,
    last_code="timeout",
    last_detail="no whole answer",
    last_polled_at=at(10),
    last_success_at=at(9),
    last_full_at=at(8),
    next_due=at(11),
    penalty=1.75,
    pace=2.5,
    gone_since=at(7),
    moved_to="https://new.example/f",
    moved_from="https://old.example/f",
    moved_since=at(6),
    moved_same=True,
    asked=PollRequest(pause=timedelta(minutes=40), quiet_hours=frozenset({0, 23}), quiet_days=frozenset({6})),
)


def test_round_trip(state):
    """A feed's state comes back as it was, and a later one replaces it."""
    state.save_feeds([FULL, FeedState(feed_id="other")])
    assert state.feeds() == {"gazette": FULL, "other": FeedState(feed_id="other")}
    state.save_feeds([FeedState(feed_id="gazette")])
    assert state.feeds()["gazette"] == FeedState(feed_id="gazette")


def test_a_database_of_an_earlier_version(layout, state):
    """It gets the columns that it lacks, and its feeds keep what was known of them."""
    state.save_feeds([FULL])
    new = ("penalty", "pace", "gone_since", "moved_to", "moved_from", "moved_since", "moved_same", "asked")
    with state.engine.begin() as connection:
        for column in new:
            connection.exec_driver_sql(f"ALTER TABLE feed_state DROP COLUMN {column}")
    plain = FeedState(feed_id="gazette")
    with closing(State.open(layout, None)) as later:
        assert later.feeds() == {"gazette": replace(FULL, **{name: getattr(plain, name) for name in new})}
        later.save_feeds([FULL])
        assert later.feeds() == {"gazette": FULL}


def test_postgresql(layout, postgresql):
    """The same on a real PostgreSQL: states, a table of an earlier version, and the gate."""
    with closing(State.open(layout, postgresql)) as state:
        state.save_feeds([FULL, FeedState(feed_id="other")])
        with state.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE feed_state DROP COLUMN penalty, DROP COLUMN asked")
    with closing(State.open(layout, postgresql)) as state:
        expected = replace(FULL, penalty=0.0, asked=None)
        assert state.feeds() == {"gazette": expected, "other": FeedState(feed_id="other")}
        state.save_feeds([FULL])
        assert state.feeds()["gazette"] == FULL
        waits = [state.acquire_slot("a.example", timedelta(seconds=5)).total_seconds() for _ in range(3)]
        assert waits == pytest.approx([0, 5, 10], abs=1)


def test_history_on_postgresql(layout, postgresql):
    """Places and documents of history, and shared documents from before their poll was kept, on a real PostgreSQL."""
    poll = Poll(feed_id="g", url="u", final_url="u", polled_at=at(9), code="ok", entries=3, oldest=at(1), newest=at(8))
    shared = FeedCapture(feed_id="g", fetch_id="f", raw_file="f.parquet", fetched_at=at(9))
    place = Place(feed_id="g", source="sitemap", url="u" * 3_000, checked_at=at(9), reaches=at(9).date())
    document = HistoryDocument(url="https://g.example/s.xml", fetch_id="f", raw_file="f.parquet", fetched_at=at(9))
    with closing(State.open(layout, postgresql)) as state, state.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE feed_captures DROP COLUMN poll")
    with closing(State.open(layout, postgresql)) as state, closing(State.open(layout, postgresql)) as other:
        for kept in (shared, replace(shared, poll=poll)):
            state.save_captures([kept])
            assert other.captures() == {"g": kept}
        for known in (place, replace(place, url=None, detail="none", rests_until=at(20))):
            Places(state).save([known, replace(known, source="wordpress")])
            assert Places(other).all()["g", "sitemap"] == known
        Places(state).save_documents([document])
        assert Places(other).document(document.url) == document
        Places(state).save_missing(document.url, at(10))
        assert Places(other).document(document.url) == replace(document, fetch_id="", raw_file="", fetched_at=at(10))


def test_a_slot_that_comes_too_late_is_not_taken(state):
    """None, however often it is asked for; the next one who can wait has it."""
    second = timedelta(seconds=1)
    assert state.acquire_slot("slow.example", 30 * second, second) == timedelta()
    assert [state.acquire_slot("slow.example", 30 * second, 5 * second) for _ in range(4)] == [None] * 4
    assert state.acquire_slot("slow.example", 30 * second).total_seconds() == pytest.approx(30, abs=2)


def test_captures_round_trip(state):
    """The latest document of each feed."""
    older, newer = (
        FeedCapture(feed_id="g", fetch_id=f, raw_file=f"{f}.parquet", fetched_at=at(hour))
        for f, hour in (("a", 9), ("b", 10))
    )
    state.save_captures([older])
    state.save_captures([newer])
    assert state.captures() == {"g": newer}


@pytest.mark.parametrize(
    ("polls", "kept"),
    [
        pytest.param({("gazette", at(9))}, True, id="the-store-has-the-poll"),
        pytest.param({("gazette", at(8))}, False, id="restored-from-an-older-backup"),
        pytest.param({("other", at(9))}, False, id="another-feed"),
        pytest.param(set(), False, id="begun-anew"),
    ],
)
def test_validators_hold_while_the_store_has_their_poll(polls, kept):
    """Else a 304 would hide for ever what the store never saw, or lost: one full GET instead."""
    found = confirmed({"gazette": FULL}, polls)["gazette"]
    assert found.validators == (FULL.validators if kept else Validators())
    assert found.last_full_at == (FULL.last_full_at if kept else None)
    assert found.next_due == FULL.next_due


def test_host_gate(state):
    """Each call takes the next free slot of its host; other hosts do not wait."""
    waits = [state.acquire_slot("a.example", timedelta(seconds=2)).total_seconds() for _ in range(3)]
    assert waits == pytest.approx([0, 2, 4], abs=0.5)
    assert state.acquire_slot("b.example", timedelta(seconds=2)).total_seconds() < 0.5


@pytest.mark.slow
def test_one_gate_over_processes(layout):
    """Processes that make the database at the same moment and share a host get slots a gap apart."""
    gate, slots, count = SPAWN.Barrier(3), SPAWN.Queue(), 5
    processes = [SPAWN.Process(target=children.acquire_slot, args=(layout.root, gate, count, slots)) for _ in range(3)]
    for process in processes:
        process.start()
    found = sorted(slots.get(timeout=60) for _ in range(3 * count))
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    gaps = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert min(gaps) > 0.9


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        pytest.param(
            "postgresql+psycopg2://me:secret@127.0.0.1:1/news", StateUnreachable, "does not answer", id="down"
        ),
        pytest.param("sqlite:////nowhere/at/all.db", SettingsError, "WIRECOPY_STATE_URL", id="no-folder"),
        pytest.param("oracle-of-delphi://x/y", SettingsError, "WIRECOPY_STATE_URL", id="no-dialect"),
        pytest.param("nonsense", SettingsError, "is no database URL", id="no-url"),
    ],
)
def test_database_that_cannot_be_opened(layout, url, error, says):
    """A server that is down can be tried again, a wrong address cannot; the password is not shown."""
    with pytest.raises(error, match=says) as caught:
        State.open(layout, url)
    assert "secret" not in str(caught.value)
