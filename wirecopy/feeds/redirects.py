"""Feeds that have moved: a permanent redirect is accepted after a week, if it leads to the same entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from ingest.records import READ, Feed, Poll
from wirecopy.store.feeds.feedstate import FeedState

BELIEVED_AFTER: Final = timedelta(days=7)  # a mistaken 301 is usually corrected within days
SAME_ENTRIES: Final = 0.5  # share of the target's entries that were known when the feed first moved


def effective_feed(feed: Feed, state: FeedState | None) -> Feed:
    """*feed* with the address at which it is to be polled: the new one once a redirect is accepted."""
    return replace(feed, url=state.moved_to) if state and state.moved_to and is_believed(state, feed) else feed


def is_believed(state: FeedState, feed: Feed) -> bool:
    """Whether a redirect is to be followed for good. A feed with headers of its own, which may hold a key, follows none
    to another origin; a changed address in the feed list starts the week again.
    """
    if not (state.moved_to and state.moved_since and state.last_polled_at and state.moved_same):
        return False
    if state.moved_from != feed.url or (feed.headers and _origin(state.moved_to) != _origin(feed.url)):
        return False
    return state.last_polled_at - state.moved_since >= BELIEVED_AFTER


def after_move(state: FeedState, poll: Poll, feed: Feed) -> FeedState:
    """*state* with the redirect fields after *poll*. (`last_success_at` of *state* is that before the poll.)"""
    there = state.moved_to is not None and poll.url == state.moved_to
    if poll.code not in READ:
        return _stays(state) if there else state  # the old address is polled again first
    if poll.moved_to is None:
        return state if there else _stays(state)
    if poll.moved_to == state.moved_to and state.moved_from == feed.url:
        return state
    return replace(
        state,
        moved_to=poll.moved_to,
        moved_from=feed.url,
        moved_since=poll.polled_at,
        moved_same=_shows_the_same(state, poll),
    )


def _shows_the_same(state: FeedState, poll: Poll) -> bool:
    """Compared once, at the first redirected poll: later polls would find the target's entries known already."""
    if state.last_success_at is None or poll.code != "ok":
        return True  # a new feed, or the same bytes
    return poll.entries > 0 and poll.taken <= (1 - SAME_ENTRIES) * poll.entries


def _stays(state: FeedState) -> FeedState:
    return replace(state, moved_to=None, moved_from=None, moved_since=None, moved_same=False)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
