"""A live run's dedupe: new articles of today against stored days, from the store and back into it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bench.articles import a_row, commit
from bench.speed.texts import texts
from ingest.records import digest
from wirecopy.store.files.layout import Layout

TODAY = datetime(2026, 11, 20, tzinfo=UTC)
STORED_DAYS = 7  # the window of today
AT_ONCE = 25_000

# A process of its own, like a task: its cost includes loading compiled code, and nothing stays resident.
RUN = """
import json, resource, sys, time
from datetime import date
from pathlib import Path
from dedupe.params import Params
from wirecopy.steps.deduping import compute_date
from wirecopy.store.files.layout import Layout
before = time.process_time()
found = compute_date(Layout(Path(sys.argv[1])), date(2026, 11, 20), Params())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"cpu": time.process_time(), "peak": peak, **found}))
"""


def show(stored: int, today: int, new: int) -> None:
    """Fill the days, compute today once if it holds articles already, add *new* ones, and print the cost of that."""
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder)).make()
        for day in range(STORED_DAYS):
            fill(layout, TODAY - timedelta(days=day + 1), texts(stored, seed=day), f"d{day}")
        fill(layout, TODAY, texts(today, seed=90), "today")
        if today:
            _run(folder)
        else:
            _sketch(layout)
        fill(layout, TODAY, texts(new, seed=91), "new")
        cost = _run(folder)
    print(
        f"{new:,} new articles of today ({today:,} stored) against {STORED_DAYS} days of {stored:,}: "
        f"{cost['cpu']:.1f} CPU s, peak {cost['peak']:.2f} GB, {cost['matches']:,} matches"
    )


def _run(folder: str) -> dict[str, Any]:
    """Computes today in a process of its own."""
    said = subprocess.run([sys.executable, "-c", RUN, folder], check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def _sketch(layout: Layout) -> None:
    """Sketches of the stored days: they were made when those days were computed."""
    from dedupe.params import Params
    from wirecopy.store.copies.sketching import current_sketches

    for day in layout.dates("articles"):
        current_sketches(layout, day, Params())


def fill(layout: Layout, day: datetime, source: Iterable[str], name: str) -> None:
    """Adds articles to one date."""
    numbered = enumerate(source)
    while chosen := list(islice(numbered, AT_ONCE)):
        commit(layout, [row(day, f"{name}/{number}", text) for number, text in chosen], day)


def row(day: datetime, name: str, text: str) -> dict[str, Any]:
    """A row of articles for an article *name* of *day*."""
    key = digest(name)
    at = day + timedelta(seconds=int(key[:4], 16))
    return a_row(
        name, at, text=text, content_hash=digest(text), word_count=len(text.split()), publisher=f"{key[:2]}.example"
    )
