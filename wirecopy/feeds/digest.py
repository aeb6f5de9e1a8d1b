"""The state of feeds and of the retry queue, for `wirecopy feeds list`, `wirecopy status` and the daily digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from ingest.feedlist.feedlist import load_feeds
from ingest.records import READ, Feed
from ingest.text.secrets import hide_secrets
from wirecopy.feeds.nextsteps import next_step
from wirecopy.feeds.pollschedule import interval_of_feed
from wirecopy.feeds.redirects import BELIEVED_AFTER, effective_feed, is_believed
from wirecopy.records import OddFeeds, Retries
from wirecopy.settings import Settings
from wirecopy.store.feeds.feedstate import FeedState
from wirecopy.store.feeds.seen import feed_states
from wirecopy.store.files.layout import Layout
from wirecopy.store.ledger import REMEMBERED, entry_states, pending_entries
from wirecopy.store.query.read import rows

Condition = Literal["new", "well", "outage", "failing", "resting"]
GAP_TOLD_FOR: Final = timedelta(days=7)  # a gap is reported for this long


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """The health of one feed of the list. Times are aware UTC."""

    feed_id: str
    url: str  # where it is polled: the new address once a redirect is accepted
    condition: Condition
    last_polled_at: datetime | None
    last_success_at: datetime | None
    next_due: datetime | None  # None: now
    failures: int  # polls in a row that failed
    last_code: str | None
    last_detail: str | None
    every: timedelta  # present interval between two polls
    newest_entry_at: datetime | None
    median_minutes: float | None  # between two new entries
    silent: bool
    gap: bool  # entries came and went between two polls
    last_gap_at: datetime | None  # the poll that showed it last
    notices: tuple[str, ...]  # sentences: a problem and the next step


def feed_healths(settings: Settings, layout: Layout) -> list[FeedHealth]:
    """Every feed of the list, in its order; raises FeedListError."""
    feeds = load_feeds(settings.feed_list).feeds
    polled = rows(layout, "FROM feed_health") if layout.files.exists(layout.store) else ()
    seen = {row["feed_id"]: row for row in polled}
    if not layout.files.exists(layout.state):
        return [_health(feed, FeedState(feed_id=feed.id), {}) for feed in feeds]
    states = feed_states(layout, settings.state_url)
    return [_health(feed, states.get(feed.id, FeedState(feed_id=feed.id)), seen.get(feed.id, {})) for feed in feeds]


def odd_feeds(healths: Sequence[FeedHealth]) -> OddFeeds:
    """Failing feeds with how often in a row and why, and the ids of those that rest, are silent, were polled too
    rarely, or could not be read while most hosts failed.
    """
    return {
        "failing_feeds": {
            one.feed_id: f"{one.last_code} ({one.failures} in a row): {one.last_detail}"
            for one in healths
            if one.condition == "failing"
        },
        "resting_feeds": [one.feed_id for one in healths if one.condition == "resting"],
        "silent_feeds": [one.feed_id for one in healths if one.silent],
        "gap_feeds": [one.feed_id for one in healths if one.gap],
        "outage_feeds": [one.feed_id for one in healths if one.condition == "outage"],
    }


def retry_counts(layout: Layout, now: datetime) -> Retries:
    """Number of entries that wait for a retry, of those that are due, and of those whose tries are used up."""
    first, last = (now - REMEMBERED).date(), (now + timedelta(days=1)).date()
    pending = pending_entries(layout, first, last, entry_states(layout, first, last))
    waiting = [entry for entry in pending if entry.next_try_at]
    return {
        "retries": len(waiting),
        "retries_due": sum(entry.next_try_at is not None and entry.next_try_at <= now for entry in waiting),
        "exhausted": len(pending) - len(waiting),
    }


def _health(feed: Feed, state: FeedState, row: dict[str, Any]) -> FeedHealth:
    last_gap = row.get("last_gap_at")
    gap = bool(last_gap and state.last_polled_at and state.last_polled_at - last_gap < GAP_TOLD_FOR)
    silent = bool(row.get("silent"))
    return FeedHealth(
        feed_id=feed.id, url=hide_secrets(effective_feed(feed, state).url, feed.secret), condition=_condition(state),
        last_polled_at=state.last_polled_at, last_success_at=state.last_success_at, next_due=state.next_due,
        failures=state.failures, last_code=state.last_code, last_detail=state.last_detail,
        every=interval_of_feed(state, feed), newest_entry_at=row.get("newest_entry_at"),
        median_minutes=row.get("median_minutes"), silent=silent, gap=gap, last_gap_at=last_gap,
        notices=tuple(_notices(feed, state, row, silent=silent, gap=gap)),
    )  # fmt: skip


def _condition(state: FeedState) -> Condition:
    if state.last_code is None:
        return "new"
    if state.gone_since:
        return "resting"
    if state.last_code in READ:
        return "well"
    return "failing" if state.failures else "outage"


def _notices(feed: Feed, state: FeedState, row: dict[str, Any], *, silent: bool, gap: bool) -> list[str]:
    told = []
    if state.gone_since:
        told.append(
            f"gone (410) since {_day(state.gone_since)}: it rests and is asked once a month; "
            f"`wirecopy feeds remove {feed.id}` if that is right"
        )
    elif _condition(state) == "outage":
        told.append(f"{state.last_code} while most hosts failed: this counts against nobody, look at the network")
    elif state.failures:
        step = next_step(state.last_code or "")
        told.append(f"{state.last_code}, {state.failures} in a row: {state.last_detail}. Next: {step}")
    if silent:
        told.append(
            f"silent: nothing new since {_day(row['newest_entry_at'])}, it used to bring something every "
            f"{_span(row['median_minutes'])}; look whether the site has another feed"
        )
    if gap:
        told.append(
            f"polled too rarely: at {row['last_gap_at']:%Y-%m-%d %H:%M} all its entries were newer than those of the "
            f"poll before; shorten its `every` ({_span(feed.every.total_seconds() / 60)})"
        )
    if state.moved_to and state.moved_from == feed.url:
        told.append(_moved(feed, state))
    return told


def _moved(feed: Feed, state: FeedState) -> str:
    if is_believed(state, feed):
        return f"has moved to {state.moved_to} and is asked there; write that into the feed list"
    if not state.moved_same:
        return f"is redirected to {state.moved_to}, which showed other entries: look which one you want"
    since = _day(state.moved_since) if state.moved_since else "now"
    return f"is redirected to {state.moved_to} since {since}; believed after {BELIEVED_AFTER.days} days"


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"


def _span(minutes: float) -> str:
    """A duration for people: minutes, hours or days."""
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{minutes / size:.0f} {unit}"
    return f"{max(minutes, 1):.0f} minutes"
