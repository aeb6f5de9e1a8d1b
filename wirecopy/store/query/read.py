"""Reading the store with DuckDB: every table as a view of its files, and the views of `views`."""

from __future__ import annotations

import re
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from wirecopy.errors import StoreError, UsageError
from wirecopy.store.articles.watermark import finished_commit
from wirecopy.store.files.columns import COLUMNS
from wirecopy.store.files.globs import escaped_glob
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.present import columns_of, missing_columns
from wirecopy.store.query.connecting import ATTEMPTS, connected, of_the_bucket, quoted, sentence_of
from wirecopy.store.query.views import CHANGES, HIGHEST, VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    import duckdb
    import pyarrow as pa

    ColumnsOf = Callable[[str, Sequence[date]], Sequence[str] | None]

_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "date32[day]": "DATE",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
    "binary": "BLOB",
    "list<item: string>": "VARCHAR[]",
    "list<item: int64>": "BIGINT[]",
}
BATCH = 10_000  # rows that are in Python at a time
SPILL = "spill-"  # how folders in state/ begin into which queries spill
CHANGES_NAME = "changes"
VIEWS_FILE = "views.sql"  # in state/, for other clients
CATALOG = re.compile(r"information_schema|duckdb_|pragma|^\s*(show|describe|summarize)\b", re.IGNORECASE)
QUERY_WORDS = ("select", "from", "with", "values", "table", "pivot", "unpivot", "describe", "show", "summarize")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may take of the machine, in bytes."""

    memory: int = 2 * 1024**3
    spill: int = 20 * 1024**3  # on the disk of state/, where memory is not enough


def connect(layout: Layout, limits: Limits | None = None, *, sql: str | None = None) -> duckdb.DuckDBPyConnection:
    """A connection in memory with the store's tables and views (those that *sql* names, if it is given), in UTC. It can
    read no file outside the store; `query` rejects statements that could write.
    """
    limits = limits or Limits()
    settings = {
        "memory_limit": f"{limits.memory}B",
        # A folder of its own: DuckDB makes it when it is needed, and removes it. What a killed query leaves is swept.
        "temp_directory": str(layout.spill / f"{SPILL}{uuid.uuid4().hex}"),
        "max_temp_directory_size": f"{limits.spill}B",
    }
    connection = connected(layout, layout.files.filesystem(layout.store), settings)
    for statement in view_statements(layout, sql, partial(_described, connection, layout)):
        connection.execute(statement)
    return connection


def query(layout: Layout, sql: str, *values: object, limits: Limits | None = None) -> pa.Table:
    """The result of one SELECT, *values* in the places of its ? or $1.

    Raises UsageError with DuckDB's words if it is no query, StoreError without a store.
    """
    table: pa.Table = _asked(layout, sql, values, limits, lambda found: found.to_arrow_table())
    return table


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query, computed; its rows are made of it as they are taken, once."""

    names: tuple[str, ...]  # two may be equal
    types: tuple[str, ...]  # as DuckDB writes them
    rows: Iterator[tuple[Any, ...]]


def answer(layout: Layout, sql: str, *values: object, limits: Limits | None = None) -> Answer:
    """As `query`, in the values of Python and without pyarrow."""
    found: Answer = _asked(layout, sql, values, limits, _computed)
    return found


def _computed(found: duckdb.DuckDBPyRelation) -> Answer:
    rows = found.iter_rows(BATCH)
    first = list(islice(rows, 1))  # DuckDB computes all of it now
    return Answer(tuple(found.columns), tuple(map(str, found.types)), chain(first, rows))


def _asked(
    layout: Layout, sql: str, values: Sequence[object], limits: Limits | None,
    take: Callable[[duckdb.DuckDBPyRelation], Any],
) -> Any:  # fmt: skip
    """What *take* makes of the result of one SELECT."""
    import duckdb

    layout.require(layout.store)
    wanted = None if CATALOG.search(sql) else sql
    for attempt in range(ATTEMPTS):
        try:
            with closing(connect(layout, limits, sql=wanted)) as connection:
                return take(connection.sql(_one_query(connection, sql), params=list(values)))
        except duckdb.OutOfMemoryException as error:
            raise UsageError(
                f"{str(error).splitlines()[0]}\nThe query needs more memory than query_memory, or more disk than "
                "query_spill allows (docs/settings.md): raise them, or ask for less."
            ) from error
        except duckdb.Error as error:
            if wanted is not None and isinstance(error, duckdb.CatalogException):
                wanted = None  # among all names DuckDB tells which one may be meant
                continue
            if attempt + 1 == ATTEMPTS or isinstance(error, duckdb.ProgrammingError):
                raise refusal(error) from error
    raise AssertionError("unreachable")


def refusal(error: duckdb.Error) -> UsageError | StoreError:
    """What to raise for DuckDB's *error*: its own words, and what can be asked."""
    if of_the_bucket(error):
        return StoreError(sentence_of(error))
    return UsageError(f"{error}\nTables and views: {', '.join([*COLUMNS, *VIEWS])}.")


class Reader:
    """A connection that is kept, for lazy relations. It is made anew when tables got their first files, and on a bucket
    for each relation, which sees one state of it.
    """

    def __init__(self, layout: Layout, limits: Limits | None = None) -> None:
        self._layout, self._limits = layout, limits
        self._on_a_bucket = layout.files.filesystem(layout.store) is not None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._filled: list[bool] = []

    def relation(self, sql: str, *values: object, **tables: object) -> duckdb.DuckDBPyRelation:
        """The rows of one SELECT, which are read when they are taken; *tables* are Arrow data or frames that it names.

        Raises UsageError with DuckDB's words if it is no query.
        """
        import duckdb

        if not self._on_a_bucket:
            return self._related(self._current, sql, values, tables)
        wanted = None if CATALOG.search(sql) else sql
        try:
            return self._related(lambda: connect(self._layout, self._limits, sql=wanted), sql, values, tables)
        except UsageError as error:
            if wanted is None or not isinstance(error.__cause__, duckdb.CatalogException):
                raise
        # Among all names DuckDB tells which one may be meant.
        return self._related(lambda: connect(self._layout, self._limits), sql, values, tables)

    def _related(
        self, connect: Callable[[], duckdb.DuckDBPyConnection], sql: str, values: Sequence[object],
        tables: Mapping[str, object],
    ) -> duckdb.DuckDBPyRelation:  # fmt: skip
        import duckdb

        try:
            connection = connect()
            for name, table in tables.items():
                connection.register(name, table)
            return connection.sql(_one_query(connection, sql), params=list(values))
        except duckdb.Error as error:
            raise refusal(error) from error

    def _current(self) -> duckdb.DuckDBPyConnection:
        filled = [bool(self._layout.dates(table)) for table in COLUMNS]
        if self._connection is None or filled != self._filled:
            self._connection, self._filled = connect(self._layout, self._limits), filled
        return self._connection


def _one_query(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The only statement of *sql*. It must begin like a query, because COPY could write into the store."""
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise UsageError(f"One statement at a time, but there are {len(statements)}.")
    tokens = [(start, kind) for start, kind in duckdb.tokenize(sql) if kind != duckdb.token_type.comment]
    ends = [start for start, _ in tokens[1:]] + [len(sql.encode())]
    words = [sql.encode()[start:end].decode().split() for (start, _), end in zip(tokens, ends, strict=True)]
    leading = [word[0].lower() for word in words if word]
    while leading and leading[0] in ("explain", "analyze"):
        leading.pop(0)
    if not leading or leading[0] not in QUERY_WORDS:
        raise UsageError(f"The store is only read: a query begins with {', '.join(QUERY_WORDS).upper()}.")
    return statements[0]


def statements_of(sql: str) -> list[str]:
    """The statements of *sql*, each as it is written; *sql* itself if DuckDB cannot tell, as `query` says why then."""
    import duckdb

    try:
        return [one.query for one in duckdb.extract_statements(sql)]
    except duckdb.Error:
        return [sql]


def view_statements(layout: Layout, sql: str | None = None, columns: ColumnsOf | None = None) -> list[str]:
    """SQL that makes the tables and views in any DuckDB: also written to state/views.sql for other clients.

    With *sql*, only those that it names, and what they are made of: each costs a look into a file. *columns* gives the
    columns that the files of a table have; default: pyarrow looks.
    """
    named = None if sql is None else _named(sql)
    columns = columns or partial(columns_of, layout)
    statements = [_table_view(layout, table, columns) for table in COLUMNS if named is None or table in named]
    for name, view in VIEWS.items():
        if named is None or name in named:
            statements.append(f"CREATE OR REPLACE VIEW {name} AS {' '.join(view.split())}")
    if layout.beside is not None and not layout.beside.database:
        if named is not None and CHANGES_NAME in named:
            raise StoreError("changes(since) needs the PostgreSQL of the store, which counts commits: set state_url.")
    elif named is None or CHANGES_NAME in named:
        last = finished_commit(layout)
        changes = " ".join(CHANGES.format(watermark=HIGHEST if last is None else last).split())
        statements.append(f"CREATE OR REPLACE MACRO {CHANGES_NAME}(since) AS TABLE {changes}")
    return statements


def _named(sql: str) -> set[str]:
    """The words of *sql*, and those of the views that it names."""
    words = set(re.findall(r"\w+", sql.lower()))
    work = list(words)
    while work:
        name = work.pop()
        if definition := CHANGES if name == CHANGES_NAME else VIEWS.get(name):
            more = set(re.findall(r"\w+", definition.lower())) - words
            words |= more
            work += more
    return words


def write_views(layout: Layout) -> None:
    """Keep state/views.sql current."""
    text = ";\n".join(["SET TimeZone='UTC'", *view_statements(layout)]) + ";\n"
    path = layout.state / VIEWS_FILE
    if layout.files.read_text(path) != text:
        layout.files.write_text(path, text)


def _described(
    connection: duckdb.DuckDBPyConnection, layout: Layout, table: str, days: Sequence[date]
) -> list[str] | None:
    """As `columns_of`, without pyarrow: a query needs it for nothing else, and it costs .1 s of CPU."""
    import duckdb

    for day in days:
        path = quoted(escaped_glob(str(layout.partition(table, day))))
        with suppress(duckdb.Error):  # damaged, which `store check` tells
            found = connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}', hive_partitioning=false)")  # noqa: S608
            return [name for name, *_ in found.fetchall()]
    return None


def _table_view(layout: Layout, table: str, columns: ColumnsOf) -> str:
    """A view of one table. As long as the table has no file, the view is empty, because a glob without files is an
    error.
    """
    if days := layout.dates(table):
        # Folders that are no dates are `store check`'s to tell; here they would end every query.
        glob = quoted(f"{escaped_glob(str(layout.store))}/{table}/date=????-??-??/*.parquet")
        source = f"read_parquet('{glob}', hive_partitioning=true, hive_types={{'date': DATE}})"
        names = columns(table, days) or ()
        more = "".join(f", {nothing(table, name)}" for name in missing_columns(table, names))
        return f"CREATE OR REPLACE VIEW {table} AS SELECT *{more} FROM {source}"  # noqa: S608  names of ours, path quoted
    return empty_view(table)


def empty_view(table: str) -> str:
    """SQL that makes *table* with its columns and without rows."""
    columns = ", ".join(nothing(table, name) for name in COLUMNS[table].names)
    return f"CREATE OR REPLACE VIEW {table} AS SELECT {columns}, NULL::DATE AS date WHERE false"


def nothing(table: str, column: str) -> str:
    """A column of nulls: of a table without a file, or of one that an older version wrote."""
    return f"NULL::{_DUCKDB_TYPES[COLUMNS[table].types[column]]} AS {column}"


def rows(layout: Layout, sql: str, *values: object) -> list[dict[str, Any]]:
    """The result of *sql*, whose columns have names of their own, as dicts; *values* in the places of its ? or $1."""
    names, found = _asked(layout, sql, values, None, lambda rows: (rows.columns, rows.fetchall()))
    assert len(set(names)) == len(names), f"columns of one name: {names}"
    return [dict(zip(names, row, strict=True)) for row in found]
