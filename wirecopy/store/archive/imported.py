"""Pages that archives of other crawlers brought for feeds: they are dated by no feed, and wait for their day's run."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.records import IMPORTED
from wirecopy.schedule import Interval
from wirecopy.store.archive.raw import IMPORT, raw_files, readable_heads
from wirecopy.store.archive.unprocessed import SKEW
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.ledger import ANOTHER_DAY


def pages_for(layout: Layout, interval: Interval) -> list[dict[str, Any]]:
    """Heads (schema.RAW without body, plus raw_file and is_of_interval) of such pages that a past run of *interval*
    should take, oldest first: those without an outcome that were captured since then, and (is_of_interval) those that
    another run found to be published inside it.
    """
    files = (
        path for path in raw_files(layout, (interval.start - SKEW).date(), date.max) if path.stem.startswith(IMPORT)
    )
    heads: list[dict[str, Any]] = []
    for path, rows in readable_heads(layout, files):
        name = str(path.relative_to(layout.raw))
        pages = rows.filter(pc.equal(rows["kind"], pa.scalar("page"))).to_pylist()
        heads += [row | {"raw_file": name} for row in pages if row["feed_id"] != IMPORTED]
    decided = _decided(layout, interval, [head["fetch_id"] for head in heads])
    wanted = [
        head | {"is_of_interval": decided.get(head["fetch_id"], False)}
        for head in heads
        if decided.get(head["fetch_id"], True)
    ]
    return sorted(wanted, key=lambda head: (head["fetched_at"], head["fetch_id"]))


def _decided(layout: Layout, interval: Interval, fetch_ids: list[str]) -> dict[str, bool]:
    """By fetch_id of those with an outcome: whether they wait for the run of *interval*."""
    among = pa.array(sorted(fetch_ids), pa.string())
    waits: dict[str, bool] = {}
    for day in layout.dates("outcomes") if fetch_ids else ():
        rows = read_partition(layout, "outcomes", day, ["fetch_id", "code", "published_at"])
        rows = rows.filter(pc.is_in(rows["fetch_id"], among))
        for row in rows.to_pylist():
            waiting = row["code"] == ANOTHER_DAY and row["published_at"] in interval
            waits[row["fetch_id"]] = waits.get(row["fetch_id"], True) and waiting
    return waits
