"""The PostgreSQL beside a bucket: what processes on many machines agree on, and what an object cannot hold."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from wirecopy.errors import StateUnreachable, StoreError
from wirecopy.log import get_log

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row

log = get_log(__name__)

TABLES: Final = """
CREATE TABLE IF NOT EXISTS store_turns (
    store text NOT NULL, name text NOT NULL, holder text NOT NULL, since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store, name));
CREATE TABLE IF NOT EXISTS store_logs (
    store text NOT NULL, path text NOT NULL, line uuid NOT NULL, number bigserial NOT NULL, content text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (store, path, line));
CREATE TABLE IF NOT EXISTS store_probes (
    store bigint PRIMARY KEY, server text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS store_commits (
    store bigint NOT NULL, number bigint NOT NULL, state text NOT NULL, PRIMARY KEY (store, number));
CREATE TABLE IF NOT EXISTS article_homes (
    store bigint NOT NULL, key bytea NOT NULL, article_id text NOT NULL, day date NOT NULL, PRIMARY KEY (store, key));
CREATE TABLE IF NOT EXISTS article_homes_read (
    store bigint NOT NULL, day date NOT NULL, tag text NOT NULL, highest bigint NOT NULL, PRIMARY KEY (store, day));
"""
TABLES_TURN: Final = 7_023_511_968  # advisory lock of who makes the tables: any number that nobody else takes
TRIES: Final = 5  # of a statement whose connection is cut: the server was restarted, or ends sessions
# A machine that loses its power tells nobody: its locks are free after 30 + 3 x 10 s and not after two hours.
SESSION: Final = (
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
    "SET synchronous_commit = off",
)


def number_of(*names: str) -> int:
    """A number that stands for *names* (a store, a lock of it): 64 bits of their hash, as PostgreSQL's bigint."""
    digest = hashlib.blake2b("\n".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class Database:
    """Statements on the database of `state_url`. Raises StateUnreachable or StoreError without the password."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row[Any]]:
        """The rows of one statement, committed. It is sent again if the connection is cut, so that it must be one that
        may run twice.
        """
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError

        with self._explained():
            for tries_left in reversed(range(TRIES)):
                try:
                    with engine(self.url, os.getpid()).connect() as connection:
                        result = connection.execute(text(sql), dict(values or {}))
                        return list(result) if result.returns_rows else []
                except DBAPIError as error:
                    if not (error.connection_invalidated and tries_left):
                        raise
                    log.info("the state database closed a connection: once more")
        raise AssertionError("unreachable")

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection of its own: its advisory locks live as long as it does."""
        connection = self.open_session()
        try:
            yield connection
        finally:
            close_session(connection)

    def open_session(self) -> Connection:
        """As `session`, to be closed by `close_session`."""
        from sqlalchemy import text

        with self._explained():
            connection = sessions(self.url, os.getpid()).connect()
            for statement in SESSION:
                connection.execute(text(statement))
            return connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

        target = make_url(self.url)
        try:
            yield
        except SQLAlchemyError as error:
            said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
            said = said.replace(str(target.password), "***") if target.password else said
            shown = f"state_url {target.render_as_string()}"
            if isinstance(error, OperationalError):
                raise StateUnreachable(f"{shown} does not answer: {said}. Start it, or look at the network.") from error
            raise StoreError(f"{shown}: {said}. Mend it, and run again.") from error


def close_session(connection: Connection) -> None:
    """Give its locks back at once, as a server notices an end a moment later; a connection that is cut has none."""
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    with suppress(SQLAlchemyError):
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
    with suppress(SQLAlchemyError):
        connection.close()


@lru_cache(maxsize=4)
def engine(url: str, _process: int) -> Engine:
    """Connections that are shared by one process (a fork must not use its parent's), each statement committed."""
    from sqlalchemy import create_engine, text

    made = create_engine(url, pool_pre_ping=True, pool_recycle=600, isolation_level="AUTOCOMMIT", pool_size=2)
    with made.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({TABLES_TURN})"))
        try:
            connection.execute(text(TABLES))
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({TABLES_TURN})"))
    return made


@lru_cache(maxsize=4)
def sessions(url: str, process: int) -> Engine:
    """Connections that end when they are given back, and the locks of a dead process with them."""
    from sqlalchemy import NullPool, create_engine

    engine(url, process)  # makes the tables
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
