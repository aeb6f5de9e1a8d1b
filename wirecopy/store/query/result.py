"""A result that is computed when it is taken, in the form that a program wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from wirecopy.errors import StoreError, UsageError
from wirecopy.store.query.connecting import ATTEMPTS, sentence_of, was_replaced

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

BATCH = 100_000  # rows
Taken = TypeVar("Taken")


class Result:
    """Rows of the store that are not read yet.

    Each method reads what it needs, anew; the store may have changed in between. Anything that takes Arrow data takes a
    result too: `polars.DataFrame(result)`, `pyarrow.table(result)`, `pandas.DataFrame.from_arrow(result)`.
    """

    def __init__(self, make: Callable[[], duckdb.DuckDBPyRelation]) -> None:
        self._make = make

    def _then(self, change: Callable[[duckdb.DuckDBPyRelation], duckdb.DuckDBPyRelation]) -> Result:
        return Result(lambda: change(self._make()))

    @property
    def columns(self) -> list[str]:
        """Names, in order; docs/columns.md says what they mean."""
        return list(self.relation().columns)

    def where(self, condition: str) -> Result:
        """The rows for which *condition*, in SQL, holds: `articles.where("language = 'es'")`."""
        return self._then(lambda rows: rows.filter(condition))

    def select(self, *columns: str) -> Result:
        """These columns, or expressions in SQL, only; the others are not read from the files."""
        return self._then(lambda rows: rows.project(", ".join(columns)))

    def order(self, *by: str) -> Result:
        """Sorted by columns or expressions: `order("published_at DESC")`."""
        return self._then(lambda rows: rows.order(", ".join(by)))

    def limit(self, rows: int) -> Result:
        """The first *rows*."""
        return self._then(lambda found: found.limit(rows))

    def relation(self) -> duckdb.DuckDBPyRelation:
        """As a relation of DuckDB, still lazy. Raises UsageError with DuckDB's words, as every form does."""
        return self._taken(lambda rows: rows)

    def _taken(self, take: Callable[[duckdb.DuckDBPyRelation], Taken]) -> Taken:
        """What *take* makes of the relation; if a file is replaced meanwhile, of a new one. Raises UsageError, and
        StoreError if that happens again and again.
        """
        import duckdb

        for attempt in range(ATTEMPTS):
            try:
                return take(self._make())
            except duckdb.Error as error:
                if not was_replaced(error):
                    raise UsageError(str(error)) from error
                if attempt + 1 == ATTEMPTS:
                    raise StoreError(sentence_of(error)) from error
        raise AssertionError("unreachable")

    def arrow(self) -> pa.Table:
        """All rows as an Arrow table."""
        table: pa.Table = self._taken(lambda rows: rows.to_arrow_table())
        return table

    def batches(self, rows: int = BATCH) -> pa.RecordBatchReader:
        """All rows, at most *rows* at a time in memory."""
        reader: pa.RecordBatchReader = self._taken(lambda found: found.to_arrow_reader(rows))
        return reader

    @overload
    def polars(self) -> pl.DataFrame: ...
    @overload
    def polars(self, *, lazy: Literal[True]) -> pl.LazyFrame: ...
    def polars(self, *, lazy: bool = False) -> pl.DataFrame | pl.LazyFrame:
        """As a frame of Polars, or as a lazy one: what Polars filters and selects there is pushed down to the files."""
        frame: pl.DataFrame | pl.LazyFrame = self._taken(lambda rows: rows.pl(lazy=lazy))
        return frame

    def pandas(self) -> pd.DataFrame:
        """As a frame of pandas."""
        frame: pd.DataFrame = self._taken(lambda rows: rows.df())
        return frame

    def rows(self) -> list[dict[str, Any]]:
        """As a list of dicts; columns of equal names would be one."""
        found: list[dict[str, Any]] = self.arrow().to_pylist()
        return found

    def __len__(self) -> int:
        """How many rows there are now."""
        ((count,),) = self._taken(lambda rows: rows.aggregate("count(*)").fetchall())
        return int(count)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Row by row, as dicts."""
        for batch in self.batches():
            yield from batch.to_pylist()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Arrow's PyCapsule interface, by which libraries take the rows from each other."""
        stream: object = self.batches().__arrow_c_stream__(requested_schema)  # type: ignore[no-untyped-call]
        return stream

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with the columns {', '.join(self.columns)}>"
