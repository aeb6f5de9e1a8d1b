"""robots.txt and tdmrep.json as they were last read, beside the feed state: each run need not ask again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Column, DateTime, MetaData, String, Table, Text, select
from sqlalchemy.exc import SQLAlchemyError

from ingest.wellknown import Held
from wirecopy.store.state import State, upsert

_metadata = MetaData()
LONGEST: Final = 500  # characters of a URL; a longer one is not remembered
FILES: Final = Table(
    "well_known", _metadata,
    Column("url", String(LONGEST), primary_key=True), Column("text", Text),
    Column("read_at", DateTime), Column("failing_since", DateTime),
)  # fmt: skip


class StateShelf:
    """`ingest.wellknown.Shelf` in the state database, shared by all processes."""

    def __init__(self, state: State) -> None:
        self._engine = state.engine
        try:
            _metadata.create_all(self._engine, checkfirst=True)
        except SQLAlchemyError:  # another process made the table between our look and our CREATE
            _metadata.create_all(self._engine, checkfirst=True)

    def load(self, url: str) -> Held | None:
        """See Shelf."""
        with self._engine.connect() as connection:
            row = connection.execute(select(FILES).where(FILES.c.url == url)).one_or_none()
        if row is None:
            return None
        return Held(text=row.text, read_at=_aware(row.read_at), failing_since=_aware(row.failing_since))

    def save(self, url: str, held: Held) -> None:
        """See Shelf."""
        if len(url) > LONGEST:
            return
        # PostgreSQL takes no NUL in a text; neither file means anything by one.
        row = {"url": url, "text": held.text and held.text.replace("\0", ""),
               "read_at": _naive(held.read_at), "failing_since": _naive(held.failing_since)}  # fmt: skip
        with self._engine.begin() as connection:
            upsert(connection, FILES, "url", row)


def _aware(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value else None


def _naive(value: datetime | None) -> datetime | None:
    return value.astimezone(UTC).replace(tzinfo=None) if value else None
