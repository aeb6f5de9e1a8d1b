"""Who copies whom, over chosen days: a matrix of the busiest publishers, and the list."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from dedupe.params import DEFAULTS
from wirecopy.pages.asking import Day, Days, day_or_last, reading, window
from wirecopy.pages.frame import csv_file, page, wants_csv
from wirecopy.store.query.reader import Reader

router = APIRouter()

REACH: Final = timedelta(days=DEFAULTS.reach_days)  # an origin may be so much older than its copy's first day
IN_MATRIX: Final = 24  # publishers: as many as are read at a glance
EDGES: Final = 3_000  # pairs of publishers that the matrix is made of
LISTED: Final = 100
IN_A_FILE: Final = 100_000
COLUMNS: Final = ("origin", "copied_by", "copies", "median_minutes")
# The copy has to be of the chosen days; its origin may be older.
PAIRS: Final = """
WITH copies AS (SELECT article_id, origin_id, date FROM clusters WHERE role = 'copy'),
texts AS (SELECT article_id, date, publisher, epoch(published_at) AS at FROM articles WHERE publisher IS NOT NULL)
SELECT o.publisher AS origin, c.publisher AS copied_by, count(*) AS copies,
       round(median(c.at - o.at) / 60, 1) AS median_minutes
FROM copies k JOIN texts c ON c.article_id = k.article_id AND c.date = k.date JOIN texts o ON o.article_id = k.origin_id
WHERE o.publisher <> c.publisher
GROUP BY ALL ORDER BY copies DESC, origin, copied_by LIMIT $1
"""


@router.get("/network")
@router.get("/network.csv")
def network(request: Request, day: Day = None, days: Days = 30) -> Response:
    """Which publisher's reports stand in which other's pages."""
    with reading(request) as reader:
        last = day_or_last(reader, day)
        pairs = _pairs(reader, last, days, IN_A_FILE if wants_csv(request) else EDGES) if last else []
        clustered = bool(reader.dates("clusters"))
    if wants_csv(request):
        return csv_file(f"who-copies-whom-{last}-{days}-days", COLUMNS, pairs)
    names = _busiest(pairs)
    table = {(row["origin"], row["copied_by"]): row for row in pairs}
    most = max((table[pair]["copies"] for pair in table if pair[0] in names and pair[1] in names), default=1)
    context: dict[str, Any] = {"names": names, "table": table, "most": most, "rows": pairs[:LISTED]}
    return page(request, "network.html", last=last, days=days, clustered=clustered, more=len(pairs) > LISTED, **context)


def _pairs(reader: Reader, last: date, days: int, limit: int) -> list[dict[str, Any]]:
    first, _ = window(last, days)
    reader.open("clusters", first, last).open("articles", first - REACH, last)
    return reader.rows(PAIRS, limit)


def _busiest(pairs: list[dict[str, Any]]) -> list[str]:
    """Publishers by the copies in which they take part, at most IN_MATRIX; who is copied most stands first."""
    parts: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for row in pairs:
        parts[row["origin"]] += row["copies"]
        parts[row["copied_by"]] += row["copies"]
        given[row["origin"]] += row["copies"]
    chosen = [name for name, _ in sorted(parts.items(), key=lambda one: (-one[1], one[0]))[:IN_MATRIX]]
    return sorted(chosen, key=lambda name: (-given[name], name))
