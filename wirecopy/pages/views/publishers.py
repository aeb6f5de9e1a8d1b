"""Publishers: what they write themselves, what they take from the wire and from each other, and how fast."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from dedupe.params import DEFAULTS
from wirecopy.pages.asking import LONGEST_NAME, Day, Days, Page, day_or_last, missing, reading, window
from wirecopy.pages.charts import bars_of
from wirecopy.pages.frame import csv_file, most, page, wants_csv
from wirecopy.store.query.reader import Reader

router = APIRouter()

REACH: Final = timedelta(days=DEFAULTS.reach_days)
UNKNOWN: Final = "-"  # in addresses, for articles without a publisher
A_PAGE: Final = 100
IN_A_FILE: Final = 100_000
TOP: Final = 15
TALL: Final = 70.0  # units of a drawing
COLUMNS: Final = ("publisher", "articles", "own", "copied", "copied_by_others", "credited", "languages")
LIST: Final = """
SELECT a.publisher, count(*) AS articles, count(*) FILTER (coalesce(c.role, 'alone') <> 'copy') AS own,
       count(*) FILTER (c.role = 'copy') AS copied, count(*) FILTER (c.role = 'origin') AS copied_by_others,
       count(*) FILTER (a.agency IS NOT NULL) AS credited, count(DISTINCT a.language) AS languages,
       count(*) OVER () AS total
FROM articles a LEFT JOIN clusters c ON c.article_id = a.article_id AND c.date = a.date
GROUP BY a.publisher ORDER BY articles DESC, a.publisher LIMIT $1 OFFSET $2
"""
MINE: Final = """
SELECT a.article_id, a.date, a.agency, epoch(a.published_at) AS at, coalesce(c.role, 'alone') AS role, c.origin_id
FROM articles a LEFT JOIN clusters c ON c.article_id = a.article_id AND c.date = a.date
WHERE a.date BETWEEN $2 AND $3 AND a.publisher IS NOT DISTINCT FROM $1
"""
DAYS: Final = """
SELECT date, count(*) AS articles, count(*) FILTER (role = 'copy') AS copied,
       count(*) FILTER (role = 'origin') AS given, count(*) FILTER (agency IS NOT NULL) AS credited
FROM mine GROUP BY date ORDER BY date
"""
AGENCIES: Final = """
SELECT agency, count(*) AS articles FROM mine WHERE agency IS NOT NULL
GROUP BY agency ORDER BY articles DESC, agency LIMIT $1
"""
COPIED: Final = """
SELECT o.publisher, mine.at - epoch(o.published_at) AS seconds
FROM mine JOIN articles o ON o.article_id = mine.origin_id
WHERE mine.role = 'copy' AND o.publisher IS DISTINCT FROM $1
"""
TAKEN: Final = """
SELECT a.publisher, epoch(a.published_at) - mine.at AS seconds
FROM mine JOIN clusters c ON c.origin_id = mine.article_id
     JOIN articles a ON a.article_id = c.article_id AND a.date = c.date
WHERE mine.role = 'origin' AND c.role = 'copy' AND a.publisher IS DISTINCT FROM $1
"""
PARTNERS: Final = """
SELECT publisher, count(*) AS articles, median(seconds) AS seconds FROM partners
GROUP BY publisher ORDER BY articles DESC, publisher LIMIT $1
"""


@router.get("/publishers")
@router.get("/publishers.csv")
def publishers(request: Request, day: Day = None, days: Days = 30, start: Page = 1) -> Response:
    """All publishers of the chosen days."""
    limit = IN_A_FILE if wants_csv(request) else A_PAGE
    with reading(request) as reader:
        last = day_or_last(reader, day)
        rows = []
        if last:
            for table in ("articles", "clusters"):
                reader.open(table, *window(last, days))
            rows = reader.rows(LIST, limit, (start - 1) * limit)
    if wants_csv(request):
        return csv_file(f"publishers-{last}-{days}-days", COLUMNS, rows)
    total = rows[0]["total"] if rows else 0
    return page(request, "publishers.html", rows=rows, last=last, days=days, total=total, start=start, a_page=A_PAGE)


@router.get("/publishers/{name:path}")
def publisher(request: Request, name: str, day: Day = None, days: Days = 30) -> Response:
    """One of them."""
    if len(name) > LONGEST_NAME:
        raise missing("No publisher has so long a name.")
    with reading(request) as reader:
        last = day_or_last(reader, day)
        lines = most(request, TOP)
        told = _told(reader, None if name == UNKNOWN else name, last, days, lines) if last else None
    if not told or not told["per_day"]:
        raise missing(f"{name} has no article in the {days} days up to {last}. Look at more days: ?days=92.")
    lists = {one: told[one] for one in ("per_day", "agencies", "sources", "takers")}
    return page(request, "publisher.html", lists=lists, name=name, last=last, days=days, **told)


def _told(reader: Reader, name: str | None, last: date, days: int, lines: int) -> dict[str, Any]:
    first, _ = window(last, days)
    for table in ("articles", "clusters"):
        reader.open(table, first - REACH, last + REACH)
    reader.keep("mine", MINE, name, first, last)
    per_day = reader.rows(DAYS)
    counts = {row["date"]: row for row in per_day}
    chosen = [first + timedelta(days=number) for number in range(days)]
    return {
        "per_day": per_day,
        "bars": bars_of([_count(counts, one) for one in chosen], tall=TALL),
        "sums": {key: sum(row[key] for row in per_day) for key in ("articles", "copied", "given", "credited")},
        "agencies": reader.rows(AGENCIES, lines),
        "first": first,
    } | _partners(reader, name, lines)


def _partners(reader: Reader, name: str | None, lines: int) -> dict[str, Any]:
    """Whom it copies, after how long, and who copies it."""
    reader.keep("partners", COPIED, name)
    sources = reader.rows(PARTNERS, lines)
    delay = reader.rows("SELECT median(seconds) AS seconds FROM partners")[0]["seconds"]
    reader.keep("partners", TAKEN, name)
    return {"sources": sources, "takers": reader.rows(PARTNERS, lines), "delay": delay}


def _count(counts: dict[date, dict[str, Any]], day: date) -> int:
    return int(counts[day]["articles"]) if day in counts else 0
