"""Feed state in a SQL database: validators for the next poll, when it is due, and the next free slot of each host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    case,
    create_engine,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.sql.compiler import SQLCompiler

from ingest.serial import to_json
from wirecopy.errors import SettingsError, StateUnreachable, StoreError
from wirecopy.store.feeds.feedstate import (
    DATABASE,
    FeedCapture,
    FeedState,
    capture_of_row,
    naive,
    row_of_state,
    state_of_row,
)
from wirecopy.store.files.layout import Layout

_metadata = MetaData()
MEND = "Check the address, or unset WIRECOPY_STATE_URL to use SQLite."

FEEDS = Table(
    "feed_state", _metadata,
    Column("feed_id", String(200), primary_key=True),
    Column("etag", String), Column("last_modified", String), Column("body_hash", String(32)),
    Column("failures", Integer, nullable=False), Column("last_code", String(40)), Column("last_detail", String),
    Column("last_polled_at", DateTime), Column("last_success_at", DateTime), Column("last_full_at", DateTime),
    Column("next_due", DateTime), Column("identity", Text),
    Column("penalty", Float), Column("pace", Float), Column("gone_since", DateTime),
    Column("moved_to", String), Column("moved_from", String), Column("moved_since", DateTime),
    Column("moved_same", Boolean), Column("first_success_at", DateTime), Column("asked", Text),
)  # fmt: skip
# A table of an earlier version gets the columns that it lacks: they may be null.
CAPTURES = Table(
    "feed_captures",
    _metadata,
    Column("feed_id", String(200), primary_key=True),
    Column("fetch_id", String(32), nullable=False),
    Column("raw_file", String, nullable=False),
    Column("fetched_at", DateTime, nullable=False),
    Column("poll", Text),
)
GATES = Table(
    "host_gates", _metadata, Column("host", String(255), primary_key=True), Column("free_at", Float, nullable=False)
)


class State:
    """The database; safe to use from several processes at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        create_tables(engine, _metadata)
        _add_missing_columns(engine)
        self._next_slot = _next_slot(engine)

    @classmethod
    def open(cls, layout: Layout, url: str | None) -> State:
        """The database at *url*, or SQLite in state/.

        Raises SettingsError if the URL is wrong, StateUnreachable if a server does not answer.
        """
        target = _target(layout, url)
        shown = f"state_url {target.render_as_string()}"  # without the password
        try:
            return cls(_engine(target))
        except SQLAlchemyError as error:
            if url is None:
                raise StoreError(_own_state(layout, error)) from error
            if isinstance(error, OperationalError) and target.get_backend_name() != "sqlite":
                said = _said(error, target)
                raise StateUnreachable(f"{shown} does not answer: {said}. Start it, or look at the network.") from error
            raise SettingsError(f"{shown}: {_said(error, target)}. {MEND}") from error
        except Exception as error:  # a driver that is not installed, an unknown dialect, a wrong option
            raise SettingsError(f"{shown}: {_said(error, target)}. {MEND}") from error

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def feeds(self) -> dict[str, FeedState]:
        """The state of every feed."""
        with self.engine.connect() as connection:
            states = [state_of_row(row._mapping) for row in connection.execute(select(FEEDS))]
        return {state.feed_id: state for state in states}

    def save_feeds(self, states: Iterable[FeedState]) -> None:
        """Replace the state of these feeds."""
        with self.engine.begin() as connection:
            for state in states:
                upsert(connection, FEEDS, "feed_id", row_of_state(state))

    def captures(self) -> dict[str, FeedCapture]:
        """The latest captured document of each feed."""
        with self.engine.connect() as connection:
            rows = [row._mapping for row in connection.execute(select(CAPTURES))]
        return {row["feed_id"]: capture_of_row(row) for row in rows}

    def save_captures(self, captures: Iterable[FeedCapture]) -> None:
        """Remember documents for the past runs of the next minutes."""
        with self.engine.begin() as connection:
            for capture in captures:
                row = {name: getattr(capture, name) for name in ("feed_id", "fetch_id", "raw_file")}
                row["poll"] = to_json(capture.poll) if capture.poll else None
                upsert(connection, CAPTURES, "feed_id", row | {"fetched_at": naive(capture.fetched_at)})

    def acquire_slot(self, host: str, gap: timedelta, most: timedelta | None = None) -> timedelta | None:
        """How long to wait before asking *host*: each call takes the next free slot, over all processes. None, and no
        slot taken, if that is longer than *most*.
        """
        now, seconds = datetime.now(UTC).timestamp(), gap.total_seconds()
        last = now + (timedelta.max if most is None else most).total_seconds()
        given = self._next_slot.construct_params({"host": host, "now": now, "gap": seconds, "last": last})
        names = self._next_slot.positiontup
        # Sent to the driver directly: each request does this, and SQLAlchemy's execution costs four times the CPU.
        with closing(self.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(str(self._next_slot), [given[name] for name in names] if names else given)
            row = cursor.fetchone()
            connection.commit()
        return None if row is None else timedelta(seconds=max(row[0] - seconds - now, 0.0))


def _next_slot(engine: Engine) -> SQLCompiler:
    """One statement: it locks the host's row, and returns when the slot after ours is free; nothing if ours would come
    after *last*.
    """
    now, gap, last = (bindparam(name, type_=Float) for name in ("now", "gap", "last"))
    first = _insert(engine, GATES).values(host=bindparam("host"), free_at=now + gap)
    later = case((GATES.c.free_at > now, GATES.c.free_at), else_=now) + gap
    slot = first.on_conflict_do_update(
        index_elements=["host"], set_={"free_at": later}, where=GATES.c.free_at <= last
    ).returning(GATES.c.free_at)
    compiled: SQLCompiler = slot.compile(dialect=engine.dialect)
    return compiled


def _add_missing_columns(engine: Engine) -> None:
    for column in _missing_columns(engine):
        kind = column.type.compile(engine.dialect)
        try:
            with engine.begin() as connection:
                connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {column.name} {kind}"))
        except SQLAlchemyError:
            if column in _missing_columns(engine):
                raise  # else another process was faster


def _missing_columns(engine: Engine) -> list[Column[Any]]:
    look = inspect(engine)
    there = {table: {column["name"] for column in look.get_columns(table.name)} for table in (FEEDS, CAPTURES)}
    return [column for table, names in there.items() for column in table.columns if column.name not in names]


def _target(layout: Layout, url: str | None) -> URL:
    if url is None:  # built, not parsed: the path may hold a ? or a #
        return URL.create("sqlite", database=str(layout.state / DATABASE))
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        kind = url.partition(":")[0] if "://" in url else ""
        raise SettingsError(
            f"state_url ({kind}:…, not shown because it may hold a password) is no database URL. {MEND}"
        ) from error


def _said(error: Exception, target: URL) -> str:
    """What a driver says, without the password."""
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return text.replace(str(target.password), "***") if target.password else text


def _own_state(layout: Layout, error: SQLAlchemyError) -> str:
    """The database that nobody configured: what is wrong with its file, and what its loss costs."""
    path, said = layout.state / DATABASE, str(error.orig) if isinstance(error, DBAPIError) else str(error)
    if isinstance(error, OperationalError) and not said.startswith(("file is not", "database disk image", "no such")):
        return f"{path} cannot be used ({said}). Make room, or mend the rights of {layout.state}, and run again."
    return (
        f"{path} is damaged ({said}). Restore it from a backup, or move it away together with {DATABASE}-wal and "
        f"{DATABASE}-shm, and run again: the feeds are polled whole once, no article is lost."
    )


def _engine(target: URL) -> Engine:
    if target.get_backend_name() != "sqlite":
        return create_engine(target, pool_pre_ping=True)
    engine = create_engine(target, connect_args={"timeout": 60})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's documented way to own BEGIN
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_immediate(connection: Connection) -> None:
    # In a deferred transaction a read that becomes a write would fail at once, whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def create_tables(engine: Engine, metadata: MetaData) -> None:
    """Create the tables of *metadata* that are not there yet."""
    try:
        metadata.create_all(engine, checkfirst=True)
    except SQLAlchemyError:  # another process made the tables between our look and our CREATE
        metadata.create_all(engine, checkfirst=True)


def upsert(connection: Connection, table: Table, key: str | Sequence[str], row: dict[str, Any]) -> None:
    """Insert *row*, or replace the one that has its *key*: one column, or several."""
    keys = [key] if isinstance(key, str) else list(key)
    connection.execute(_insert(connection, table).values(row).on_conflict_do_update(index_elements=keys, set_=row))


def _insert(database: Connection | Engine, table: Table) -> Any:
    """INSERT with ON CONFLICT, which each dialect has for itself."""
    dialect: Any = sqlite if database.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
