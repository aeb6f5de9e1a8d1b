"""Alarms of the store: articles that stay away, a disk that fills up, copies that nobody computes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dedupe.params import Params
from wirecopy.alarms.alarm import Alarm
from wirecopy.settings import Settings
from wirecopy.store.copies.derived import changed_at, out_of_date, window_of
from wirecopy.store.files.columns import COLUMNS
from wirecopy.store.files.layout import Layout
from wirecopy.store.ledger import SUCCESSES
from wirecopy.store.query.read import rows

DAY: Final = timedelta(days=1)
LOOKED_BACK: Final = 14  # days that say what is usual
LEAST_HISTORY: Final = 5  # days; with fewer nothing is usual yet
DAILY: Final = 0.85  # share of the days on which a daily feed has brought an article: 12 of 14, so no weekday paper
MOST: Final = 3  # daily feeds that must be quiet
DAYS_TO_ACT: Final = 3.0  # days until the disk is full: a weekend
GROWTH_DAYS: Final = 7
COPIES_WITHIN: Final = timedelta(hours=2)  # of the last computation, or of the end of the wait: dedupe takes minutes
NAMED: Final = 5  # dates or feeds that a sentence names

QUIET_FEEDS: Final = """
WITH stored AS (
    SELECT feed_id, tried_at, tried_at::DATE AS day FROM outcomes
    WHERE date >= $1::DATE AND mode = 'live' AND list_contains($2, code)
), usual AS (
    SELECT feed_id, count(DISTINCT day) FILTER (tried_at < $3::TIMESTAMPTZ) AS days, max(tried_at) AS last_at
    FROM stored GROUP BY feed_id
), history AS (
    SELECT count(DISTINCT day) AS days FROM stored WHERE tried_at < $3::TIMESTAMPTZ
)
SELECT feed_id, last_at FROM usual, history
WHERE history.days >= $4 AND usual.days >= $5 * history.days ORDER BY last_at
"""


def store_alarms(settings: Settings, layout: Layout) -> Iterator[Alarm]:
    """Those of the store and its disk."""
    now = settings.clock()
    if quiet := no_articles(layout, now):
        yield quiet
    if full := disk_alarm(settings, layout, now):
        yield full
    yield from stale_copies(settings, layout)


def no_articles(layout: Layout, now: datetime) -> Alarm | None:
    """Most of the feeds that bring articles every day have brought none for a day."""
    first = (now - LOOKED_BACK * DAY).date().isoformat()
    stored = [code for code in SUCCESSES if code in ("stored", "revised")]
    daily = rows(layout, QUIET_FEEDS, first, stored, now - DAY, LEAST_HISTORY, DAILY)
    quiet = [row for row in daily if row["last_at"] < now - DAY]
    if len(quiet) < MOST or 2 * len(quiet) <= len(daily):
        return None
    return Alarm(
        kind="no_articles",
        subject="feeds",
        since=quiet[-1]["last_at"],
        says=f"{len(quiet)} of {len(daily)} feeds that bring articles every day have brought none for a day "
        f"({named([row['feed_id'] for row in quiet])})",
        next_step='look at what becomes of their entries: `wirecopy query "FROM outcomes_by_feed ORDER BY date DESC"`, '
        "and docs/outcomes.md",
    )


def disk_alarm(settings: Settings, layout: Layout, now: datetime) -> Alarm | None:
    """Too little is free, or it will be full in a few days as the data grow."""
    room = layout.files.room()
    growth = growth_per_day(layout, now.date(), settings.raw_keep)
    days = room.free / growth if growth else None
    if room.free >= settings.least_free and (days is None or days >= DAYS_TO_ACT):
        return None
    until = f", enough for {days:.1f} days at {growth / 1024**3:.1f} GB a day" if days is not None and growth else ""
    return Alarm(
        kind="disk",
        subject=room.place,
        since=now,
        says=f"{room.free / 1024**3:,.1f} GB are free at {room.place}{until}",
        next_step="make room, shorten WIRECOPY_RAW_KEEP, or move the data folder (WIRECOPY_DATA); when it is full runs "
        "fail, and nothing that is stored is harmed",
    )


def growth_per_day(layout: Layout, today: date, raw_keep: timedelta) -> float:
    """Bytes by which the data folder grows in a day, from the last days. Once raw/ is as old as it is kept, what is
    removed of it makes up for what comes.
    """
    days = [today - n * DAY for n in range(1, GROWTH_DAYS + 1)]
    sizes = [version.size for table in COLUMNS for day, version in layout.versions(table).items() if day in days]
    folders = {path.name for path in layout.files.folders(layout.raw)} if layout.files.exists(layout.raw) else set()
    if min(folders, default="date=9") > f"date={today - raw_keep}":
        sizes += [one.size for day in days for one in layout.files.versions(layout.raw_folder(day), "*.parquet")]
    return sum(sizes) / GROWTH_DAYS


def stale_copies(settings: Settings, layout: Layout) -> Iterator[Alarm]:
    """Dates whose copies are out of date and were not computed for hours, though nothing was to be waited for.

    Times of files count here, as for dedupe's own wait: not the clock of the settings.
    """
    params = Params()
    stale = out_of_date(layout, params.hash, days=params.window_days)
    late = [day for day in stale if _is_late(settings, layout, day, params.window_days)]
    if late:
        yield Alarm(
            kind="copies_out_of_date",
            subject="copies",
            since=max(_computed_at(layout, day) for day in late),
            says=f"the copies of {named([day.isoformat() for day in late])} are out of date, and nobody computes them",
            next_step="look at the last runs of wirecopy_dedupe in Airflow and whether it is paused, then trigger it; "
            "or run `wirecopy rededup`",
            patience=COPIES_WITHIN,  # what was changed just now may have been computed last long ago
        )


def _is_late(settings: Settings, layout: Layout, day: date, window_days: int) -> bool:
    since = time.time() - COPIES_WITHIN.total_seconds()
    if day >= settings.clock().date() - DAY:  # computed at once
        return _computed_at(layout, day).timestamp() < since
    return changed_at(layout, window_of(day, window_days)) + settings.quiet_for.total_seconds() < since


def _computed_at(layout: Layout, day: date) -> datetime:
    """When the copies of a date were computed last; of one without, when its articles changed last."""
    version = layout.files.head(layout.partition("matches", day)) or layout.files.head(
        layout.partition("articles", day)
    )
    return datetime.fromtimestamp(version.modified_at if version else 0, UTC)


def named(names: list[str]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
