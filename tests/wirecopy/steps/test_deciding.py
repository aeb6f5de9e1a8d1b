"""deciding, rhythm, verdict: rules of a run as pure functions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.wirecopy.builders import a_feed, an_entry, at
from wirecopy.errors import RunFailed
from wirecopy.runs.selection import EntrySelector, beginnings
from wirecopy.schedule import Interval
from wirecopy.steps import verdict
from wirecopy.store.feeds.feedstate import FeedState
from wirecopy.store.ledger import REFRESHES, EntryState

ENTRY = an_entry()
CHANGED = an_entry(title="Sea wall, corrected")
OLD = {"published_at": at(12, -9)}


def state(**changes: Any) -> EntryState:
    """A stored entry with the fields of ENTRY, tried two hours ago."""
    plain = {
        "terminal": True,
        "tries": 1,
        "tried_at": at(10),
        "next_try_at": None,
        "fields_hash": ENTRY.fields_hash,
        "successes": 1,
    }
    return EntryState(**{**plain, **changes})


PENDING = state(terminal=False, successes=0, next_try_at=at(10.25))


NEVER = FeedState(feed_id="gazette")
SINCE_NINE = FeedState(feed_id="gazette", first_success_at=at(9), last_success_at=at(11))
OF_OLD = FeedState(feed_id="gazette", last_success_at=at(11))


@pytest.mark.parametrize(
    ("own", "general", "state", "since"),
    [
        pytest.param(None, "all", None, None, id="all"),
        pytest.param(None, "new", None, at(12), id="new-never-seen"),
        pytest.param(None, "new", NEVER, at(12), id="new-never-read"),
        pytest.param(None, "new", SINCE_NINE, at(9), id="new-later"),
        pytest.param(None, "2h", SINCE_NINE, at(7), id="hours"),
        pytest.param("1h", "all", SINCE_NINE, at(8), id="own-before-general"),
        pytest.param("all", "new", SINCE_NINE, None, id="own-all"),
        pytest.param(None, "new", OF_OLD, None, id="feed-of-an-earlier-version"),
    ],
)
def test_where_a_feed_begins(own, general, state, since):
    """From its first poll for ever, so that the second poll takes nothing that the first one left."""
    feed = a_feed(id="gazette", first_poll=own)
    states = {"gazette": state} if state else {}
    assert beginnings([feed], states, first_poll=general, now=at(12)) == ({"gazette": since} if since else {})


@pytest.mark.parametrize(
    ("published", "expected"),
    [(at(9), "take"), (at(8.9), "too_old"), (None, "take"), (at(12, -9), "too_old")],
    ids=["at-the-beginning", "before", "undated", "beyond-max-age"],
)
def test_what_a_new_feed_brings(published, expected):
    """What is older than the feed's beginning is left alone, and counted; what has no date cannot be called old."""
    entry = an_entry(published_at=published)
    selector = EntrySelector(states={}, now=at(12), max_age=timedelta(days=30), since={entry.feed_id: at(9)})
    assert selector.select(entry) == expected


@pytest.mark.parametrize(
    ("entry", "known", "expected"),
    [
        pytest.param(ENTRY, None, "take", id="new"),
        pytest.param(an_entry(published_at=None), None, "take", id="new-undated"),
        pytest.param(an_entry(published_at=at(12, 24)), None, "take", id="new-ahead-of-time"),
        pytest.param(an_entry(**OLD), None, "too_old", id="too-old"),
        pytest.param(ENTRY, state(), "known", id="stored"),
        pytest.param(ENTRY, PENDING, "known", id="waits-in-the-retry-queue"),
        pytest.param(CHANGED, PENDING, "known", id="waits-and-changed"),
        pytest.param(CHANGED, state(successes=0), "known", id="terminal-without-article"),
        pytest.param(CHANGED, state(), "take", id="changed"),
        pytest.param(an_entry(title="New", **OLD), state(), "take", id="changed-though-old"),
        pytest.param(CHANGED, state(tried_at=at(11.5)), "deferred", id="changed-again-within-the-hour"),
        pytest.param(CHANGED, state(successes=REFRESHES), "take", id="last-refresh"),
        pytest.param(CHANGED, state(successes=REFRESHES + 1), "known", id="refreshed-too-often"),
    ],
)
def test_live(entry, known, expected):
    """Every entry not yet known that is not too old, and known ones whose fields changed: at most hourly, ten times."""
    selector = EntrySelector(states={entry.entry_key: known} if known else {}, now=at(12), max_age=timedelta(days=30))
    assert selector.select(entry) == expected


@pytest.mark.parametrize(
    ("entry", "known", "expected"),
    [
        pytest.param(ENTRY, None, "take", id="inside"),
        pytest.param(an_entry(published_at=at(0)), None, "take", id="at-the-start"),
        pytest.param(an_entry(published_at=at(24)), None, "outside", id="at-the-end"),
        pytest.param(an_entry(published_at=None), None, "outside", id="undated"),
        pytest.param(ENTRY, state(), "known", id="stored"),
        pytest.param(CHANGED, state(), "known", id="changed"),
        pytest.param(ENTRY, PENDING, "known", id="handed-over-by-the-plan"),
    ],
)
def test_past(entry, known, expected):
    """Entries published inside the interval, whatever their age; never one of another day."""
    interval = Interval(start=at(0), end=at(24))
    selector = EntrySelector(
        states={entry.entry_key: known} if known else {}, now=at(12, 28), max_age=timedelta(days=1), interval=interval
    )
    assert selector.select(entry) == expected


RUN = {"run_id": "r", "mode": "past", "start": "s", "end": "e"}
REPORT = {
    "shards": 2,
    "shards_done": 2,
    "due_feeds": 4,
    "unread_feeds": 2,
    "unread": ["a (timeout)", "b (http_5xx)"],
    "crashed": [],
    "crashed_pages": 0,
    "set_aside": 0,
    "unaccounted": 0,
    "outcomes": {"stored": 1},
}


def test_verdict_of_a_good_run():
    """It hands the report on: half of the feeds may fail, that is a matter of their health."""
    assert verdict(run=RUN, report=REPORT) == REPORT
    live = REPORT | {"unread_feeds": 4}
    assert verdict(run=RUN | {"mode": "live"}, report=live) == live


@pytest.mark.parametrize(
    ("run", "report", "words"),
    [
        pytest.param(None, None, "plan failed", id="no-plan"),
        pytest.param(RUN, None, "publish failed", id="no-report"),
        pytest.param(RUN, REPORT | {"shards_done": 1}, "1 of 2 pull tasks failed", id="shard"),
        pytest.param(
            RUN, REPORT | {"crashed": ["u"], "crashed_pages": 1}, r"1 page\(s\).*\(u\).*retry queue", id="crashed"
        ),
        pytest.param(RUN, REPORT | {"unread_feeds": 3}, "3 of 4 feeds could not be read", id="past-feeds"),
        pytest.param(RUN, REPORT | {"unaccounted": 1}, "bug in wirecopy", id="unaccounted"),
        pytest.param(RUN, REPORT | {"set_aside": 1}, "set aside", id="unreadable-part"),
        pytest.param(RUN, REPORT | {"set_aside": 1, "unaccounted": 1}, "set aside.*; .*bug", id="every-reason"),
    ],
)
def test_verdict_of_a_bad_run(run, report, words):
    """Red, with every reason and what to do."""
    with pytest.raises(RunFailed, match=words):
        verdict(run=run, report=report)
