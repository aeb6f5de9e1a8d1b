"""A store of eight dates, and what the last date costs when the seven before it are there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.speed.live import row
from bench.speed.texts import texts
from wirecopy.store.articles.commit import DEDUPE_INPUTS, inputs_hash
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import replace_partition
from wirecopy.store.files.rows import to_table

DATES = 8
FIRST = datetime(2026, 11, 13, tzinfo=UTC)
LAST = (FIRST + timedelta(days=DATES - 1)).date()
NOW = "2026-11-26T00:00:00+00:00"
AT_ONCE = 25_000  # texts held as Python objects: some 200 MB

# Each task is a process of its own, as on an engine: its cost includes loading compiled code.
TASK = """
import json, resource, sys, time
from datetime import date
from pathlib import Path
from dedupe.params import Params
from wirecopy.engines.dates import match_task, sketch_task
from wirecopy.steps.settling import settle_date
from wirecopy.store.copies.found import discard, staged_matches
from wirecopy.store.files.layout import Layout
layout, day, params, began = Layout(Path(sys.argv[2])), date.fromisoformat(sys.argv[3]), Params(), time.perf_counter()
if sys.argv[1] == "settle":
    told = settle_date(layout, staged_matches(layout, day, params), params)
    discard(layout, day)
else:
    told = {"sketch": sketch_task, "match": match_task}[sys.argv[1]](layout, day, params)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 2**20,
                  "wall": time.perf_counter() - began, "told": told}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a task took, as a process."""

    cpu: float  # seconds
    wall: float  # seconds
    peak: float  # GB
    told: dict[str, Any]


def days() -> list[date]:
    """The eight dates."""
    return [(FIRST + timedelta(days=number)).date() for number in range(DATES)]


def fill(layout: Layout, count: int) -> None:
    """Eight dates with *count* texts, the same for the same count. They are written as dedupe reads them, without the
    commits that would bring them: nothing knows their homes.
    """
    source = enumerate(texts(count, seed=5))
    for number, day in enumerate(days()):
        end = count * (number + 1) // DATES - count * number // DATES
        rows = pa.concat_tables(_tables(islice(source, end), FIRST + timedelta(days=number)))
        rows = rows.sort_by("article_id")
        replace_partition(layout, "articles", day, rows, {DEDUPE_INPUTS: inputs_hash(rows)})


def _tables(numbered: Iterator[tuple[int, str]], day: datetime) -> Iterator[pa.Table]:
    while chosen := list(islice(numbered, AT_ONCE)):
        stamped = {"updated_at": day, "commit_seq": 1}
        yield to_table("articles", [row(day, f"w/{number}", text) | stamped for number, text in chosen])


def run_task(task: str, layout: Layout, day: date) -> Cost:
    """*task* (sketch, match or settle) of one date, in a process of its own."""
    command = [sys.executable, "-c", TASK, task, str(layout.root), day.isoformat()]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Cost(**json.loads(said))


def show(folder: Path, count: int) -> None:
    """Print the cost of the last of eight dates that hold *count* texts."""
    layout = Layout(folder / f"window-{count}").make()
    if not layout.dates("articles"):
        fill(layout, count)
    sketched = [run_task("sketch", layout, day) for day in days()]
    matched = run_task("match", layout, LAST)
    settled = run_task("settle", layout, LAST)
    new = count - count * (DATES - 1) // DATES
    sketching = sum(one.cpu for one in sketched)
    print(
        f"{count:,} texts, {new:,} of them new: sketch {1e6 * sketching / count:.0f} µs a text; "
        f"match {matched.cpu:.1f} CPU s = {1e3 * matched.cpu / count:.3f} ms a text of the window, "
        f"{1e3 * matched.cpu / new:.2f} ms a new one, wall {matched.wall:.0f} s, peak {matched.peak:.2f} GB, "
        f"{matched.told['matches']:,} matches; settle {settled.cpu:.1f} CPU s, peak {settled.peak:.2f} GB",
        flush=True,
    )
