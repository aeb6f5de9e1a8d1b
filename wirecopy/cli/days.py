"""`--from` and `--to` of every command: dates or instants, the first before the last, and none of them to come."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from wirecopy.errors import UsageError
from wirecopy.schedule import begin_of, intervals_between
from wirecopy.settings import load_settings

# Articles may be dated a day ahead: docs/decisions/publication-dates.md.
AHEAD = timedelta(days=1)


def check_days(first: str | None, last: str | None) -> None:
    """Raises UsageError for what is no date, for the wrong order, and for days that have not begun yet."""
    now = load_settings().clock()
    for option, text, latest in (("--from", first, now), ("--to", last, now + AHEAD)):
        if text is not None and begin_of(text) > latest:
            raise UsageError(to_come(f"{option} {text}", now))
    if first is not None and last is not None:
        next(intervals_between(first, last))


def to_come(what: str, now: datetime) -> str:
    """The sentence for a day in the future."""
    return f"{what} lies in the future: it is {now:%Y-%m-%d %H:%M} UTC. Name days up to {now:%Y-%m-%d}."


def days_of(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """The UTC dates of both, checked; of an instant that of its day. None stays None."""
    check_days(first, last)
    one, other = (begin_of(text).date() if text is not None else None for text in (first, last))
    return one, other
