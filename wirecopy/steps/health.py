"""How feeds and the retry queue are, for `wirecopy status` and the daily digest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wirecopy.settings import Settings
    from wirecopy.store.layout import Layout


def failing_feeds(settings: Settings, layout: Layout) -> dict[str, str]:
    """Feeds whose last poll failed, with how often in a row and why."""
    from wirecopy.store.state import State

    state = State.open(layout, settings.state_url)
    try:
        return {
            s.feed_id: f"{s.last_code} ({s.failures} in a row): {s.last_detail}"
            for s in state.feeds().values()
            if s.failures
        }
    finally:
        state.close()


def retry_counts(layout: Layout, now: datetime) -> dict[str, int]:
    """Entries that wait to be tried again, those of them that are due, and those that will not be."""
    from wirecopy.store.ledger import REMEMBERED, entry_states, pending_entries

    first, last = (now - REMEMBERED).date(), (now + timedelta(days=1)).date()
    pending = pending_entries(layout, first, last, entry_states(layout, first, last))
    waiting = [entry for entry in pending if entry.next_try_at]
    return {
        "retries": len(waiting),
        "retries_due": sum(entry.next_try_at is not None and entry.next_try_at <= now for entry in waiting),
        "exhausted": len(pending) - len(waiting),
    }
