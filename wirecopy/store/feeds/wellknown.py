"""robots.txt and tdmrep.json as they were last read, beside the feed state: each run need not ask again."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, DateTime, MetaData, String, Table, Text, select

from ingest.fetch.wellknown import Held
from wirecopy.store.feeds.state import State, aware, create_tables, naive, upsert

_metadata = MetaData()
LONGEST: Final = 500  # characters of a URL; a longer one is not remembered
FILES: Final = Table(
    "well_known", _metadata,
    Column("url", String(LONGEST), primary_key=True), Column("text", Text),
    Column("read_at", DateTime), Column("failing_since", DateTime),
)  # fmt: skip


class StateShelf:
    """`ingest.fetch.wellknown.Shelf` in the state database, shared by all processes."""

    def __init__(self, state: State) -> None:
        self._engine = state.engine
        create_tables(self._engine, _metadata)

    def load(self, url: str) -> Held | None:
        """See Shelf."""
        with self._engine.connect() as connection:
            row = connection.execute(select(FILES).where(FILES.c.url == url)).one_or_none()
        if row is None:
            return None
        return Held(text=row.text, read_at=aware(row.read_at), failing_since=aware(row.failing_since))

    def save(self, url: str, held: Held) -> None:
        """See Shelf."""
        if len(url) > LONGEST:
            return
        # PostgreSQL takes no NUL in a text; neither file means anything by one.
        row = {"url": url, "text": held.text and held.text.replace("\0", ""),
               "read_at": naive(held.read_at), "failing_since": naive(held.failing_since)}  # fmt: skip
        with self._engine.begin() as connection:
            upsert(connection, FILES, "url", row)
