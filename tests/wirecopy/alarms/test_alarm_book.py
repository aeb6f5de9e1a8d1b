"""What is told of alarms: each once, again when it lasts or is over, and never a flood."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.wirecopy.builders import at
from wirecopy.alarms.alarm import Alarm, is_muted
from wirecopy.alarms.book import events_of, ripe, stories
from wirecopy.alarms.message import message_of
from wirecopy.records import AlarmEvent

QUARTER = timedelta(minutes=15)
START = at(8)


def alarm(subject: str = "gazette", **changes: Any) -> Alarm:
    plain = {"kind": "feed_silent", "since": at(2), "says": f"feed {subject} is silent", "next_step": "look"}
    return Alarm(subject=subject, **{**plain, **changes})


class Book:
    """The table `alerts`, and what its readers were told."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.told: list[tuple[datetime, str]] = []

    def look(self, now: datetime, standing: Iterable[Alarm], *, works: bool = True) -> list[AlarmEvent]:
        events = events_of(list(standing), stories(self.rows), now)
        for event in events:
            told = event["tell"] and works
            self.rows.append({**event, "at": now, "since": datetime.fromisoformat(event["since"]), "told": told})
            self.told += [(now, event["event"])] if told else []
        return events

    def looks(self, hours: float, standing: Iterable[Alarm] = (), start: datetime = START) -> datetime:
        """A look every quarter of an hour; the moment of the next one."""
        standing = list(standing)
        for number in range(int(hours * 4)):
            self.look(start + number * QUARTER, standing)
        return start + int(hours * 4) * QUARTER


def test_an_alarm_is_told_once_then_daily_then_weekly():
    """A month of standing is six messages; when it is over there is one more."""
    book = Book()
    end = book.looks(24 * 30, [alarm()])
    days = [(when - START) / timedelta(days=1) for when, _ in book.told]
    assert days == [0, 1, 8, 15, 22, 29]
    assert [event for _, event in book.told] == ["raised", *["lasting"] * 5]
    assert [event["event"] for event in book.look(end, [])] == ["cleared"]
    assert book.told[-1] == (end, "cleared")
    assert book.look(end + QUARTER, []) == []


def test_it_keeps_since_when_it_stands():
    """A disk has no moment of its own: the first one counts."""
    book = Book()
    book.look(START, [alarm(since=START)])
    (again,) = book.look(START + timedelta(days=1), [alarm(since=START + timedelta(days=1))])
    assert (again["event"], again["since"]) == ("lasting", START.isoformat())


def test_one_that_comes_and_goes_is_no_flood():
    """Every other look for two days: at most one message in three hours, and all of it is in the table."""
    book = Book()
    for number in range(4 * 48):
        book.look(START + number * QUARTER, [alarm()] if number % 2 == 0 else [])
    assert len(book.rows) == 4 * 48
    assert 2 <= len(book.told) <= 48 / 3


def test_one_that_returns_and_stays_is_told_later():
    """Six hours after it was last told."""
    book = Book()
    book.look(START, [alarm()])
    book.look(START + QUARTER, [])
    book.looks(8, [alarm()], START + 2 * QUARTER)
    assert [event for _, event in book.told] == ["raised", "cleared", "raised"]
    assert book.told[-1][0] == START + QUARTER + timedelta(hours=6)


def test_what_could_not_be_sent_is_told_by_the_next_look():
    """No notifier worked: the alarm is booked, and new for people."""
    book = Book()
    book.look(START, [alarm()], works=False)
    (again,) = book.look(START + QUARTER, [alarm()])
    assert (again["event"], again["tell"]) == ("raised", True)
    assert book.look(START + 2 * QUARTER, [alarm()]) == []


def test_many_at_once_are_one_message():
    """The message says what, since when and what to do; hostile words of feeds are text."""
    feeds = [alarm(f"feed-{number}") for number in range(30)] + [alarm("<b>{{ var.value.secret }}")]
    message = message_of(events_of(feeds, {}, START), "/data")
    assert message
    assert message["subject"] == "[wirecopy] alarm: feed silent, feed-0 and 30 more"
    assert "Alarm, since 2026-11-22 02:00 UTC: feed feed-0 is silent. What to do: look." in message["text"]
    assert "… and 11 more" in message["text"]
    assert "<b>" not in message["html"]
    assert message_of([], "/data") is None


def test_patience():
    """What may pass by itself is raised only when it has stood for its time; an open one stays."""
    slow = alarm("copies", patience=timedelta(hours=2))
    seen = {slow.name: START.isoformat()}
    assert ripe([slow], {}, [], START) == []
    assert ripe([slow], seen, [], START + timedelta(hours=1)) == []
    assert ripe([slow], seen, [], START + timedelta(hours=2)) == [slow]
    assert ripe([slow], {}, [slow.key], START) == [slow]


@pytest.mark.parametrize("mute", ["feed_silent", "feed_silent:gazette"])
def test_mute(mute: str):
    """A kind, or one of its alarms."""
    assert is_muted(alarm(), (mute,))
    assert is_muted(alarm("other"), (mute,)) == (mute == "feed_silent")
