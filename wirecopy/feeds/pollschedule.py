"""When a feed is due again, and the validators of its next poll."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ingest.records import READ, Feed, Poll, PollRequest
from wirecopy.feeds.redirects import after_move
from wirecopy.store.feeds.feedstate import FeedState

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_PAUSE: Final = timedelta(hours=24)  # a feed is never dead for good
GONE_PAUSE: Final = timedelta(days=30)  # pause of a feed that has answered 410 …
GONE_FOR: Final = timedelta(hours=20)  # … for this long: the first 410 may be a slip

# Weight of a failed poll, in failures: trouble that passes by itself weighs less than a refusal.
COSTS: Final = {
    "timeout": 0.5,
    "connect": 0.5,
    "http_5xx": 0.5,
    "robots_unavailable": 0.5,
    "not_a_feed": 0.75,  # often a page that says "maintenance"
}
STATUS_COSTS: Final = {408: 0.25, 425: 0.25, 429: 0.25}  # the server asks for a pause, it is not broken
MOST_DOUBLINGS: Final = 12.0
JITTER: Final = 0.2  # share of a pause that varies, so that feeds that failed together are retried apart

FASTER, SLOWER, SLOWEST = 1.5, 1.25, 4.0
QUIET_INTERVAL: Final = timedelta(hours=6)  # no feed is slowed down beyond this
LONGEST_ASKED: Final = timedelta(hours=6)  # that a server or feed may slow us down to by asking
MANY_KNOWN, HALF_KNOWN = 0.9, 0.5  # share of a document's entries that were known
WINDOW_SHARE: Final = 3  # polls within the span that a document covers: with fewer, entries would be missed


def after_poll(before: FeedState, poll: Poll, feed: Feed, *, counted: bool = True, adaptive: bool = True) -> FeedState:
    """The state of *feed* after *poll*.

    A read poll clears all failures and sets the interval factor; a failed one lengthens the pause, up to a day. With
    *counted* False (most hosts failed, so the fault is ours) a failure changes only the fields about the last poll.
    """
    after = replace(
        before,
        last_code=poll.code,
        last_detail=poll.detail,
        last_polled_at=poll.polled_at,
    )
    if poll.code in READ:
        return _read(before, after, poll, feed, adaptive=adaptive)
    gone = (before.gone_since or poll.polled_at) if poll.http_status == 410 else None
    if counted:
        penalty = min(before.penalty + cost(poll), MOST_DOUBLINGS)
        after = replace(after_move(after, poll, feed), failures=before.failures + 1, penalty=penalty, gone_since=gone)
    return _due(after, poll, pause_after(after, feed))


def cost(poll: Poll) -> float:
    """Weight of a failed poll; 1 is a whole failure."""
    return STATUS_COSTS.get(poll.http_status or 0, COSTS.get(poll.code, 1.0))


def pause_after(state: FeedState, feed: Feed) -> timedelta:
    """The pause after a failed poll. It doubles with each whole failure in a row, up to a day; after 410s it is a
    month. A fifth of it depends on the feed's name and the instant.
    """
    if state.gone_since and state.last_polled_at and state.last_polled_at - state.gone_since >= GONE_FOR:
        pause = GONE_PAUSE
    elif state.gone_since:
        pause = LONGEST_PAUSE
    else:
        pause = min(feed.every * 2**state.penalty, LONGEST_PAUSE)
    return max(feed.every, pause * (1 - JITTER * _fraction(state.feed_id, state.last_polled_at)))


def interval_of_feed(state: FeedState, feed: Feed) -> timedelta:
    """The present poll interval of a healthy feed."""
    return max(feed.every, min(feed.every * state.pace, QUIET_INTERVAL))


def _read(before: FeedState, after: FeedState, poll: Poll, feed: Feed, *, adaptive: bool) -> FeedState:
    after = replace(
        after_move(after, poll, feed),
        failures=0,
        penalty=0.0,
        gone_since=None,
        last_success_at=poll.polled_at,
        last_full_at=poll.polled_at if poll.http_status == 200 else before.last_full_at,
        first_success_at=before.first_success_at if before.last_success_at else poll.polled_at,
        pace=next_pace(before.pace, poll, feed) if adaptive else 1.0,
    )
    after = replace(after, identity=poll.identity or before.identity)
    # Entries deferred to a later poll must not be hidden from it by a 304.
    after = after if poll.deferred else replace(after, validators=poll.validators)
    after = replace(after, asked=_asked(before, poll))
    return _due(after, poll, max(interval_of_feed(after, feed), asked_pause(after.asked, poll, feed)))


def _asked(before: FeedState, poll: Poll) -> PollRequest | None:
    """What feed and server ask for after a read poll. A 304 has no document, and often no headers: what the last
    document asked for goes on, and a longer pause counts.
    """
    if poll.code != "not_modified" or before.asked is None:
        return replace(poll.request, hub=None) if poll.request else None
    return replace(before.asked, pause=max(before.asked.pause, poll.request.pause if poll.request else timedelta()))


def next_pace(pace: float, poll: Poll, feed: Feed) -> float:
    """The factor on `every` after a read poll, 1 to 4, from the share of its entries that were known before."""
    known = 1 - poll.taken / poll.entries if poll.entries else 1.0
    if known == 1:
        pace *= SLOWER
    elif known < HALF_KNOWN:
        pace = 1.0
    elif known < MANY_KNOWN:
        pace /= FASTER
    most = SLOWEST
    if poll.oldest and poll.newest:
        most = min(most, (poll.newest - poll.oldest) / WINDOW_SHARE / feed.every)
    return max(1.0, min(pace, most))


def _due(state: FeedState, poll: Poll, pause: timedelta) -> FeedState:
    """Wait at least as long as Retry-After asks (capped at 7 days), and until the feed's quiet hours are over."""
    due = poll.polled_at + max(pause, poll.retry_after or timedelta())
    return replace(state, next_due=outside_quiet(due, state.asked))


def asked_pause(asked: PollRequest | None, poll: Poll, feed: Feed) -> timedelta:
    """How long we wait after a read poll because it was *asked*: never so long that entries would be missed."""
    pause = asked.pause if asked else timedelta()
    if poll.oldest and poll.newest:
        pause = min(pause, max(feed.every, (poll.newest - poll.oldest) / WINDOW_SHARE))
    return min(pause, LONGEST_ASKED)


def outside_quiet(due: datetime, request: PollRequest | None) -> datetime:
    """*due*, or the next hour that is no quiet one of the feed; never more than a day later."""
    if not request or not (request.quiet_hours or request.quiet_days):
        return due
    last = due + LONGEST_PAUSE
    while due < last and (due.hour in request.quiet_hours or due.weekday() in request.quiet_days):
        due = min(due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), last)
    return due


def _fraction(name: str, instant: datetime | None) -> float:
    """0 to 1, a function of feed and instant, so that a repeated publish gives the same state."""
    seed = f"{name} {instant.isoformat() if instant else ''}".encode()
    return int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest(), "big") / 2**32
