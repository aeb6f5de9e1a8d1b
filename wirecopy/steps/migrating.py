"""migrate: the store of an older version gets the columns of this one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.settings import load_settings
from wirecopy.store.articles.commit import committing
from wirecopy.store.copies.derived import DEDUPE_LOCK
from wirecopy.store.files.columns import COLUMNS
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.files.migration import dates_to_migrate, is_present, migrate
from wirecopy.store.files.partition import REBUILDABLE

log = get_log(__name__)

DERIVED: Final = tuple(name for name in COLUMNS if name in REBUILDABLE)  # what dedupe writes, under its own lock


def migrate_store(*, dry_run: bool = False, progress: Progress | None = None) -> dict[str, int]:
    """Bring every file of every table to today's schema; returns how many files of each table were rewritten, or would
    be with *dry_run*. Safe while runs write: it waits for their locks. Killed, it is repeated and goes on.
    """
    layout = layout_of(load_settings()).make()
    counts: dict[str, int] = {}
    for table in COLUMNS:
        if dry_run:
            counts[table] = len(dates_to_migrate(layout, table))
            continue
        with _writing(layout, table):
            counts[table] = _migrate(layout, table, progress)
    return counts


def migrate_derived(layout: Layout, progress: Progress | None = None) -> None:
    """What dedupe does before it writes: its own tables are small and follow from articles. Hold its lock."""
    for table in DERIVED:
        if not is_present(layout, table):
            _migrate(layout, table, progress)


@contextmanager
def _writing(layout: Layout, table: str) -> Iterator[None]:
    """Holds the lock of those who write *table*."""
    if table in DERIVED:
        with layout.files.locked(layout.locks / DEDUPE_LOCK):
            yield
    else:
        with committing(layout):
            yield


def _migrate(layout: Layout, table: str, progress: Progress | None) -> int:
    days = dates_to_migrate(layout, table)
    for done, _ in enumerate(migrate(layout, table, days), 1):
        if progress is not None:
            progress(f"migrating {table}", done, len(days))
    if days:
        log.info("migrated table=%s files=%d from=%s to=%s", table, len(days), days[-1], days[0])
    return len(days)
