"""What a past run takes to bring back articles that the ledger names and the store has not."""

from __future__ import annotations

from ingest.records import IMPORTED, Entry
from wirecopy.schedule import Interval
from wirecopy.store.archive.unprocessed import captured_pages
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.rows import Row
from wirecopy.store.query.lost import lost_entries


def lost_inside(layout: Layout, interval: Interval) -> tuple[list[Row], list[Entry]]:
    """Heads of captures in raw/ of the lost articles of *interval*, oldest first, and the entries of which none is left
    there, to be fetched again.
    """
    lost = {row["entry_key"]: row for row in lost_entries(layout, interval)}
    if not lost:
        return [], []
    heads = [head for head in captured_pages(layout, interval) if head["entry_key"] in lost]
    archived = {head["entry_key"] for head in heads}
    return heads, [_entry(row) for key, row in lost.items() if key not in archived and _can_be_fetched(row)]


def _can_be_fetched(row: Row) -> bool:
    """A page that came in an archive of others has no feed that waits for it: nobody asks its site."""
    return bool(row["link"]) and row["feed_id"] != IMPORTED


def _entry(row: Row) -> Entry:
    return Entry(**{name: row[name] for name in ("entry_key", "feed_id", "guid", "link", "title", "published_at")})
