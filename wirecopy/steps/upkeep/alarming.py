"""alarms: what stands, what is to be told of it, and what was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wirecopy.alarms.alarm import Alarm
from wirecopy.alarms.book import events_of, ripe, stories
from wirecopy.alarms.bookedruns import settled, with_booked
from wirecopy.alarms.message import message_of
from wirecopy.alarms.standing import standing_alarms
from wirecopy.errors import WirecopyError
from wirecopy.log import get_log
from wirecopy.records import AlarmEvent, BookedRun, FoundRun, SeenRuns, Watched
from wirecopy.settings import load_settings
from wirecopy.store import alerts
from wirecopy.store.alerts import append_alerts, read_alerts, read_noticed, write_noticed
from wirecopy.store.files.layout import Layout, layout_of

log = get_log(__name__)


def watch(*, runs: Sequence[SeenRuns] = (), booked: Sequence[FoundRun] = ()) -> Watched:
    """Look at everything once; returns the events since the last look and the message about those to be told.

    *runs* is what Airflow says of its runs, and *booked* what it says of those of `booked_runs`. No alarm is booked:
    `book_alarms` does that when the message was sent.
    """
    settings = load_settings()
    layout, now = layout_of(settings).make(), settings.clock()
    before = stories(read_alerts(layout, now))
    found = standing_alarms(settings, layout, runs=with_booked(runs, booked))
    for run in settled(runs, booked):
        alerts.forget_run(layout, run)
    noticed = {alarm.name: since for alarm, since in _noticed(layout, found, now.isoformat())}
    if noticed != read_noticed(layout):
        write_noticed(layout, noticed)
    standing = ripe(found, noticed, [key for key, story in before.items() if story.open], now)
    events = events_of(standing, before, now)
    for event in events:
        level = log.info if event["event"] == "cleared" else log.warning
        level("%s %s %s: %s", event["event"], event["kind"], event["subject"], event["says"])
    return {"open": len(standing), "events": events, "message": message_of(events, str(settings.root))}


def book_run(*, dag_id: str, run_id: str) -> None:
    """Remember a run that Airflow cannot list, so that `watch` hears of it if it becomes red. This stops no task: what
    is wrong with the settings or the disk is for the task itself to tell.
    """
    try:
        alerts.book_run(layout_of(load_settings()), {"dag_id": dag_id, "run_id": run_id})
    except (WirecopyError, OSError) as error:
        log.warning("%s of %s is not booked, so no alarm will tell if it is red: %s", run_id, dag_id, error)


def booked_runs() -> list[BookedRun]:
    """The runs that `book_run` remembers: how they ended is for the caller to find out."""
    return alerts.booked_runs(layout_of(load_settings()))


def notifiers() -> list[dict[str, Any]]:
    """The notifiers of the settings: `notifier` is the name of its class, the rest are its arguments."""
    return [dict(one) for one in load_settings().notify]


def _noticed(layout: Layout, found: Sequence[Alarm], now: str) -> list[tuple[Alarm, str]]:
    """What needs patience, with the moment at which it was first seen."""
    before = read_noticed(layout)
    return [(alarm, before.get(alarm.name, now)) for alarm in found if alarm.patience]


def book_alarms(*, events: Sequence[AlarmEvent], told: bool) -> None:
    """Write *events* into the table `alerts`; *told*: what was to be told has reached somebody."""
    if not events:
        return
    settings = load_settings()
    now = settings.clock()
    append_alerts(layout_of(settings).make(), now.date(), [_row(event, now, told=told) for event in events])


def _row(event: AlarmEvent, now: datetime, *, told: bool) -> dict[str, Any]:
    row: dict[str, Any] = {name: event[name] for name in ("kind", "subject", "event", "says", "next_step")}
    return row | {"at": now, "since": datetime.fromisoformat(event["since"]), "told": told and event["tell"]}
