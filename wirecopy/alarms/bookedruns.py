"""Runs without a logical date (by hand, or woken by an asset), joined to those that Airflow can list.

Airflow tells a task of the runs of other DAGs by their logical date only. So each task of a run without one books the
name of its run (`wirecopy/store/alerts.py:book_run`), before it works: a killed process has done that too. Of a booked
run Airflow says how it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from wirecopy.records import BookedRun, FoundRun, SeenRun, SeenRuns

EACH_FOR_ITSELF: Final = "wirecopy_day"  # a later day mends no earlier one; other DAGs take up all that is left
MOST_RED: Final = 10  # red days that are named; a month that failed is one cause
ENDED: Final = ("success", "failed", "gone")


def with_booked(seen: Sequence[SeenRuns], booked: Sequence[FoundRun]) -> list[SeenRuns]:
    """*seen* with the red runs among *booked*, and without those that a later green run has mended."""
    return [{**dag, "failed": _red(dag, booked)[: MOST_RED if _alone(dag) else 1]} for dag in seen]


def settled(seen: Sequence[SeenRuns], booked: Sequence[FoundRun]) -> list[BookedRun]:
    """The runs among *booked* that need not be booked any longer: all but those at work, red ones that nobody has
    mended, and the newest green one of a DAG, which mends earlier ones.
    """
    kept = {(dag["dag_id"], run["run_id"]) for dag in seen for run in _red(dag, booked)}
    kept |= {(dag["dag_id"], run["run_id"]) for dag in seen for run in _green(dag, booked)[:1]}
    return [
        {"dag_id": one["dag_id"], "run_id": one["run"]["run_id"]}
        for one in booked
        if one["state"] in ENDED and (one["dag_id"], one["run"]["run_id"]) not in kept
    ]


def _red(dag: SeenRuns, booked: Sequence[FoundRun]) -> list[SeenRun]:
    """Red runs that nobody has mended, the newest first."""
    found = {run["run_id"]: run for run in [*dag["failed"], *_runs(dag, booked, "failed")]}
    mended = [_turn(run) for run in _green(dag, booked)[:1]]
    if dag["green_after"] and not _alone(dag):
        mended.append(datetime.fromisoformat(dag["green_after"]))
    red = [run for run in found.values() if not mended or _turn(run) > max(mended)]
    return sorted(red, key=_turn, reverse=True)


def _green(dag: SeenRuns, booked: Sequence[FoundRun]) -> list[SeenRun]:
    """Green runs that mend earlier ones, the newest first."""
    return [] if _alone(dag) else sorted(_runs(dag, booked, "success"), key=_turn, reverse=True)


def _runs(dag: SeenRuns, booked: Sequence[FoundRun], state: str) -> list[SeenRun]:
    return [one["run"] for one in booked if (one["dag_id"], one["state"]) == (dag["dag_id"], state)]


def _alone(dag: SeenRuns) -> bool:
    return dag["dag_id"] == EACH_FOR_ITSELF


def _turn(run: SeenRun) -> datetime:
    return datetime.fromisoformat(run["after"])
