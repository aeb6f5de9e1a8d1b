"""Whose turn it is, over all machines: session advisory locks of PostgreSQL, which the server frees with the session.

They only serialise. A session can be cut while its holder works on, so nothing may rest on them: each object is
replaced over its version, and the home of an article has a unique key.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from wirecopy.errors import StateUnreachable
from wirecopy.store.files.bucket.database import Database, close_session, number_of
from wirecopy.store.files.lock import wait

if TYPE_CHECKING:
    from sqlalchemy import Connection


PAUSE: Final = 0.1  # seconds between two looks: each is a question to the database


class Turns:
    """The locks of one store."""

    def __init__(self, database: Database, store: str) -> None:
        self._database, self._store = database, store
        self._claims = Claims(database)

    @contextmanager
    def locked(self, name: str, timeout: timedelta) -> Iterator[None]:
        """See Files."""
        with self._database.session() as session:
            number, advice = self.number(name), "its lock goes with its connection to the database."
            wait(
                lambda: take(session, number),
                lambda: self.holder(name),
                f"{self._store}/{name}",
                advice,
                timeout,
                PAUSE,
            )
            self._sign(name)
            yield

    @contextmanager
    def locked_now(self, name: str) -> Iterator[bool]:
        """See Files."""
        with self._database.session() as session:
            mine = take(session, self.number(name))
            if mine:
                self._sign(name)
            yield mine

    def holder(self, name: str) -> str:
        """See Files."""
        found = self._database.run(
            "SELECT holder FROM store_turns WHERE store = :store AND name = :name",
            {"store": self._store, "name": name},
        )
        return str(found[0].holder) if found else "unknown"

    @contextmanager
    def claimed(self, name: str, *, shared: bool) -> Iterator[bool]:
        """Try once, many at a time on one connection; yields whether we hold it."""
        with self._claims.held(self.number(name), shared=shared) as mine:
            yield mine

    def number(self, name: str) -> int:
        """The lock's number: of one database with many stores, each has its own."""
        return number_of(self._store, name)

    def _sign(self, name: str) -> None:
        self._database.run(
            "INSERT INTO store_turns VALUES (:store, :name, :holder) ON CONFLICT (store, name)"
            " DO UPDATE SET holder = excluded.holder, since = now()",
            {"store": self._store, "name": name, "holder": f"process {os.getpid()} on {socket.gethostname()}"},
        )


class Claims:
    """Locks that a process takes by dozens: one session for all, which knows itself what it holds, as PostgreSQL lets a
    session take its own lock twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self._session: Connection | None = None
        self._held: dict[int, tuple[bool, int]] = {}  # number → (shared, how often)

    @contextmanager
    def held(self, number: int, *, shared: bool) -> Iterator[bool]:
        """Try the lock once; yields whether we hold it."""
        mine = self._take(number, shared)
        try:
            yield mine
        finally:
            if mine:
                self._give_back(number)

    def _take(self, number: int, shared: bool) -> bool:
        with self._guard:
            held_shared, times = self._held.get(number, (shared, 0))
            if times and not (held_shared and shared):
                return False
            if self._session is None:
                self._session = self._database.open_session()
            if not take(self._session, number, shared=shared):
                self._close_if_free()
                return False
            self._held[number] = (shared, times + 1)
            return True

    def _give_back(self, number: int) -> None:
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        with self._guard:
            shared, times = self._held.pop(number)
            if times > 1:
                self._held[number] = (shared, times - 1)
            if self._session is not None:
                end = "pg_advisory_unlock_shared" if shared else "pg_advisory_unlock"
                with suppress(SQLAlchemyError):  # a session that was cut holds nothing
                    self._session.execute(text(f"SELECT {end}(:number)"), {"number": number})
            self._close_if_free()

    def _close_if_free(self) -> None:
        if not self._held and self._session is not None:
            close_session(self._session)
            self._session = None


def take(session: Connection, number: int, *, shared: bool = False) -> bool:
    """Try an advisory lock in *session*."""
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    how = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    try:
        return bool(session.execute(text(f"SELECT {how}(:number)"), {"number": number}).scalar())
    except SQLAlchemyError as error:
        raise StateUnreachable(f"The state database cut the connection of a lock ({type(error).__name__}).") from error
