"""What is to be told now, from the alarms that stand and from what was told before: each alarm once, never a flood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from wirecopy.alarms.alarm import Alarm
from wirecopy.records import AlarmEvent

REST: Final = timedelta(hours=6)  # an alarm that comes and goes is told at most this often
FIRST_REMINDER, LATER_REMINDERS = timedelta(days=1), timedelta(days=7)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """What the table `alerts` holds of one alarm: its rows, oldest first."""

    rows: Sequence[Mapping[str, Any]]

    @property
    def open(self) -> bool:
        """Whether it was raised and has not cleared."""
        return bool(self.rows) and self.rows[-1]["event"] != "cleared"

    @property
    def chapter(self) -> Sequence[Mapping[str, Any]]:
        """The rows since it was raised last."""
        ends = [number for number, row in enumerate(self.rows, 1) if row["event"] == "cleared"]
        return self.rows[max(ends, default=0) :]

    @property
    def told(self) -> list[Mapping[str, Any]]:
        """The rows of the chapter that reached somebody."""
        return [row for row in self.chapter if row["told"]]

    @property
    def last_told_at(self) -> datetime | None:
        """When anything of it reached somebody last."""
        return max((row["at"] for row in self.rows if row["told"]), default=None)


def stories(rows: Iterable[Mapping[str, Any]]) -> dict[Key, Story]:
    """Rows of `alerts` by alarm; *rows* in order of time."""
    found: dict[Key, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["kind"], row["subject"]), []).append(row)
    return {key: Story(rows) for key, rows in found.items()}


def events_of(standing: Sequence[Alarm], before: Mapping[Key, Story], now: datetime) -> list[AlarmEvent]:
    """Raised, lasting and cleared alarms; `tell` says which of them are to be told and which only booked.

    An alarm is told when it is raised, again after a day and then once a week while it stands, and when it clears. One
    that comes back within six hours after it was told last is booked, and told when these are over.
    """
    events = [event for alarm in standing if (event := _standing(alarm, before.get(alarm.key), now))]
    keys = {alarm.key for alarm in standing}
    return events + [_cleared(story) for key, story in before.items() if story.open and key not in keys]


def _standing(alarm: Alarm, story: Story | None, now: datetime) -> AlarmEvent | None:
    if story is None or not story.open:
        last = story.last_told_at if story else None
        return _event(alarm, "raised", alarm.since, tell=last is None or now - last >= REST)
    since = min(story.chapter[0]["since"], alarm.since)
    last = story.last_told_at
    if not story.told:
        return _event(alarm, "raised", since, tell=True) if last is None or now - last >= REST else None
    pause = FIRST_REMINDER if len(story.told) == 1 else LATER_REMINDERS
    return _event(alarm, "lasting", since, tell=True) if last and now - last >= pause else None


def _event(alarm: Alarm, event: str, since: datetime, *, tell: bool) -> AlarmEvent:
    return {
        "kind": alarm.kind, "subject": alarm.subject, "event": event, "since": since.isoformat(),
        "says": alarm.says, "next_step": alarm.next_step, "tell": tell,
    }  # fmt: skip


def _cleared(story: Story) -> AlarmEvent:
    """It ends as quietly as it came."""
    last = story.chapter[-1]
    return {
        "kind": last["kind"], "subject": last["subject"], "event": "cleared", "since": last["since"].isoformat(),
        "says": last["says"], "next_step": "nothing: it is over", "tell": bool(story.told),
    }  # fmt: skip


def ripe(standing: Sequence[Alarm], noticed: Mapping[str, str], open_keys: Iterable[Key], now: datetime) -> list[Alarm]:
    """The alarms that have stood as long as their patience asks, or are open already. *noticed*: by name, since when
    they stand.
    """
    known = set(open_keys)
    return [
        alarm
        for alarm in standing
        if alarm.key in known
        or now - datetime.fromisoformat(noticed.get(alarm.name, now.isoformat())) >= alarm.patience
    ]
