"""The table `alerts`: what was raised, lasted and cleared, and whether somebody was told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

import pyarrow as pa

from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_base, read_partition, replace_partition
from wirecopy.store.files.rows import Row, to_table

KEPT_IN_MIND: Final = timedelta(days=30)  # an open alarm has a row at least every week
NOTICED: Final = "alarms-noticed.json"  # in state/: what was seen and is not an alarm yet


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
    with layout.files.locked(layout.locks / "alerts.lock"):
        base = read_base(layout, "alerts", day)
        replace_partition(
            layout, "alerts", day, pa.concat_tables([base.rows, to_table("alerts", rows)]), over=base.version
        )


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
