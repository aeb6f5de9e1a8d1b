"""gaps: which days have fewer articles than usual, and the days of a backfill that would fill them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ingest.feedlist.feedlist import load_feeds
from wirecopy.errors import UsageError
from wirecopy.schedule import DAY, intervals_between
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import layout_of
from wirecopy.store.files.rows import Row
from wirecopy.store.query.gaps import SHOWN_DAYS, gaps_query
from wirecopy.store.query.read import rows


def find_gaps(
    *, first: str | None = None, last: str | None = None, feeds: Sequence[str] = (), by_source: bool = False
) -> list[Row]:
    """Rows of the view `gaps_by_feed` (*by_source*: `gaps`) for the days *first* … *last* (ISO, inclusive; without them
    the last SHOWN_DAYS that are over) and for *feeds*, all if empty.

    Days that are not over have no row. Raises StoreError without a store, FeedListError for an unknown feed.
    """
    settings = load_settings()
    layout = layout_of(settings)
    layout.require(layout.store)
    if feeds:
        feed_list = load_feeds(settings.feed_list)
        for feed_id in feeds:
            feed_list.feed(feed_id)  # FeedListError names the near ones
    start, end = _days(first, last, (settings.clock() - DAY).date())
    ends = {"first": f"DATE '{start.isoformat()}'", "last": f"DATE '{end.isoformat()}'"}
    found = rows(layout, gaps_query(by_source=by_source, **ends))
    return [row for row in found if not feeds or row["feed_id"] in feeds]


def spans_of(days: Sequence[date]) -> list[tuple[date, date]]:
    """*days* as stretches without a break, each its first and last day."""
    spans: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def _days(first: str | None, last: str | None, yesterday: date) -> tuple[date, date]:
    if (first is None) != (last is None):
        raise UsageError("--from and --to go together: `wirecopy gaps --from 2026-10-01 --to 2026-10-31`.")
    if first is None or last is None:
        return yesterday - (SHOWN_DAYS - 1) * DAY, yesterday
    whole = list(intervals_between(first, last))
    return whole[0].start.date(), (whole[-1].end - timedelta(microseconds=1)).date()
