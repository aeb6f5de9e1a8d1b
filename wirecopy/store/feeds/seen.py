"""The states of feeds for who only looks: a SQLite file is read without SQLAlchemy, and nothing is made or migrated."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from wirecopy.store import feeds
from wirecopy.store.feeds.feedstate import COLUMNS, DATABASE, TIMES, FeedState, state_of_row
from wirecopy.store.files.layout import Layout

PATIENCE: Final = 60.0  # seconds that a look waits for a writer


def feed_states(layout: Layout, url: str | None) -> dict[str, FeedState]:
    """The state of every feed, of the database at *url* or of SQLite in state/; raises as `State.open`."""
    path = layout.state / DATABASE
    if url is None and layout.beside is None and layout.files.exists(path):
        # Damaged, of an earlier version, or not to be read: `State.open` mends it, or says what to do.
        with suppress(sqlite3.Error, TypeError, ValueError):
            return _read(path)
    with closing(feeds.State.open(layout, url)) as state:
        states: dict[str, FeedState] = state.feeds()
    return states


def _read(path: PurePath) -> dict[str, FeedState]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE)) as connection:
        found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM feed_state").fetchall()  # noqa: S608 -- our names
    states = [state_of_row(_as_kept(dict(zip(COLUMNS, row, strict=True)))) for row in found]
    return {state.feed_id: state for state in states}


def _as_kept(row: dict[str, Any]) -> dict[str, Any]:
    """SQLite has neither times nor booleans: SQLAlchemy keeps them as text and as a number."""
    times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in TIMES}
    same = row["moved_same"]
    return row | times | {"moved_same": None if same is None else bool(same)}
