"""Files that grow: an object cannot be appended to, so their lines are rows of the state database.

They are small and short-lived (journals of pulls, notes between processes), and have paths as objects have.
"""

from __future__ import annotations

import io
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wirecopy.errors import StateUnreachable
from wirecopy.store.files.bucket.database import TRIES, Database, close_session
from wirecopy.store.files.bucket.turns import PAUSE, Turns, take

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ADD: Final = """
INSERT INTO store_logs (store, path, line, content) VALUES (:store, :path, :line, :content)
ON CONFLICT (store, path, line) DO NOTHING
"""
_OF_PATH: Final = "FROM store_logs WHERE store = :store AND path = :path"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLog:
    """One log as it is now."""

    path: str
    tag: str  # another one after each line
    size: int  # characters
    modified_at: float  # seconds since the epoch, by the database's clock


class Logs:
    """The logs of one store."""

    def __init__(self, database: Database, store: str, turns: Turns) -> None:
        self._database, self._store, self._turns = database, store, turns

    def find(self, folder: str) -> list[FoundLog]:
        """All below *folder*, a path without a slash at its end."""
        rows = self._run(
            "SELECT path, max(number) AS last, sum(length(content)) AS size,"
            " extract(epoch FROM max(written_at)) AS at FROM store_logs"
            " WHERE store = :store AND (path = :path OR starts_with(path, :folder)) GROUP BY path",
            folder,
            folder=f"{folder}/" if folder else "",
        )
        return [FoundLog(path=r.path, tag=str(r.last), size=int(r.size), modified_at=float(r.at)) for r in rows]

    def head(self, path: str) -> FoundLog | None:
        """The log; None if there is none."""
        return next((one for one in self.find(path) if one.path == path), None)

    def read(self, path: str) -> bytes | None:
        """Its lines in the order of their writing; None if there is none."""
        rows = self._run(f"SELECT content {_OF_PATH} ORDER BY number", path)
        return "".join(row.content for row in rows).encode() if rows else None

    def remove(self, path: str) -> None:
        """All of its lines."""
        self._run(f"DELETE {_OF_PATH}", path)

    def move(self, path: str, target: str) -> bool:
        """Rename the log; False if there is none: of several who try, one finds it."""
        moved = self._run(
            "UPDATE store_logs SET path = :target WHERE store = :store AND path = :path RETURNING line",
            path,
            target=target,
        )
        return bool(moved)

    def append(self, path: str) -> io.TextIOBase:
        """See Files."""
        return _Log(self, path)

    def own(self, path: str) -> io.TextIOBase:
        """See Files."""
        return _OwnLog(self, path)

    def add(self, path: str, line: uuid.UUID, content: str) -> None:
        """One piece of text; twice is as good as once."""
        self._run(_ADD, path, line=str(line), content=content)

    def open_owned(self, path: str) -> Connection:
        """A session that holds the log's lock."""
        import time

        session = self._database.open_session()
        try:
            while not take(session, self._turns.number(path)):
                time.sleep(PAUSE)  # another process works on what a dead owner left
        except BaseException:
            close_session(session)
            raise
        return session

    def values(self, path: str, line: uuid.UUID, content: str) -> dict[str, Any]:
        """Of a row."""
        return {"store": self._store, "path": path, "line": str(line), "content": content}

    def _run(self, sql: str, path: str, **values: Any) -> list[Any]:
        return self._database.run(sql, {"store": self._store, "path": path, **values})


class NoLogs(Logs):
    """Of a store that is opened for reading without its database: there are none."""

    def __init__(self) -> None:
        """Nothing is kept."""

    def find(self, folder: str) -> list[FoundLog]:
        """See Logs."""
        return []

    def read(self, path: str) -> bytes | None:
        """See Logs."""
        return None


class _Log(io.TextIOBase):
    """What is written becomes a row when it is flushed."""

    def __init__(self, logs: Logs, path: str) -> None:
        self._logs, self._path, self._text = logs, path, ""
        self._keep("")  # the file is there from now on

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._text += text
        return len(text)

    def flush(self) -> None:
        if not self.closed and self._text:
            text, self._text = self._text, ""
            self._keep(text)

    def close(self) -> None:
        if not self.closed:
            try:
                self.flush()
            finally:
                super().close()

    def _keep(self, text: str) -> None:
        self._logs.add(self._path, uuid.uuid4(), text)


class _OwnLog(_Log):
    """As long as it is open its lock is held, by the session that writes the rows. If the session is cut another one
    takes the lock, and writes all lines again: who found the log without an owner has worked on it and removed it.
    """

    def __init__(self, logs: Logs, path: str) -> None:
        self._lines: dict[uuid.UUID, str] = {}
        self._process = os.getpid()
        self._session = logs.open_owned(path)
        super().__init__(logs, path)

    def close(self) -> None:
        try:
            super().close()
        finally:
            if os.getpid() == self._process:  # a forked child has a copy of the connection, which is not its own
                close_session(self._session)

    def _keep(self, text: str) -> None:
        from sqlalchemy.exc import DBAPIError

        line = uuid.uuid4()
        self._lines[line] = text
        for tries_left in reversed(range(TRIES)):
            try:
                return self._send({line: text})
            except DBAPIError as error:
                if not (error.connection_invalidated and tries_left):
                    raise OSError(f"the state database: {type(error).__name__}") from error
            self._send_all()
        return None

    def _send_all(self) -> None:
        from sqlalchemy.exc import DBAPIError

        close_session(self._session)
        try:
            self._session = self._logs.open_owned(self._path)
            self._send(self._lines)
        except (DBAPIError, StateUnreachable) as error:
            raise OSError(f"the state database: {type(error).__name__}") from error

    def _send(self, lines: dict[uuid.UUID, str]) -> None:
        from sqlalchemy import text

        self._session.execute(text(_ADD), [self._logs.values(self._path, *one) for one in lines.items()])
