"""What the commits of a run changed before its last one: `<plan>.touched` in state/staging, a line of JSON per commit.

Finished parts are committed by whoever comes first (another run, the next plan, a pull that publishes on the way): the
run that they belong to still has to say which dates it changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from wirecopy.store.files.layout import Layout


@dataclass(slots=True)
class Touched:
    """The changes of commits for a plan; the rest of its summary is in the ledger."""

    dates: set[date] = field(default_factory=set)  # dates with changed articles
    unaccounted: int = 0  # entries seen less entries booked: 0, or there is a bug


def note_touched(layout: Layout, plan: str, dates: Iterable[date], unaccounted: int = 0) -> None:
    """A commit for *plan* changed *dates*. Call it inside `committing`, as all of this module."""
    line = json.dumps({"dates": [day.isoformat() for day in sorted(dates)], "unaccounted": unaccounted})
    with layout.files.append(_path(layout, plan)) as file:
        file.write(f"{line}\n")


def touched_by(layout: Layout, plan: str) -> Touched:
    """All that commits noted for *plan*. A line that a crash cut says nothing: its commit is still in the store."""
    touched = Touched()
    for line in (layout.files.read_text(_path(layout, plan)) or "").splitlines():
        with suppress(ValueError):
            noted = json.loads(line)
            touched.dates |= {date.fromisoformat(day) for day in noted["dates"]}
            touched.unaccounted += noted["unaccounted"]
    return touched


def delete_touched(layout: Layout, plan: str) -> None:
    """Remove the note of a plan whose run has reported it."""
    layout.files.remove(_path(layout, plan))


def _path(layout: Layout, plan: str) -> PurePath:
    return layout.staging / f"{plan}.touched"
