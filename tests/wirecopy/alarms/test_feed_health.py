"""View `feed_health`: rhythm, silence and gaps, by DuckDB on the files alone."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from tests.wirecopy.builders import DAY, at, name
from tests.wirecopy.store.test_ledger import outcome, poll
from wirecopy.store.ledger import append_log
from wirecopy.store.query.read import write_views


def health(layout, polls=(), outcomes=()):
    """The view's row, by a DuckDB of our own that ran state/views.sql."""
    append_log(layout, "polls", DAY, [{**one, "attempt": f"a{n}"} for n, one in enumerate(polls)])
    append_log(layout, "outcomes", DAY, list(outcomes))
    write_views(layout)
    with duckdb.connect() as connection:
        connection.execute((layout.state / "views.sql").read_text())
        found = connection.sql("FROM feed_health")
        return dict(zip(found.columns, *found.fetchall(), strict=True))


def entries(count: int, every: float, last: float = 10, **changes):
    """*count* entries, one each *every* hours, the last at hour *last* of the 22nd."""
    return [
        outcome("stored", entry_key=name(f"e{n}"), published_at=at(last - n * every), **changes) for n in range(count)
    ]


def test_what_it_tells_of_polls(layout):
    """The last one, the last success, counted failures since, the sums."""
    found = health(layout, [
        poll(8, code="ok", entries=5, taken=3, counted=True, next_due=at(9), http_status=200, detail=""),
        poll(9, code="timeout", counted=True, next_due=at(10), detail="no answer", entries=0, taken=0),
        poll(10, code="connect", counted=False, next_due=at(11), detail="no route", entries=0, taken=0),
        poll(11, code="http_4xx", counted=True, http_status=410, next_due=at(12), detail="gone", entries=0, taken=0),
    ])  # fmt: skip
    assert {name: found[name] for name in ("polls", "entries", "taken", "failures", "last_code", "last_status")} == {
        "polls": 4, "entries": 5, "taken": 3, "failures": 2, "last_code": "http_4xx", "last_status": 410,
    }  # fmt: skip
    assert (found["last_success_at"], found["last_polled_at"], found["next_due"]) == (at(8), at(11), at(12))
    assert (found["silent"], found["gaps"], found["median_minutes"]) == (False, 0, None)


@pytest.mark.parametrize(
    ("every", "hours", "silent"),
    [
        pytest.param(0.5, 11, False, id="busy-feed-in-its-night"),
        pytest.param(0.5, 13, True, id="busy-feed-half-a-day-later"),
        pytest.param(4, 39, False, id="ten-times-its-pause"),
        pytest.param(4, 41, True, id="longer"),
    ],
)
def test_silence_is_measured_by_the_feeds_own_rhythm(layout, every, hours, silent):
    """Ten times its median pause, at least twelve hours, after its newest entry; as of the last read poll."""
    found = health(layout, [poll(10 + hours, code="ok")], entries(20, every))
    assert (found["silent"], found["median_minutes"], found["newest_entry_at"]) == (silent, 60 * every, at(10))
    assert found["silent_after"] == at(10) + max(timedelta(hours=12), timedelta(hours=10 * every))


def test_weekends_are_part_of_the_rhythm(layout):
    """A feed that brings something hourly on weekdays and has had a pause of three days: no alarm within 1.5 of it."""
    rows = [*entries(15, 1), *({**row, "entry_key": name(f"old {n}")} for n, row in enumerate(entries(15, 1, -72 - 4)))]
    assert not health(layout, [poll(10 + 72, code="ok")], rows)["silent"]


def test_too_few_entries_to_know_a_rhythm(layout):
    """Ten pauses make a rhythm; a failing feed is not silent, it is failing."""
    assert health(layout, [poll(900, code="ok")], entries(10, 1))["silent_after"] is None


def test_a_failing_feed_is_not_called_silent(layout):
    """Nobody knows whether it is: only a read poll can tell."""
    assert not health(layout, [poll(11, code="ok"), poll(900, code="timeout")], entries(20, 1))["silent"]


@pytest.mark.parametrize(
    ("documents", "gaps"),
    [
        pytest.param([(0, 5), (4, 9)], 0, id="they-overlap"),
        pytest.param([(0, 5), (5, 9)], 0, id="they-touch"),
        pytest.param([(0, 5), (6, 9)], 1, id="entries-came-and-went"),
        pytest.param([(0, 5), None, (6, 9)], 1, id="with-a-304-between"),
        pytest.param([(0, 5), (6, 9), (20, 21)], 2, id="again"),
        pytest.param([(6, 9), (0, 9)], 0, id="a-longer-document"),
    ],
)
def test_gaps(layout, documents, gaps):
    """The oldest entry of a document is newer than the newest of the one before."""
    polls = [
        poll(30 + n, code="ok", oldest=at(span[0]), newest=at(span[1])) if span else poll(30 + n, code="not_modified")
        for n, span in enumerate(documents)
    ]
    found = health(layout, polls)
    assert found["gaps"] == gaps
    assert (found["last_gap_at"] is None) == (gaps == 0)
