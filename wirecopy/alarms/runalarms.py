"""Alarms of Airflow's runs: what it says of them comes from outside, as small JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from wirecopy.alarms.alarm import Alarm
from wirecopy.alarms.bookedruns import EACH_FOR_ITSELF
from wirecopy.alarms.feedalarms import minute
from wirecopy.records import SeenRuns

# How long after its interval a daily run may be missing: it waits for its turn, and a day of many feeds takes hours.
# Live runs are watched by the polls in the store, which also `wirecopy run` leaves.
DAILY_WITHIN: Final = timedelta(days=1, hours=6)


def run_alarms(seen: Sequence[SeenRuns], now: datetime) -> Iterator[Alarm]:
    """Red runs that nobody has mended yet, and daily DAGs whose last run is too old."""
    for dag in seen:
        for run in dag["failed"]:
            yield _failed(dag["dag_id"], run["run_id"], datetime.fromisoformat(run["start"]), run["ended"], run["why"])
        if dag["daily"] and (late := _late(dag, now)):
            yield late


def _failed(dag_id: str, run_id: str, start: datetime, ended: str | None, why: str | None) -> Alarm:
    day = f"{dag_id} of {start:%Y-%m-%d}"
    of_its_own = dag_id == EACH_FOR_ITSELF
    reason = why or "no task has left a reason: its process was killed, or never began"
    return Alarm(
        kind="run_failed",
        subject=day if of_its_own else dag_id,
        since=datetime.fromisoformat(ended) if ended else start,
        says=f"{day if of_its_own else f'{dag_id} of {minute(start)}'} is red: {reason}",
        next_step=f"open {run_id} in Airflow, mend what `verdict` or the red task says, then clear it"
        + ("" if of_its_own else "; the next green run ends this alarm too"),
    )


def _late(dag: SeenRuns, now: datetime) -> Alarm | None:
    newest = datetime.fromisoformat(dag["newest"]) if dag["newest"] else None
    if newest is None or now - newest <= DAILY_WITHIN:
        return None
    return Alarm(
        kind="run_late",
        subject=dag["dag_id"],
        since=newest + timedelta(days=1),
        says=f"{dag['dag_id']} has no run for what came after {minute(newest)}",
        next_step="look in Airflow whether it is paused or its runs are queued; then backfill the missing days",
    )
