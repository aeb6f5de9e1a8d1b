"""Whether the files of a table have the columns of today's schema. One file with other columns than the rest breaks
naive globs, so nothing is written into a table of an older version: `migration` rewrites it whole first.

The earliest file of a table stands for it. A migration goes from the latest file to the earliest, and a glob takes its
columns from the earliest: as long as that one is old, readers see the old columns, and when it is new all files are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache

from wirecopy.errors import StoreError
from wirecopy.store.files.columns import COLUMNS
from wirecopy.store.files.files import Version
from wirecopy.store.files.layout import Layout


@lru_cache(maxsize=256)
def require_present(layout: Layout, table: str) -> None:
    """Raises StoreError with the next step if *table* may not be written by this version. Looked up once per process:
    what is of today's schema stays so.
    """
    names = columns_of(layout, table)
    if names is None:
        return
    refuse_newer(table, names)
    if missing := missing_columns(table, names):
        raise StoreError(
            f"{layout.store / table} was written by an older wirecopy: its files lack {', '.join(missing)}. Run "
            "`wirecopy store migrate`; nothing is written into this table before, as files of two kinds would break "
            "readers."
        )


def columns_of(layout: Layout, table: str, days: Sequence[date] | None = None) -> Sequence[str] | None:
    """The columns of the earliest file of *table* that can be read; None without one. *days*: its dates, if they are
    known.
    """
    import pyarrow as pa

    for day in layout.dates(table) if days is None else days:
        try:
            version = layout.files.head(layout.partition(table, day))
            if version is not None:
                return _columns(layout, version)
        except (pa.ArrowException, OSError):  # `store check` tells
            continue
    return None


def missing_columns(table: str, names: Collection[str]) -> list[str]:
    """The columns of today's schema that are not among *names*, in its order."""
    return [name for name in COLUMNS[table].names if name not in names]


def refuse_newer(table: str, names: Collection[str]) -> None:
    """Raises StoreError if *names* has columns that this version does not know: it would drop them."""
    unknown = sorted(set(names) - set(COLUMNS[table].names))
    if unknown:
        raise StoreError(
            f"The table {table} has columns that this version does not know ({', '.join(unknown)}): a newer wirecopy "
            "wrote it. Install that version again; this one would drop them."
        )


@lru_cache(maxsize=4096)
def _columns(layout: Layout, version: Version) -> tuple[str, ...]:
    with layout.files.parquet(version.path) as file:
        return tuple(file.schema_arrow.names)
