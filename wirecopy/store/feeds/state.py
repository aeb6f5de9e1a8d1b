"""Feed state in a SQL database: validators for the next poll, when it is due, and the next free slot of each host."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
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

from ingest.records import Poll, PollRequest, Validators
from ingest.serial import from_json, to_json
from wirecopy.errors import SettingsError, StateUnreachable, StoreError
from wirecopy.store.files.layout import Layout

_metadata = MetaData()
DATABASE = "state.db"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """The state of one feed between runs. Times are aware UTC."""

    feed_id: str
    validators: Validators = field(default_factory=Validators)
    failures: int = 0  # polls in a row that failed
    last_code: str | None = None
    last_detail: str | None = None
    last_polled_at: datetime | None = None
    first_success_at: datetime | None = None  # None: never read, or read by an earlier version
    last_success_at: datetime | None = None
    last_full_at: datetime | None = None  # last unconditional GET
    next_due: datetime | None = None  # None: never polled
    identity: str | None = None  # JSON: how reliable its guids are (ingest.feed.guids)
    penalty: float = 0.0  # failures in a row, each counted by its kind (wirecopy.feeds.pollschedule)
    pace: float = 1.0  # factor on the feed's `every`, from the share of known entries
    gone_since: datetime | None = None  # first 410 in a row
    moved_to: str | None = None  # where permanent redirects lead, …
    moved_from: str | None = None  # … from this address of the feed list, …
    moved_since: datetime | None = None  # … since this poll
    moved_same: bool = False  # it showed the entries that were known
    asked: PollRequest | None = None  # what its last document asked for; a 304 has none, and a failed poll neither


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCapture:
    """The latest whole document of a feed in raw/, to be shared by past runs."""

    feed_id: str
    fetch_id: str
    raw_file: str  # relative to raw/
    fetched_at: datetime  # aware, UTC
    poll: Poll | None = None  # by who read it first: it tells which days it lists


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
            states = [_feed_state(row._mapping) for row in connection.execute(select(FEEDS))]
        return {state.feed_id: state for state in states}

    def save_feeds(self, states: Iterable[FeedState]) -> None:
        """Replace the state of these feeds."""
        with self.engine.begin() as connection:
            for state in states:
                upsert(connection, FEEDS, "feed_id", _feed_row(state))

    def captures(self) -> dict[str, FeedCapture]:
        """The latest captured document of each feed."""
        with self.engine.connect() as connection:
            rows = [row._mapping for row in connection.execute(select(CAPTURES))]
        return {row["feed_id"]: _feed_capture(row) for row in rows}

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


_TIMES = (
    "last_polled_at",
    "first_success_at",
    "last_success_at",
    "last_full_at",
    "next_due",
    "gone_since",
    "moved_since",
)
_PLAIN = (
    "feed_id", "failures", "last_code", "last_detail", "penalty", "pace", "moved_to", "moved_from",
    "moved_same", "identity",
)  # fmt: skip
_DEFAULTS: dict[str, Any] = {"penalty": 0.0, "pace": 1.0, "moved_same": False}  # of rows of an earlier version


def _feed_capture(row: Mapping[Any, Any]) -> FeedCapture:
    poll = from_json(Poll, row["poll"]) if row["poll"] else None
    return FeedCapture(**{**row, "fetched_at": aware(row["fetched_at"]), "poll": poll})


def _feed_state(row: Any) -> FeedState:
    times = {name: aware(row[name]) for name in _TIMES}
    validators = Validators(etag=row["etag"], last_modified=row["last_modified"], body_hash=row["body_hash"])
    plain: dict[str, Any] = {name: _DEFAULTS.get(name) if row[name] is None else row[name] for name in _PLAIN}
    return FeedState(validators=validators, asked=_asked(row["asked"]), **plain, **times)


def _feed_row(state: FeedState) -> dict[str, Any]:
    v = state.validators
    times = {name: naive(getattr(state, name)) for name in _TIMES}
    plain = {name: getattr(state, name) for name in _PLAIN}
    fresh = {"etag": v.etag, "last_modified": v.last_modified, "body_hash": v.body_hash}
    return {**plain, **times, **fresh, "asked": _asked_text(state.asked)}


def _asked(text: str | None) -> PollRequest | None:
    if not text:
        return None
    said = json.loads(text)
    return PollRequest(
        pause=timedelta(seconds=said["pause"]), quiet_hours=frozenset(said["hours"]), quiet_days=frozenset(said["days"])
    )


def _asked_text(request: PollRequest | None) -> str | None:
    """JSON; the hub is not kept, since nothing waits for it."""
    if request is None:
        return None
    said = {"hours": sorted(request.quiet_hours), "days": sorted(request.quiet_days)}
    return json.dumps({"pause": request.pause.total_seconds(), **said})


def confirmed(states: Mapping[str, FeedState], polls: Container[tuple[str, datetime]]) -> dict[str, FeedState]:
    """*states*, without the validators of feeds whose last successful poll is not among *polls* (feed_id, polled_at).

    Such a store was restored from a backup or started anew: it lacks entries that a 304 would now hide.
    """
    return {name: s if (name, s.last_success_at) in polls else _without_validators(s) for name, s in states.items()}


def _without_validators(state: FeedState) -> FeedState:
    return replace(state, validators=Validators(), last_full_at=None)


def aware(value: datetime | None) -> Any:
    """A stored time, in UTC."""
    return value.replace(tzinfo=UTC) if value else None


def naive(value: datetime | None) -> datetime | None:
    """A time as it is stored."""
    return value.astimezone(UTC).replace(tzinfo=None) if value else None
