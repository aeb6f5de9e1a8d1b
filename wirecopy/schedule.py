"""Data intervals: the `[start, end)` of a run, and whether it is live or past. Light, because DAG files import it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from wirecopy.errors import SettingsError, UsageError
from wirecopy.records import Kind, Mode

LIVE_FOR = timedelta(hours=6)  # a run this late is still live: docs/decisions/live-or-past.md
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A half-open stretch of time, aware UTC."""

    start: datetime
    end: datetime

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, datetime) and self.start <= instant < self.end


def live_minutes() -> int:
    """Length of a live interval: WIRECOPY_LIVE_MINUTES, 1 to 60 and a divisor of 60 (so that intervals tile the
    hour), default 15.
    """
    raw = os.environ.get("WIRECOPY_LIVE_MINUTES", "15")
    if not raw.isdecimal() or not 1 <= int(raw) <= 60 or 60 % int(raw):
        raise SettingsError(f"WIRECOPY_LIVE_MINUTES is {raw!r}: take 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60.")
    return int(raw)


def live_cron() -> str:
    """The cron line of `wirecopy_live`."""
    minutes = live_minutes()
    return "0 * * * *" if minutes == 60 else f"*/{minutes} * * * *"


def length_of(kind: Kind) -> timedelta:
    """How long one interval of this kind is."""
    return DAY if kind == "day" else timedelta(minutes=live_minutes())


def interval_of(kind: Kind, *, start: str | None, end: str | None, run_after: datetime) -> Interval:
    """The interval that Airflow names, or without one (an API trigger with a null logical date) the last complete one
    before *run_after*.
    """
    if start and end:
        interval = Interval(start=parse_instant(start), end=parse_instant(end))
        if interval.start < interval.end:
            return interval
    length = length_of(kind)
    last = floor_to(run_after.astimezone(UTC), length)
    return Interval(start=last - length, end=last)


def mode_of(kind: Kind, interval: Interval, *, now: datetime) -> Mode:
    """Live or past, decided by the clock: clearing a run changes Airflow's run type in place, so that cannot say it."""
    if kind == "day":
        return "past"
    late = max(2 * (interval.end - interval.start), LIVE_FOR)
    return "live" if now - interval.end < late else "past"


def floor_to(instant: datetime, length: timedelta) -> datetime:
    """The last multiple of *length* since midnight UTC that is not after *instant*."""
    midnight = datetime.combine(instant.date(), time(), UTC)
    return midnight + (instant - midnight) // length * length


def day_page(base_url: str, day: str) -> str:
    """Address of the page of *day* (ISO) inside the Airflow at *base_url*: Airflow's route, then the path of the page
    that it shows there. So a path prefix stands there twice.
    """
    base = base_url.rstrip("/")
    return f"{base}/plugin/wirecopy{urlsplit(base).path}/wirecopy/days/{day}"


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant as aware UTC; one without a zone is UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date or instant, such as 2026-11-22 or 2026-11-22T08:00:00Z.") from error
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def intervals_between(first: str, last: str) -> Iterator[Interval]:
    """*first* and *last* as `wirecopy run --from --to` takes them, cut into UTC days: days are inclusive, instants
    half-open.
    """
    start, end = _bound(first, inclusive=False), _bound(last, inclusive=True)
    if start >= end:
        raise UsageError(f"{first} is not before {last}: name the earlier day first.")
    while start < end:
        stop = min(datetime.combine(start.date() + DAY, time(), UTC), end)
        yield Interval(start=start, end=stop)
        start = stop


def begin_of(text: str) -> datetime:
    """The instant at which a day begins, or that *text* is. Raises UsageError."""
    return _bound(text, inclusive=False)


def _bound(text: str, *, inclusive: bool) -> datetime:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError as error:
        raise UsageError(f"{text!r} is no date, such as 2026-11-22.") from error
    if day is None:
        return parse_instant(text)
    return datetime.combine(day + DAY if inclusive else day, time(), UTC)
