"""When a feed is due again, and what its next poll sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.records import Feed, Poll
    from wirecopy.store.state import FeedState

READ = frozenset({"ok", "not_modified", "unchanged"})
LONGEST_PAUSE = timedelta(hours=24)  # a feed is never dead for good


def after_poll(before: FeedState, poll: Poll, feed: Feed) -> FeedState:
    """The state of *feed* after *poll*: back-off doubles with each failure in a row, up to a day; Retry-After is
    kept.
    """
    read = poll.code in READ
    failures = 0 if read else before.failures + 1
    pause = max(feed.every, min(feed.every * 2 ** min(failures, 10), LONGEST_PAUSE)) if failures else feed.every
    after = replace(
        before, failures=failures, last_code=poll.code, last_detail=poll.detail, last_polled_at=poll.polled_at,
        next_due=poll.polled_at + max(pause, poll.retry_after or timedelta()),
    )  # fmt: skip
    if not read:
        return after
    full = poll.polled_at if poll.http_status == 200 else before.last_full_at
    after = replace(after, last_success_at=poll.polled_at, last_full_at=full)
    after = replace(after, identity=poll.identity or before.identity)
    # Entries deferred to a later poll must not be hidden from it by a 304.
    return after if poll.deferred else replace(after, validators=poll.validators)
