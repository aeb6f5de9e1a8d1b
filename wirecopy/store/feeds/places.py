"""Where the past of each feed can be read: what the last look found, and the documents that were read there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Date, DateTime, MetaData, String, Table, Text, select

from ingest.records import digest
from wirecopy.store.feeds.feedstate import aware, naive
from wirecopy.store.feeds.state import State, create_tables, upsert

RENEWED_AFTER: Final = timedelta(days=30)  # sites move their archives seldom
RESTS_FOR: Final = timedelta(days=7)  # after a refusal: who said no is not asked every day

_metadata = MetaData()
PLACES: Final = Table(
    "history_places", _metadata,
    Column("feed_id", String(200), primary_key=True), Column("source", String(20), primary_key=True),
    Column("url", Text), Column("detail", Text), Column("reaches", Date),
    Column("checked_at", DateTime, nullable=False), Column("rests_until", DateTime),
)  # fmt: skip
DOCUMENTS: Final = Table(
    "history_documents", _metadata,
    Column("url_hash", String(32), primary_key=True),
    Column("fetch_id", String(32), nullable=False), Column("raw_file", Text, nullable=False),
    Column("fetched_at", DateTime, nullable=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a look for one source of history found for one feed."""

    feed_id: str
    source: str  # HistorySource.name
    url: str | None  # where it is read; None: this feed has no such source
    checked_at: datetime  # aware, UTC
    detail: str = ""  # the source's own: what it needs to read there, or a sentence why there is none
    reaches: date | None = None  # the first day that it lists, so far as a look can tell
    rests_until: datetime | None = None  # aware, UTC: it refused, and is not asked before

    def is_old(self, now: datetime) -> bool:
        """Whether it is time to look again."""
        return now - self.checked_at >= RENEWED_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDocument:
    """A document of a source of history in raw/."""

    url: str  # as requested
    fetch_id: str  # empty: there was none (404)
    raw_file: str  # relative to raw/
    fetched_at: datetime  # aware, UTC


class Places:
    """Both tables, in the state database that all processes share."""

    def __init__(self, state: State) -> None:
        self._engine = state.engine
        create_tables(self._engine, _metadata)

    def all(self) -> dict[tuple[str, str], Place]:
        """Every place by (feed id, source), also those where nothing was found."""
        with self._engine.connect() as connection:
            places = [_place(row._mapping) for row in connection.execute(select(PLACES))]
        return {(place.feed_id, place.source): place for place in places}

    def save(self, places: Iterable[Place]) -> None:
        """Remember them, over what was known of the same feed and source."""
        with self._engine.begin() as connection:
            for place in places:
                row: dict[str, Any] = {name: getattr(place, name) for name in _PLAIN}
                row |= {"checked_at": naive(place.checked_at), "rests_until": naive(place.rests_until)}
                upsert(connection, PLACES, ("feed_id", "source"), row)

    def document(self, url: str) -> HistoryDocument | None:
        """The last capture of *url*, if there is one."""
        with self._engine.connect() as connection:
            row = connection.execute(select(DOCUMENTS).where(DOCUMENTS.c.url_hash == digest(url))).one_or_none()
        if row is None:
            return None
        return HistoryDocument(
            url=url, fetch_id=row.fetch_id, raw_file=row.raw_file, fetched_at=aware(row.fetched_at)
        )  # fmt: skip

    def save_missing(self, url: str, now: datetime) -> None:
        """Remember that there is no document at *url*."""
        self.save_documents([HistoryDocument(url=url, fetch_id="", raw_file="", fetched_at=now)])

    def save_documents(self, documents: Iterable[HistoryDocument]) -> None:
        """Remember captures, so that other runs need not ask for them again."""
        with self._engine.begin() as connection:
            for one in documents:
                row = {"url_hash": digest(one.url), "fetch_id": one.fetch_id, "raw_file": one.raw_file}
                upsert(connection, DOCUMENTS, ("url_hash",), row | {"fetched_at": naive(one.fetched_at)})


_PLAIN: Final = ("feed_id", "source", "url", "detail", "reaches")


def _place(row: Any) -> Place:
    times = {name: aware(row[name]) for name in ("checked_at", "rests_until")}
    return Place(**{name: row[name] for name in _PLAIN}, **times)
