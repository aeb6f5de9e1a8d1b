"""Reading a bounded part of the store for one page: one connection, only the files of the dates that are named, and an
end to the time and the memory that it may take.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from wirecopy.errors import StoreError
from wirecopy.store.files.globs import escaped_glob
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.present import missing_columns
from wirecopy.store.query.connecting import ATTEMPTS, connected, quoted, sentence_of, was_replaced
from wirecopy.store.query.read import empty_view, nothing

if TYPE_CHECKING:
    import duckdb
    from fsspec import AbstractFileSystem

MEMORY: Final = 256 * 1024**2  # bytes that DuckDB may take for one page
SECONDS: Final = 10.0  # after which a page's queries are broken off
THREADS: Final = 2

T = TypeVar("T")


class TooLong(StoreError):
    """A page's queries took longer than they may."""


class Reader:
    """Answers queries over the tables and dates that were opened, in UTC; a context manager.

    A table that was not opened is not there: so no query can read more dates than its page names.
    """

    def __init__(self, layout: Layout, *, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self.layout = layout
        self._memory, self._seconds = memory, seconds
        self._connection: duckdb.DuckDBPyConnection
        self._system: AbstractFileSystem | None
        self._dates: dict[str, list[date]] = {}
        self._open: dict[str, tuple[list[date], str | None]] = {}
        self._over = False

    def __enter__(self) -> Self:
        self.layout.require(self.layout.store)
        settings: dict[str, str | int] = {
            "threads": THREADS,
            "memory_limit": f"{self._memory}B",
            "max_temp_directory_size": "0B",
        }
        self._system = self.layout.files.filesystem(self.layout.store)
        self._connection = connected(self.layout, self._system, settings)
        self._timer = threading.Timer(self._seconds, self._break_off)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._connection.close()

    def dates(self, table: str) -> list[date]:
        """Dates that have a file of *table*, ascending; looked up once."""
        if table not in self._dates:
            self._dates[table] = self.layout.dates(table)
        return self._dates[table]

    def last(self, table: str = "articles") -> date | None:
        """The latest date of *table*; None while there is none."""
        return max(self.dates(table), default=None)

    def open(self, table: str, first: date, last: date) -> Self:
        """Make *table* readable from *first* to *last*, both included. Returns itself, so that calls can be chained."""
        return self.open_dates(table, (day for day in self.dates(table) if first <= day <= last))

    def open_dates(self, table: str, days: Iterable[date], *, feed: str | None = None) -> Self:
        """Make the named dates of *table* readable, or of them only the rows of *feed*."""
        self._open[table] = sorted(set(days)), feed
        self._retried(lambda: self._make(table))
        return self

    def keep(self, name: str, sql: str, *values: object) -> None:
        """Keep the result of *sql* in memory as a table *name*, for more than one question."""
        self.rows(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}", *values)  # name and SQL are our own

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """The result of *sql* as dicts, *values* in the places of its $1. Raises StoreError, TooLong among them."""
        return self._retried(lambda: self._ask(sql, *values))

    def _ask(self, sql: str, *values: object) -> list[dict[str, Any]]:
        cursor = self._connection.execute(sql, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _retried(self, ask: Callable[[], T]) -> T:
        """What *ask* gives; again, over the files as they are by then, if one was replaced meanwhile."""
        import duckdb

        for attempt in range(ATTEMPTS):
            if self._over:
                raise self._too_long()
            try:
                if attempt:
                    self._look_again()
                return ask()
            except duckdb.InterruptException as error:
                raise self._too_long() from error
            except duckdb.OutOfMemoryException as error:
                raise StoreError(
                    f"This needs more memory than a page may take ({self._memory // 1024**2} MB). Ask for fewer days,"
                    " or ask with `wirecopy query`, which may spill to the disk."
                ) from error
            except duckdb.Error as error:
                if not was_replaced(error):
                    raise
                if attempt + 1 == ATTEMPTS:
                    raise StoreError(
                        f"The store cannot be read ({sentence_of(error)}). `wirecopy store check` looks for damaged "
                        "files."
                    ) from error
        raise AssertionError("unreachable")

    def _look_again(self) -> None:
        self._dates.clear()
        if self._system is not None:
            self._system.invalidate_cache()
        for table in self._open:
            self._make(table)

    def _make(self, table: str) -> None:
        days, feed = self._open[table]
        known = set(self.dates(table))
        self._connection.execute(self._view(table, [day for day in days if day in known], feed))

    def _view(self, table: str, days: list[date], feed: str | None) -> str:
        if not days:
            return empty_view(table)
        paths = [f"'{quoted(escaped_glob(str(self.layout.partition(table, day))))}'" for day in days]
        source = f"read_parquet([{', '.join(paths)}], hive_partitioning=true, hive_types={{'date': DATE}})"
        # The earliest file stands for all, as in files.present: it is the last one that a migration rewrites.
        names = {row["column_name"] for row in self._ask(f"DESCRIBE SELECT * FROM read_parquet({paths[0]})")}  # noqa: S608
        more = "".join(f", {nothing(table, name)}" for name in missing_columns(table, names))
        rows = f"SELECT *{more} FROM {source}" + (f" WHERE feed_id = '{quoted(feed)}'" if feed is not None else "")  # noqa: S608
        return f"CREATE OR REPLACE VIEW {table} AS {rows}"

    def _too_long(self) -> TooLong:
        return TooLong(f"This took longer than {self._seconds:.0f} s and was broken off. Ask for fewer days.")

    def _break_off(self) -> None:
        self._over = True
        self._connection.interrupt()
