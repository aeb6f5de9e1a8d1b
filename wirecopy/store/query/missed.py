"""Feeds whose polls missed entries of an interval: all that a poll showed was newer than all of the poll before."""

from __future__ import annotations

from typing import Final

from wirecopy.schedule import Interval
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import rows

_GAPS: Final = """
    SELECT DISTINCT feed_id FROM (
        SELECT feed_id, oldest, lag(newest) OVER (PARTITION BY feed_id ORDER BY polled_at) AS newest_before
        FROM polls WHERE mode = 'live' AND code = 'ok' AND oldest IS NOT NULL AND polled_at >= $1 - INTERVAL 7 DAYS
    ) WHERE oldest > newest_before AND newest_before < $2 AND oldest > $1
"""


def feeds_with_gaps(layout: Layout, interval: Interval) -> set[str]:
    """Ids of feeds with a gap between two polls that reaches into *interval*."""
    if not layout.dates("polls"):
        return set()
    return {row["feed_id"] for row in rows(layout, _GAPS, interval.start, interval.end)}
