"""The table `alerts`: what was raised, lasted and cleared, and whether somebody was told. In state/: what is not an
alarm yet, and the names of runs that Airflow cannot list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Final

import pyarrow as pa

from ingest.records import digest
from wirecopy.records import BookedRun
from wirecopy.store.files.again import again_on_conflict
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_base, read_partition, replace_partition
from wirecopy.store.files.rows import Row, to_table

KEPT_IN_MIND: Final = timedelta(days=30)  # an open alarm has a row at least every week
NOTICED: Final = "alarms-noticed.json"  # in state/: what was seen and is not an alarm yet

RUNS: Final = "runs"  # in state/: one small file per run without a logical date


def read_alerts(layout: Layout, now: datetime) -> list[Row]:
    """The rows of the last month, oldest first."""
    first = (now - KEPT_IN_MIND).date()
    found: list[Row] = []
    for day in layout.dates("alerts"):
        if day >= first:
            found += read_partition(layout, "alerts", day).to_pylist()
    return sorted(found, key=lambda row: row["at"])


def append_alerts(layout: Layout, day: date, rows: Iterable[Row]) -> None:
    """Add *rows* to the file of *day*; one writer at a time."""
    new = to_table("alerts", rows)

    def append() -> None:
        base = read_base(layout, "alerts", day)
        replace_partition(layout, "alerts", day, pa.concat_tables([base.rows, new]), over=base.version)

    with layout.files.locked(layout.locks / "alerts.lock"):
        again_on_conflict(layout, append)


def read_noticed(layout: Layout) -> dict[str, str]:
    """Since when (ISO) something stands that is not an alarm yet, by name."""
    try:
        found = json.loads(layout.files.read_text(layout.state / NOTICED) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def write_noticed(layout: Layout, noticed: Mapping[str, str]) -> None:
    """Replace what `read_noticed` reads."""
    layout.files.write_text(layout.state / NOTICED, json.dumps(dict(noticed), indent=1, sort_keys=True))


def book_run(layout: Layout, run: BookedRun) -> None:
    """Remember *run*. A run has one file, so that no two tasks write into the same one."""
    path = _run_file(layout, run)
    if not layout.files.exists(path):
        for folder in (layout.staging, path.parent):  # it may be the first thing that is ever written
            layout.files.make(folder)
        layout.files.write_text(path, json.dumps(run))


def booked_runs(layout: Layout) -> list[BookedRun]:
    """All that are remembered; a file that is none of ours is left out."""
    folder = layout.state / RUNS
    paths = layout.files.find(folder, "*.json") if layout.files.exists(folder) else []
    return [run for path in paths if (run := _booked(layout.files.read_text(path)))]


def forget_run(layout: Layout, run: BookedRun) -> None:
    """Remember *run* no more."""
    layout.files.remove(_run_file(layout, run))


def _run_file(layout: Layout, run: BookedRun) -> PurePath:
    name = digest(f"{run['dag_id']} {run['run_id']}")
    return layout.state / RUNS / f"{name}.json"


def _booked(text: str | None) -> BookedRun | None:
    try:
        found = json.loads(text or "")
        return {"dag_id": str(found["dag_id"]), "run_id": str(found["run_id"])}
    except (ValueError, KeyError, TypeError):
        return None
