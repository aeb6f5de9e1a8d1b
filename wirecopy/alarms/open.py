"""The alarms that are open, for `wirecopy status`, `doctor` and the pages: asked now, not as of the last look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from wirecopy.alarms.alarm import Alarm, is_muted
from wirecopy.alarms.book import stories
from wirecopy.alarms.feedalarms import minute
from wirecopy.alarms.standing import standing_alarms
from wirecopy.feeds.digest import FeedHealth
from wirecopy.settings import Settings
from wirecopy.store.alerts import read_alerts
from wirecopy.store.files.layout import Layout


class OpenAlarm(TypedDict):
    """An alarm as people read it."""

    kind: str
    subject: str
    since: datetime
    says: str
    next_step: str


def open_alarms(settings: Settings, layout: Layout, *, healths: Sequence[FeedHealth] | None = None) -> list[OpenAlarm]:
    """What stands now, and what `wirecopy_alarms` has booked and only Airflow can see; the oldest first."""
    booked = {
        key: story.chapter[-1] for key, story in stories(read_alerts(layout, settings.clock())).items() if story.open
    }
    standing = {alarm.key: alarm for alarm in standing_alarms(settings, layout, healths=healths)}
    found = [_told(alarm, booked.get(key)) for key, alarm in standing.items() if not alarm.patience or key in booked]
    found += [_of_row(row) for key, row in booked.items() if key not in standing and _only_airflows(row, settings)]
    return sorted(found, key=lambda one: (one["since"], one["kind"], one["subject"]))


def line_of(alarm: OpenAlarm) -> str:
    """One line for people."""
    return f"since {minute(alarm['since'])}: {alarm['says'].rstrip('.')}. What to do: {alarm['next_step']}."


def _told(alarm: Alarm, row: Mapping[str, Any] | None) -> OpenAlarm:
    since = min(alarm.since, row["since"]) if row else alarm.since
    return {
        "kind": alarm.kind, "subject": alarm.subject, "since": since, "says": alarm.says, "next_step": alarm.next_step,
    }  # fmt: skip


def _of_row(row: Mapping[str, Any]) -> OpenAlarm:
    return {
        "kind": row["kind"], "subject": row["subject"], "since": row["since"], "says": row["says"],
        "next_step": row["next_step"],
    }  # fmt: skip


def _only_airflows(row: Mapping[str, Any], settings: Settings) -> bool:
    """Whether the store alone cannot tell if it is over."""
    alarm = Alarm(**_of_row(row))
    of_runs = row["kind"] == "run_failed" or (row["kind"] == "run_late" and row["subject"] != "wirecopy_live")
    return of_runs and not is_muted(alarm, settings.mute)
