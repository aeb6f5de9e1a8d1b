"""robots.txt and tdmrep.json as last read, kept in the state database so that runs need not fetch them again."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, DateTime, MetaData, String, Table, Text, select

from ingest.fetch.wellknown import CachedFile
from wirecopy.store.feeds.feedstate import aware, naive
from wirecopy.store.feeds.state import State, create_tables, upsert

_metadata = MetaData()
LONGEST: Final = 500  # characters of a URL; a longer one is not remembered
FILES: Final = Table(
    "well_known",
    _metadata,
    Column("url", String(LONGEST), primary_key=True),
    Column("text", Text),
    Column("read_at", DateTime),
    Column("failing_since", DateTime),
)


class StateFileCache:
    """`ingest.fetch.wellknown.FileCache` in the state database, shared by all processes."""

    def __init__(self, state: State) -> None:
        self._engine = state.engine
        create_tables(self._engine, _metadata)

    def load(self, url: str) -> CachedFile | None:
        """See FileCache."""
        with self._engine.connect() as connection:
            row = connection.execute(select(FILES).where(FILES.c.url == url)).one_or_none()
        if row is None:
            return None
        return CachedFile(text=row.text, read_at=aware(row.read_at), failing_since=aware(row.failing_since))

    def save(self, url: str, cached: CachedFile) -> None:
        """See FileCache."""
        if len(url) > LONGEST:
            return
        # PostgreSQL stores no NUL in a text, and a NUL has no meaning in either file.
        row = {
            "url": url,
            "text": cached.text and cached.text.replace("\0", ""),
            "read_at": naive(cached.read_at),
            "failing_since": naive(cached.failing_since),
        }
        with self._engine.begin() as connection:
            upsert(connection, FILES, "url", row)
