"""A connection of DuckDB that can read one store, in a folder or on a bucket, and nothing else."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from wirecopy.store.files.globs import escaped_glob

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    from fsspec import AbstractFileSystem

    from wirecopy.store.files.layout import Layout

# DuckDB opens a file twice, for its footer and for its data. If the file is replaced in between, the query fails, and
# is run again.
ATTEMPTS: Final = 3
# Threads that wait for a bucket do not compute: with 8, the footers of 365 dates come within 1.4 s on two processors.
# Each holds what it reads, so a page keeps to its own number: texts of 14 days with 8 took more than its 256 MB.
THREADS_ON_A_BUCKET: Final = 8
LAST_LINE: Final = re.compile(r"^[\w.]+: ", re.MULTILINE)


def connected(
    layout: Layout, system: AbstractFileSystem | None, settings: Mapping[str, str | int]
) -> duckdb.DuckDBPyConnection:
    """A connection in memory, in UTC, with DuckDB's *settings*. *system* is what the store's `files.filesystem` gave:
    if the store lies on a bucket, the connection sees it as it is when it is listed first.
    """
    import duckdb

    connection = duckdb.connect()
    with suppress(duckdb.InvalidInputException):  # in a notebook without ipywidgets there is none, and no such setting
        connection.execute("SET enable_progress_bar=false")
    more: dict[str, str | int] = {}
    if system is not None:
        connection.register_filesystem(system)
        # Its own cache tells versions by their second.
        more = {"threads": THREADS_ON_A_BUCKET, "enable_external_file_cache": "false"}
    for name, value in {"TimeZone": "UTC", **more, **settings}.items():
        connection.execute(f"SET {name}='{quoted(str(value))}'")
    # As it is called, and as a glob names it: DuckDB compares the pattern itself, too.
    allowed = {str(layout.store), escaped_glob(str(layout.store))}
    folders = ", ".join(f"'{quoted(one)}/'" for one in sorted(allowed))
    connection.execute(f"SET allowed_directories=[{folders}]")
    connection.execute("SET enable_external_access=false; SET lock_configuration=true")
    return connection


def was_replaced(error: duckdb.Error) -> bool:
    """Whether a file was replaced, or removed, between its footer and its data, as far as the error tells."""
    import duckdb

    return isinstance(error, duckdb.IOException | duckdb.InvalidInputException) or type(error) is duckdb.Error


def sentence_of(error: duckdb.Error) -> str:
    """What *error* says in one line: of what a bucket answered, our own sentence without the traceback around it."""
    text = str(error).strip()
    if of_the_bucket(error):
        *_, last = LAST_LINE.split(text)
        return " ".join(last.split())
    return text.splitlines()[0]


def of_the_bucket(error: duckdb.Error) -> bool:
    """Whether it is what a filesystem in Python raised: DuckDB has no class for that, and shows its traceback."""
    import duckdb

    return type(error) is duckdb.Error and str(error).startswith("Traceback")


def quoted(text: str) -> str:
    """*text* between the quotes of an SQL string."""
    return text.replace("'", "''")
