"""Pauses that hosts requested (Retry-After), kept in the state database so that later runs keep them too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, select

from ingest.fetch.ratelimit import Rest
from wirecopy.store.feeds.feedstate import aware, naive
from wirecopy.store.feeds.state import State, create_tables, upsert

_metadata = MetaData()
RESTS: Final = Table(
    "host_rests",
    _metadata,
    Column("host", String(255), primary_key=True),
    Column("until", DateTime, nullable=False),
    Column("status", Integer, nullable=False),
)


class StateRestCache:
    """`ingest.fetch.ratelimit.RestCache` in the state database, shared by all processes."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._engine, self._now = state.engine, now
        create_tables(self._engine, _metadata)

    def load(self) -> Mapping[str, Rest]:
        """See RestCache."""
        now = self._now()
        with self._engine.connect() as connection:
            rows = connection.execute(select(RESTS).where(RESTS.c.until > naive(now))).all()
        return {row.host: Rest(left=aware(row.until) - now, status=row.status) for row in rows}

    def save(self, host: str, rest: Rest) -> None:
        """See RestCache."""
        row = {"host": host, "until": naive(self._now() + rest.left), "status": rest.status}
        with self._engine.begin() as connection:
            upsert(connection, RESTS, "host", row)
