"""Alarms of feeds: nobody polls them, most cannot be read, one is silent or was polled too rarely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from wirecopy.alarms.alarm import Alarm
from wirecopy.feeds.digest import FeedHealth
from wirecopy.schedule import live_minutes

MOST: Final = 3  # feeds that must fail, or all if there are fewer: one or two fail by themselves
MISSED_RUNS: Final = 3  # live intervals without a poll; a busy machine may be late by one
SHORTEST_DELAY: Final = timedelta(minutes=45)


def feed_alarms(healths: Sequence[FeedHealth], now: datetime) -> Iterator[Alarm]:
    """Those of all feeds of the list. While nobody polls, nothing else is said of feeds: it would have one cause."""
    late = late_polls(healths, now)
    if late:
        yield late
        return
    unread = most_unread(healths, now)
    if unread:
        yield unread
    for health in healths:
        if health.silent and not unread:
            yield _silent(health, now)
        if health.gap and health.last_gap_at:
            yield _gap(health, health.last_gap_at)


def late_polls(healths: Sequence[FeedHealth], now: datetime) -> Alarm | None:
    """Feeds are due, and nobody has polled any."""
    patience = max(MISSED_RUNS * timedelta(minutes=live_minutes()), SHORTEST_DELAY)
    newest = max((one.last_polled_at for one in healths if one.last_polled_at), default=None)
    due = [one.next_due for one in healths if one.next_due and now - one.next_due > patience]
    if newest is None or not due or now - newest <= patience:
        return None
    return Alarm(
        kind="run_late",
        subject="wirecopy_live",
        since=min(due),
        says=f"no feed has been polled since {minute(newest)}, and {len(due)} of {len(healths)} are due",
        next_step="look whether Airflow's scheduler runs and wirecopy_live is unpaused and not stuck (without Airflow: "
        "whether `wirecopy run` is still started)",
    )


def most_unread(healths: Sequence[FeedHealth], now: datetime) -> Alarm | None:
    """More than half of the feeds failed at their last poll."""
    known = [one for one in healths if one.condition in ("well", "failing", "outage")]
    bad = [one for one in known if one.condition != "well"]
    if not bad or len(bad) < min(MOST, len(known)) or 2 * len(bad) <= len(known):
        return None
    codes = ", ".join(f"{code} {count}" for code, count in Counter(one.last_code for one in bad).most_common(3))
    return Alarm(
        kind="feeds_unread",
        subject="feeds",
        since=max((one.last_success_at for one in bad if one.last_success_at), default=now),
        says=f"{len(bad)} of {len(known)} feeds cannot be read ({codes})",
        next_step="look at the network of this machine (DNS, proxy, firewall); runs ask again by themselves, and "
        "`wirecopy feeds list` names the feeds",
    )


def _silent(health: FeedHealth, now: datetime) -> Alarm:
    usual = f"; it used to bring something every {span(health.median_minutes)}" if health.median_minutes else ""
    return Alarm(
        kind="feed_silent",
        subject=health.feed_id,
        since=health.newest_entry_at or now,
        says=f"feed {health.feed_id} answers, and has brought nothing new{usual}",
        next_step=f"look whether the site has another feed (`wirecopy feeds discover {health.url}`), or put "
        f'"feed_silent:{health.feed_id}" into the setting `mute`',
    )


def _gap(health: FeedHealth, at: datetime) -> Alarm:
    return Alarm(
        kind="feed_gap",
        subject=health.feed_id,
        since=at,
        says=f"feed {health.feed_id} was polled too rarely: all its entries were newer than those of the poll before, "
        "so some may have come and gone",
        next_step=f"shorten its `every` in the feed list (now {span(health.every.total_seconds() / 60)}), and complete "
        "that day: backfill wirecopy_day, or `wirecopy run --from DAY --to DAY`",
    )


def minute(instant: datetime) -> str:
    """An instant for people."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def span(minutes: float | None) -> str:
    """A duration for people: minutes, hours or days."""
    for unit, size in (("days", 1440), ("hours", 60)):
        if (minutes or 0) >= 2 * size:
            return f"{(minutes or 0) / size:.0f} {unit}"
    return f"{max(minutes or 0, 1):.0f} minutes"
