"""Brings the files of an older version to today's schema: new columns, in every file of their table.

File by file, each replaced whole, from the latest date to the earliest (`present` has the reason). A migration that was
killed is repeated and goes on where it was; nobody has to wait for it with reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

import pyarrow as pa

from wirecopy.errors import StoreError
from wirecopy.log import get_log
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import Base, open_partition, read_base, rewrite_partition, values
from wirecopy.store.files.present import columns_of, missing_columns, refuse_newer
from wirecopy.store.files.schema import TABLES

log = get_log(__name__)

FOOTER_OF_SCHEMA: Final = "schema_version"


def is_present(layout: Layout, table: str) -> bool:
    """Whether *table* needs no migration, by its earliest file. Raises StoreError if a newer version wrote it."""
    names = columns_of(layout, table)
    if names is not None:
        refuse_newer(table, names)
    return names is None or not missing_columns(table, names)


def dates_to_migrate(layout: Layout, table: str) -> list[date]:
    """Dates whose file lacks columns or has other types, latest first. Files that cannot be read are left out:
    `store check` tells about them. Raises StoreError if a newer version wrote one.
    """
    return [day for day in reversed(layout.dates(table)) if _is_old(layout, table, day)]


def migrate(layout: Layout, table: str, days: list[date]) -> Iterator[date]:
    """Rewrites the files of *days*, in that order, and yields each date when it is done. Hold the lock of those who
    write *table*. Raises StoreConflict if the file was replaced meanwhile.
    """
    for day in days:
        base = read_base(layout, table, day)
        rewrite_partition(layout, table, day, _completed(table, base), _footer(layout, table, day), over=base.version)
        yield day


def _is_old(layout: Layout, table: str, day: date) -> bool:
    try:
        with open_partition(layout, table, day) as file:
            found = file.schema() if file else None
    except StoreError as error:
        log.warning("left as it is: %s", error)
        return False
    if found is None:
        return False
    refuse_newer(table, found.names)
    return not found.equals(TABLES[table])


def _footer(layout: Layout, table: str, day: date) -> dict[str, str]:
    """What the file says of itself, kept: rows are the same, so the date is as current as it was."""
    with open_partition(layout, table, day) as file:
        footer = file.footer() if file else {}
    return {name: value for name, value in footer.items() if name != FOOTER_OF_SCHEMA}


def _completed(table: str, base: Base) -> pa.Table:
    """The rows with all columns of today; a new one has null where nothing can be told."""
    rows = base.rows
    for name in missing_columns(table, rows.column_names):
        told = TOLD.get((table, name))
        column = told(rows) if told else pa.nulls(rows.num_rows, TABLES[table].field(name).type)
        rows = rows.append_column(name, column)
    return rows


def _reasons(rows: pa.Table) -> pa.StringArray:
    """What decided each match, where the rest of its row tells."""
    told = zip(values(rows, "relation"), values(rows, "score"), strict=True)
    return pa.array([_reason(relation, score) for relation, score in told], pa.string())


def _reason(relation: str, score: float) -> str | None:
    if relation in ("copy", "derived"):
        return "score" if score >= SURE_SCORE else None
    return REASON_OF.get(relation)


SURE_SCORE: Final = 0.50  # from which a score alone decided in the versions without reasons
REASON_OF: Final = {
    "identical": "identical",
    "near_duplicate": "jaccard",
    "update": "same_publisher",
    "contains": "contains",
}
TOLD: Final[dict[tuple[str, str], Callable[[pa.Table], pa.StringArray]]] = {("matches", "reason"): _reasons}
"""How a column that an older version did not have follows from the row."""
