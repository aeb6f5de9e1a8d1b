"""Feed state that moves with a store: when feeds were polled, what hosts asked for, where the past of feeds is read."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table, func, select

from wirecopy.store.feeds.feedstate import DATABASE
from wirecopy.store.feeds.hostrests import RESTS
from wirecopy.store.feeds.places import DOCUMENTS, PLACES
from wirecopy.store.feeds.state import CAPTURES, FEEDS, State, create_tables
from wirecopy.store.feeds.wellknown import FILES
from wirecopy.store.files.layout import Layout

MOVED: Final[tuple[Table, ...]] = (FEEDS, CAPTURES, RESTS, FILES, PLACES, DOCUMENTS)  # slots of hosts last seconds


def copy_feed_state(source: Layout, target: Layout, url: str | None) -> str:
    """Copy what the SQLite file of *source* tells into the feed state that *target* will use: the database *url*, or
    without it a SQLite file of its own. Returns a sentence that tells what was done.
    """
    if source.beside is not None or not source.files.exists(source.state / DATABASE):
        return "feed state: it is in the database of state_url and stays there" if url else "feed state: there is none"
    old, new = State.open(source, None), State.open(target, url)
    try:
        for table in MOVED:
            create_tables(old.engine, table.metadata)
            create_tables(new.engine, table.metadata)
        return _copy(old, new, "state_url" if url else str(target.state / DATABASE))
    finally:
        old.close()
        new.close()


def _copy(old: State, new: State, where: str) -> str:
    with new.engine.begin() as connection:
        if connection.execute(select(func.count()).select_from(FEEDS)).scalar():
            return f"feed state: the database of {where} has some already, which is kept; that of the source was left"
        feeds = 0
        for table in MOVED:
            with old.engine.connect() as reading:
                rows = [dict(row._mapping) for row in reading.execute(select(table))]
            if rows:
                connection.execute(table.delete())
                connection.execute(table.insert(), rows)
            feeds += len(rows) if table is FEEDS else 0
    return f"feed state: of {feeds:,} feeds, copied into {where}"
