"""What is remembered of a feed between runs: records, and the rows that keep them. No database is imported here."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ingest.records import Poll, PollRequest, Validators
from ingest.serial import from_json

DATABASE: Final = "state.db"  # in state/, unless state_url names another


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """The state of one feed between runs. Times are aware UTC."""

    feed_id: str
    validators: Validators = field(default_factory=Validators)
    failures: int = 0  # polls in a row that failed
    last_code: str | None = None
    last_detail: str | None = None
    last_polled_at: datetime | None = None
    first_success_at: datetime | None = None  # None: never read, or read by an earlier version
    last_success_at: datetime | None = None
    last_full_at: datetime | None = None  # last unconditional GET
    next_due: datetime | None = None  # None: never polled
    identity: str | None = None  # JSON: how reliable its guids are (ingest.feed.guids)
    penalty: float = 0.0  # failures in a row, each counted by its kind (wirecopy.feeds.pollschedule)
    pace: float = 1.0  # factor on the feed's `every`, from the share of known entries
    gone_since: datetime | None = None  # first 410 in a row
    moved_to: str | None = None  # where permanent redirects lead, …
    moved_from: str | None = None  # … from this address of the feed list, …
    moved_since: datetime | None = None  # … since this poll
    moved_same: bool = False  # it showed the entries that were known
    asked: PollRequest | None = None  # what its last document asked for; a 304 has none, and a failed poll neither


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCapture:
    """The latest whole document of a feed in raw/, to be shared by past runs."""

    feed_id: str
    fetch_id: str
    raw_file: str  # relative to raw/
    fetched_at: datetime  # aware, UTC
    poll: Poll | None = None  # by who read it first: it tells which days it lists


TIMES = (
    "last_polled_at",
    "first_success_at",
    "last_success_at",
    "last_full_at",
    "next_due",
    "gone_since",
    "moved_since",
)
_PLAIN = (
    "feed_id", "failures", "last_code", "last_detail", "penalty", "pace", "moved_to", "moved_from",
    "moved_same", "identity",
)  # fmt: skip
COLUMNS = (*_PLAIN, *TIMES, "etag", "last_modified", "body_hash", "asked")
_DEFAULTS: dict[str, Any] = {"penalty": 0.0, "pace": 1.0, "moved_same": False}  # of rows of an earlier version


def capture_of_row(row: Mapping[Any, Any]) -> FeedCapture:
    """The capture that a row keeps."""
    poll = from_json(Poll, row["poll"]) if row["poll"] else None
    return FeedCapture(**{**row, "fetched_at": aware(row["fetched_at"]), "poll": poll})


def state_of_row(row: Any) -> FeedState:
    """The state that a row keeps."""
    times = {name: aware(row[name]) for name in TIMES}
    validators = Validators(etag=row["etag"], last_modified=row["last_modified"], body_hash=row["body_hash"])
    plain: dict[str, Any] = {name: _DEFAULTS.get(name) if row[name] is None else row[name] for name in _PLAIN}
    return FeedState(validators=validators, asked=_asked(row["asked"]), **plain, **times)


def row_of_state(state: FeedState) -> dict[str, Any]:
    """The row that keeps *state*."""
    v = state.validators
    times = {name: naive(getattr(state, name)) for name in TIMES}
    plain = {name: getattr(state, name) for name in _PLAIN}
    fresh = {"etag": v.etag, "last_modified": v.last_modified, "body_hash": v.body_hash}
    return {**plain, **times, **fresh, "asked": _asked_text(state.asked)}


def _asked(text: str | None) -> PollRequest | None:
    if not text:
        return None
    said = json.loads(text)
    return PollRequest(
        pause=timedelta(seconds=said["pause"]), quiet_hours=frozenset(said["hours"]), quiet_days=frozenset(said["days"])
    )


def _asked_text(request: PollRequest | None) -> str | None:
    """JSON; the hub is not kept, since nothing waits for it."""
    if request is None:
        return None
    said = {"hours": sorted(request.quiet_hours), "days": sorted(request.quiet_days)}
    return json.dumps({"pause": request.pause.total_seconds(), **said})


def confirmed(states: Mapping[str, FeedState], polls: Container[tuple[str, datetime]]) -> dict[str, FeedState]:
    """*states*, without the validators of feeds whose last successful poll is not among *polls* (feed_id, polled_at).

    Such a store was restored from a backup or started anew: it lacks entries that a 304 would now hide.
    """
    return {name: s if (name, s.last_success_at) in polls else _without_validators(s) for name, s in states.items()}


def _without_validators(state: FeedState) -> FeedState:
    return replace(state, validators=Validators(), last_full_at=None)


def aware(value: datetime | None) -> Any:
    """A stored time, in UTC."""
    return value.replace(tzinfo=UTC) if value else None


def naive(value: datetime | None) -> datetime | None:
    """A time as it is stored."""
    return value.astimezone(UTC).replace(tzinfo=None) if value else None
