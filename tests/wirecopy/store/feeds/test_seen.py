"""Who only looks reads the states of feeds without SQLAlchemy, and sees the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.wirecopy.store.feeds.test_state import FULL
from wirecopy.errors import StoreError
from wirecopy.store.feeds import seen
from wirecopy.store.feeds.feedstate import DATABASE, FeedState
from wirecopy.store.feeds.state import State


def test_a_look_sees_what_the_database_has(layout, monkeypatch):
    """Every field of every feed, while a writer has the file open, and without `State`."""
    with closing(State.open(layout, None)) as state:
        state.save_feeds([FULL, FeedState(feed_id="other")])
        monkeypatch.delitem(seen.feeds._MODULES, "State")
        assert seen.feed_states(layout, None) == {"gazette": FULL, "other": FeedState(feed_id="other")}


def test_a_database_of_an_earlier_version(layout):
    """It lacks a column: the look leaves it to `State`, which adds it."""
    with closing(State.open(layout, None)) as state:
        state.save_feeds([FULL])
    with closing(sqlite3.connect(layout.state / DATABASE)) as connection:
        connection.execute("ALTER TABLE feed_state DROP COLUMN pace")
    assert seen.feed_states(layout, None)["gazette"].pace == 1.0


def test_a_damaged_database_is_told(layout):
    """With the same message as everywhere."""
    (layout.state / DATABASE).write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="is damaged"):
        seen.feed_states(layout, None)
