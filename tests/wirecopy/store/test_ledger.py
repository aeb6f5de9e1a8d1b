"""ledger: logs that only grow, and the state of an entry that follows from its rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.wirecopy.builders import DAY, NOW, RUN, an_entry, at, footprint, name
from wirecopy.schedule import Interval
from wirecopy.store.files.schema import OUTCOMES, POLLS
from wirecopy.store.ledger import (
    TRIES,
    append_log,
    booked_fetches,
    committed_parts,
    documents_with_leftovers,
    entry_states,
    live_polls,
    next_try,
    pending_entries,
    remembered,
    rows_of_plan,
)

KEY = an_entry().entry_key


def outcome(
    code: str = "http_5xx", when: float = 10, *, terminal: bool | None = None, **changes: Any
) -> dict[str, Any]:
    """A row of outcomes of the entry `wall`."""
    done = code in ("stored", "unchanged", "revised", "already_stored") if terminal is None else terminal
    plain = dict.fromkeys(OUTCOMES.names) | {
        "run_id": RUN.run_id,
        "attempt": f"attempt {when}",
        "part": "p.a.0.0",
        "mode": "live",
        "entry_key": KEY,
        "feed_id": "gazette",
        "code": code,
        "terminal": done,
        "counted": True,
        "tries": 1,
        "tried_at": at(when),
        "fields_hash": "h1",
        "entry": None if done else an_entry().to_json(),
        "next_try_at": None if done else at(when + 0.25),
        "interval_start": RUN.interval_start,
        "interval_end": RUN.interval_end,
    }
    return plain | changes


def poll(when: float = 10, **changes: Any) -> dict[str, Any]:
    """A row of polls."""
    plain = dict.fromkeys(POLLS.names) | {
        "run_id": RUN.run_id,
        "attempt": "a",
        "part": "p.a.0.0",
        "mode": "live",
        "feed_id": "gazette",
        "polled_at": at(when),
        "code": "ok",
        "fetch_id": name(f"document {when}"),
    }
    return plain | changes


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([outcome()], (False, 1, 0, "h1"), id="failed-once"),
        pytest.param([outcome(), outcome("timeout", 11, tries=2)], (False, 2, 0, "h1"), id="latest-row-counts"),
        pytest.param([outcome("timeout", 11, tries=2), outcome()], (False, 2, 0, "h1"), id="whatever-the-order"),
        pytest.param([outcome(), outcome("stored", 11, tries=2)], (True, 2, 1, "h1"), id="stored-at-last"),
        pytest.param([outcome("stored"), outcome("timeout", 11)], (True, 1, 1, "h1"), id="stored-before-all"),
        pytest.param([outcome("robots", terminal=True)], (True, 1, 0, "h1"), id="terminal-without-article"),
        pytest.param([outcome("stored"), outcome("revised", 11, fields_hash="h2")], (True, 1, 2, "h2"), id="refreshed"),
        pytest.param(
            [outcome("stored"), outcome("timeout", 11, fields_hash="h2")],
            (True, 1, 1, "h1"),
            id="failed-refresh-is-tried-again",
        ),
        pytest.param([outcome(tries=2), outcome(tries=1, attempt="b")], (False, 2, 0, "h1"), id="clock-stands-still"),
    ],
)
def test_entry_state(layout, rows, expected):
    """terminal, tries, successes and the hash of the fields that are known."""
    append_log(layout, "outcomes", DAY, rows)
    state = entry_states(layout, DAY, DAY)[KEY]
    assert (state.terminal, state.tries, state.successes, state.fields_hash) == expected


def test_states_over_dates(layout):
    """Rows of an entry on several dates are one history; what lies outside the dates is not known."""
    append_log(layout, "outcomes", at(0, 21).date(), [outcome(when=-10)])
    append_log(layout, "outcomes", DAY, [outcome("stored", 11)])
    assert entry_states(layout, at(0, 21).date(), DAY)[KEY].stored
    assert not entry_states(layout, at(0, 21).date(), at(0, 21).date())[KEY].stored
    assert entry_states(layout, DAY, DAY, ["another"]) == {}


@pytest.mark.parametrize(
    ("tries", "wait"),
    [(0, 15), (1, 15), (2, 60), (3, 360), (4, 1440), (5, None), (6, None)],
    ids=["uncounted", "first", "second", "third", "fourth", "exhausted", "once-more-by-a-past-run"],
)
def test_retry_schedule(tries, wait):
    """15 minutes, 1 h, 6 h, 24 h; five tries in all."""
    assert next_try(tries, at(10)) == (at(10) + timedelta(minutes=wait) if wait else None)
    assert TRIES == 5


def test_pending_entries(layout):
    """What did not end, with its latest entry, whether it waits or is exhausted; what ended is not among them."""
    rows = [
        outcome(entry_key="a", entry=an_entry(entry_key="a").to_json()),
        outcome(
            when=11, tries=5, next_try_at=None, entry_key="a", entry=an_entry(entry_key="a", title="New").to_json()
        ),
        outcome(entry_key="b", entry=an_entry(entry_key="b").to_json()),
        outcome("stored", 12, entry_key="b"),
    ]
    append_log(layout, "outcomes", DAY, rows)
    (found,) = pending_entries(layout, DAY, DAY, entry_states(layout, DAY, DAY))
    assert (found.entry.title, found.tries, found.next_try_at, found.first_tried_at) == ("New", 5, None, at(10))


def test_append_is_idempotent(layout):
    """A row is named by run, attempt, entry and capture: the same again adds nothing and writes nothing."""
    rows = [outcome(), outcome(fetch_id="f1"), outcome(attempt="b")]
    assert append_log(layout, "outcomes", DAY, rows) == 3
    before = footprint(layout)
    assert append_log(layout, "outcomes", DAY, [*rows, rows[0] | {"code": "other"}]) == 0
    assert footprint(layout) == before


@pytest.mark.parametrize(
    ("interval", "past", "first", "last"),
    [
        pytest.param((at(11, 23), at(12, 23)), False, "2026-09-24", "2026-11-24", id="live: sixty days"),
        pytest.param((at(0, 20), at(0, 21)), True, "2026-09-24", "2026-12-22", id="past: to 31 days after its end"),
        pytest.param(
            (at(-24 * 200), at(-24 * 199)), True, "2026-05-06", "2026-11-23", id="long ago: from its start to now"
        ),
    ],
)
def test_remembered(interval, past, first, last):
    """The ledger dates that say what is known before the fetch."""
    found = remembered(Interval(start=interval[0], end=interval[1]), now=NOW, past=past)
    assert tuple(map(str, found)) == (first, last)


def test_booked(layout):
    """Which captures and parts the logs name."""
    append_log(layout, "outcomes", DAY, [outcome(fetch_id="page"), outcome(when=11)])
    append_log(layout, "polls", DAY, [poll(fetch_id="document", part="other")])
    assert booked_fetches(layout, ["page", "document", "unknown"]) == {"page", "document"}
    assert booked_fetches(layout, []) == set()
    assert committed_parts(layout) == {"p.a.0.0", "other"}


def test_rows_of_plan(layout):
    """Rows of one plan, by the name of their part."""
    append_log(layout, "outcomes", DAY, [outcome(part="p.a.0.0"), outcome(part="pp.a.0.0", when=11)])
    assert rows_of_plan(layout, "outcomes", DAY, "p", ["part"]) == [{"part": "p.a.0.0"}]


@pytest.mark.parametrize(
    ("oldest", "newest", "expected"),
    [
        pytest.param(at(1), at(2), True, id="inside"),
        pytest.param(at(-30), at(40), True, id="around"),
        pytest.param(at(24), at(30), False, id="begins-at-the-end"),
        pytest.param(at(-9), at(0) - timedelta(microseconds=1), False, id="ends-before"),
        pytest.param(None, None, False, id="nothing-left"),
    ],
)
def test_documents_with_leftovers(layout, oldest, newest, expected):
    """Documents that may hold entries of the interval which the run that polled them left alone."""
    append_log(layout, "polls", DAY, [poll(oldest_left=oldest, newest_left=newest, fetch_id="d")])
    assert documents_with_leftovers(layout, Interval(start=at(0), end=at(24))) == ({"d"} if expected else set())


@pytest.mark.parametrize(
    ("mode", "start", "deferred", "read"),
    [
        pytest.param("past", at(0), 0, True, id="by-a-run-of-the-day"),
        pytest.param("past", at(-24), 0, False, id="of-another-day"),
        pytest.param("live", at(0), 0, False, id="by-a-live-run"),
        pytest.param("past", at(0), 1, False, id="not-to-its-end"),
    ],
)
def test_a_document_that_was_read_for_the_interval_has_no_leftovers(layout, mode, start, deferred, read):
    """A repeated run would read it in vain."""
    same = {"oldest_left": at(-30), "newest_left": at(40), "fetch_id": "d", "code": "ok"}
    by = {"mode": mode, "deferred": deferred, "interval_start": start, "interval_end": start + timedelta(hours=24)}
    append_log(layout, "polls", DAY, [poll(**same), poll(9, **same, **by)])
    assert documents_with_leftovers(layout, Interval(start=at(0), end=at(24))) == (set() if read else {"d"})


def test_live_polls_of_the_last_days(layout):
    """Live polls only, of dates from two days ago on."""
    append_log(layout, "polls", DAY, [poll(10), poll(11, mode="past")])
    append_log(layout, "polls", at(0, 19).date(), [poll(-60)])
    assert live_polls(layout, now=NOW) == {("gazette", at(10))}
