"""Matches of a date that were computed and wait for being settled: `state/found/<date>.<attempt>.parquet`.

Whoever computes a date writes a file of its own and takes no lock, so it may be killed, run twice or come too late. The
footer of a file names the inputs that its rows follow from: it is used while these are the inputs in the store, however
many attempts there were, and thrown away otherwise. Nothing reads these files but the step that holds the lock.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from dedupe.params import Params
from dedupe.records import WITHDRAWN
from wirecopy.log import get_log
from wirecopy.store.copies.derived import MATCH_INPUTS, MatchTable, window_inputs
from wirecopy.store.files.layout import Layout, day_of
from wirecopy.store.files.partition import FOOTER, values

log = get_log(__name__)

FOLDER: Final = "found"  # in state/
INPUTS: Final = f"{FOOTER}{MATCH_INPUTS}".encode()
# A matched date waits for those before it. After a week nobody waits: it came when another attempt had been settled.
KEPT_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMatches:
    """The matches of a date, and the inputs that they follow from."""

    day: date
    inputs: str  # derived.window_inputs, as read
    rows: MatchTable  # in stored order

    @property
    def withdrawn(self) -> int:
        """How many rows withdraw a match of an earlier date."""
        return values(self.rows, "relation").count(WITHDRAWN)


def stage(layout: Layout, found: FoundMatches) -> PurePath:
    """Keep *found* until it is settled; its file, which no other attempt writes. Raises StoreError."""
    path = layout.state / FOLDER / f"{found.day.isoformat()}.{uuid.uuid4().hex[:12]}.parquet"
    metadata = {**(found.rows.schema.metadata or {}), INPUTS: found.inputs.encode()}
    with layout.files.replacing(path) as staged:
        pq.write_table(
            found.rows.replace_schema_metadata(metadata), staged, compression="zstd", write_page_checksum=True
        )
    return path


def staged_days(layout: Layout) -> set[date]:
    """Dates of which an attempt has ended, whether it fits or not."""
    return {day for day, _ in _staged(layout)}


def fitting_days(layout: Layout, days: Collection[date], params: Params) -> set[date]:
    """Those of *days* of which an attempt has found what still follows from the store, by the footers of their files;
    files that do not are removed.
    """
    fitting = set()
    for day, path in list(_staged(layout)):
        if day not in days:
            continue
        if _fits(layout, day, path, params):
            fitting.add(day)
        else:
            layout.files.remove(path)
    return fitting


def staged_matches(layout: Layout, day: date, params: Params) -> FoundMatches | None:
    """What an attempt found for a date, if it still follows from the store; files that do not are removed."""
    inputs = window_inputs(layout, day, params)
    chosen = None
    for _, path in _staged(layout, day):
        found = _read(layout, day, path, inputs) if chosen is None else chosen
        if found is None:
            layout.files.remove(path)
        chosen = found
    return chosen


def discard(layout: Layout, day: date) -> None:
    """Remove what all attempts left of a date."""
    for _, path in _staged(layout, day):
        layout.files.remove(path)


def sweep_found(layout: Layout, params: Params) -> int:
    """Remove what can be of no use: rows of other inputs than today's, and what nobody has settled for a week; how many
    files.
    """
    removed = 0
    for day, path in list(_staged(layout)):
        version = layout.files.head(path)
        age = time.time() - version.modified_at if version else 0.0
        if age > KEPT_FOR.total_seconds() or not _fits(layout, day, path, params):
            layout.files.remove(path)
            removed += 1
    if removed:
        log.info("removed staged matches that fit no more files=%d", removed)
    return removed


def _staged(layout: Layout, day: date | None = None) -> Iterator[tuple[date, PurePath]]:
    """Each staged file, of all dates or of one."""
    for path in layout.files.find(layout.state / FOLDER, f"{day.isoformat() if day else '*'}.*.parquet"):
        if found := day_of(path.name.partition(".")[0]):
            yield found, path


def _read(layout: Layout, day: date, path: PurePath, inputs: str) -> FoundMatches | None:
    """The rows of a staged file; None if they follow from other inputs, or it is damaged or gone."""
    try:
        with layout.files.parquet(path) as file:
            if (file.schema_arrow.metadata or {}).get(INPUTS, b"").decode() != inputs:
                log.info("staged matches of %s follow from other articles than today's: thrown away", day)
                return None
            rows = file.read()
    except (FileNotFoundError, pa.ArrowException, OSError) as error:
        log.warning("%s cannot be read (%s): %s is computed again", path, error, day)
        return None
    metadata = {name: value for name, value in (rows.schema.metadata or {}).items() if name != INPUTS}
    return FoundMatches(day=day, inputs=inputs, rows=rows.replace_schema_metadata(metadata or None))


def _fits(layout: Layout, day: date, path: PurePath, params: Params) -> bool:
    """Whether what a staged file holds still follows from the store; by its footer."""
    return _inputs_of(layout, path) == window_inputs(layout, day, params)


def _inputs_of(layout: Layout, path: PurePath) -> str | None:
    try:
        with layout.files.parquet(path) as file:
            return (file.schema_arrow.metadata or {}).get(INPUTS, b"").decode()
    except (FileNotFoundError, pa.ArrowException, OSError):
        return None
