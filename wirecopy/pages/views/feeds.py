"""Feeds: how they are, and one of them in detail."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from ingest.records import READ
from wirecopy.pages.asking import LONGEST_NAME, Day, missing, reading, today
from wirecopy.pages.charts import bars_of
from wirecopy.pages.frame import csv_file, most, page, wants_csv
from wirecopy.store.query.gaps import WHY, gaps_query
from wirecopy.store.query.reader import Reader

router = APIRouter()

SHOWN_DAYS: Final = 14  # of the bars
GAP_DAYS: Final = 3  # in which gaps between polls are looked for: what was lost then can still be fetched
LISTED: Final = 500
LINES: Final = 40  # polls and searches of a feed
SEARCHED: Final = timedelta(days=62)  # further back: a past run of a day stands in the partition of that day
WATCHED_DAYS: Final = 56  # eight weeks say what is usual
TALL: Final = 20.0  # units of a drawing
COLUMNS: Final = (
    "feed_id", "state", "last_code", "failures", "last_success_at", "newest_entry_at", "polls", "failed", "entries",
    "taken", "gaps", "last_detail",
)  # fmt: skip
_READ: Final = ", ".join(f"'{code}'" for code in sorted(READ))

ROLLUP: Final = f"""
WITH seen AS (
    SELECT feed_id, count(*) AS polls, count(*) FILTER (code NOT IN ({_READ})) AS failed,
           sum(entries)::BIGINT AS entries, sum(taken)::BIGINT AS taken,
           max(polled_at) AS last_polled_at, max(polled_at) FILTER (code IN ({_READ})) AS last_success_at,
           arg_max(code, polled_at) AS last_code, arg_max(detail, polled_at) AS last_detail
    FROM polls WHERE code <> 'deferred' AND ($1 = '' OR feed_id = $1) GROUP BY feed_id
), failing AS (
    SELECT feed_id, count(*) AS failures FROM polls JOIN seen USING (feed_id)
    WHERE code NOT IN ({_READ}) AND code <> 'deferred' AND (last_success_at IS NULL OR polled_at > last_success_at)
    GROUP BY feed_id
), moments AS (
    SELECT feed_id, date_trunc('minute', coalesce(published_at, tried_at)) AS moment FROM outcomes
    WHERE ($1 = '' OR feed_id = $1) GROUP BY ALL
), rhythm AS (
    SELECT feed_id, max(moment) AS newest_entry_at, count(pause) AS pauses, median(pause) AS median_pause,
           quantile_disc(pause, 0.98) AS long_pause
    FROM (SELECT feed_id, moment, epoch(moment - lag(moment) OVER (PARTITION BY feed_id ORDER BY moment)) AS pause
          FROM moments) GROUP BY feed_id
)
SELECT seen.*, coalesce(failures, 0) AS failures, newest_entry_at, median_pause,
       coalesce(pauses >= 10 AND last_success_at > newest_entry_at + to_seconds(
           greatest(12 * 3600, 10 * median_pause, 1.5 * long_pause)), false) AS silent
FROM seen LEFT JOIN failing USING (feed_id) LEFT JOIN rhythm USING (feed_id)
"""  # noqa: S608 - our own codes; the rule of silence is that of the view feed_health, over fewer days
BARS: Final = """
SELECT feed_id, date, sum(taken)::BIGINT AS taken FROM polls WHERE $1 = '' OR feed_id = $1 GROUP BY ALL
"""
GAPS: Final = """
SELECT feed_id, count(*) AS gaps, max(polled_at) AS last_gap_at FROM (
    SELECT feed_id, polled_at, oldest, lag(newest) OVER (PARTITION BY feed_id ORDER BY polled_at) AS newest_before
    FROM polls WHERE code = 'ok' AND oldest IS NOT NULL AND ($1 = '' OR feed_id = $1)
) WHERE oldest > newest_before GROUP BY feed_id
"""
OUTCOMES: Final = """
SELECT code, count(*) AS entries, max(tried_at) AS last, arg_max(detail, tried_at) AS detail
FROM outcomes WHERE feed_id = $1 GROUP BY code ORDER BY entries DESC, code
"""
POLLS: Final = """
SELECT polled_at, code, detail, http_status, entries, taken, milliseconds, run_id, oldest, newest
FROM polls WHERE feed_id = $1 ORDER BY polled_at DESC LIMIT $2
"""
SEARCHES: Final = """
SELECT date, source, code, complete, entries, taken, detail, searched_at FROM searches WHERE feed_id = $1
ORDER BY searched_at DESC LIMIT $2
"""
GAP_DAYS_OF_FEED: Final = """
SELECT date, source, articles, from_history, usual, missing, why FROM ({query})
WHERE why IS NOT NULL ORDER BY date DESC, source LIMIT 60
"""
GAP_COLUMNS: Final = {
    "articles": "feed_id, source, date, via",
    "polls": "feed_id, date, polled_at, mode, code, oldest, newest",
    "searches": "feed_id, run_id, source, interval_start, complete, failed",
}
VIA: Final = (
    "SELECT via, count(*) AS articles FROM articles WHERE feed_id = $1 GROUP BY via ORDER BY articles DESC, via"
)
STATES: Final = {"failing": 0, "silent": 1, "gaps": 2, "well": 3}
State = Annotated[Literal["", "failing", "silent", "gaps", "well"], Query()]


@router.get("/feeds")
@router.get("/feeds.csv")
def feeds(request: Request, state: State = "", day: Day = None) -> Response:
    """All feeds that were asked in the last two weeks, those with trouble first."""
    with reading(request) as reader:
        last = day or reader.last("polls") or today(request)
        rows = _rows(reader, last, "")
    counts = {name: sum(row["state"] == name for row in rows) for name in STATES}
    chosen = [row for row in rows if not state or row["state"] == state]
    if wants_csv(request):
        return csv_file(f"feeds-{last}", COLUMNS, chosen)
    context: dict[str, Any] = {"rows": chosen[:LISTED], "more": len(chosen) > LISTED, "counts": counts}
    return page(request, "feeds.html", last=last, state=state, days=SHOWN_DAYS, total=len(rows), **context)


@router.get("/feeds/{name:path}")
def feed(request: Request, name: str, day: Day = None) -> Response:
    """One feed: its state, two weeks, outcomes by code, polls, and by which ways its articles came."""
    if len(name) > LONGEST_NAME:
        raise missing("No feed has so long an id.")
    with reading(request) as reader:
        last = day or reader.last("polls") or today(request)
        rows = _rows(reader, last, name)
        told = _told(reader, name, last, most(request, LINES))
    if not rows and not told["outcomes"] and not told["via"]:
        raise missing(f"No feed {name} was asked in the two weeks up to {last}. `wirecopy feeds list` shows all feeds.")
    row = rows[0] if rows else None
    return page(request, "feed.html", lists=told, name=name, last=last, row=row, days=SHOWN_DAYS, why=WHY, **told)


def _told(reader: Reader, name: str, last: date, lines: int) -> dict[str, Any]:
    first = last - timedelta(days=SHOWN_DAYS - 1)
    reader.open("articles", first, last).open("searches", first - SEARCHED, last)
    return {
        "outcomes": reader.rows(OUTCOMES, name),
        "polls": reader.rows(POLLS, name, lines),
        "via": reader.rows(VIA, name),
        "searches": reader.rows(SEARCHES, name, lines),
        "missing_days": _missing_days(reader, name, first, last),
    }


def _missing_days(reader: Reader, name: str, first: date, last: date) -> list[dict[str, Any]]:
    """By the rules of the view gaps, from two months of this feed alone."""
    days = [last - timedelta(days=back) for back in range(WATCHED_DAYS)]
    for table, columns in GAP_COLUMNS.items():
        reader.open_dates(table, days, feed=name)
        reader.keep(table, f"SELECT {columns} FROM {table}")  # noqa: S608 - the query reads each of them several times
    query = gaps_query(by_source=True, first=f"DATE '{first}'", last=f"DATE '{last}'")
    return reader.rows(GAP_DAYS_OF_FEED.format(query=query))


def _rows(reader: Reader, last: date, name: str) -> list[dict[str, Any]]:
    """Feeds with their state and bars, or only *name*; afterwards polls and outcomes of all shown days are open."""
    reader.open("polls", last - timedelta(days=GAP_DAYS - 1), last)
    gaps = {row["feed_id"]: row for row in reader.rows(GAPS, name)}
    for table in ("polls", "outcomes"):
        reader.open(table, last - timedelta(days=SHOWN_DAYS - 1), last)
    taken = {(row["feed_id"], row["date"]): row["taken"] for row in reader.rows(BARS, name)}
    days = [last - timedelta(days=back) for back in range(SHOWN_DAYS - 1, -1, -1)]
    rows = []
    for row in reader.rows(ROLLUP, name):
        gap = gaps.get(row["feed_id"], {"gaps": 0, "last_gap_at": None})
        bars = [(day, int(taken.get((row["feed_id"], day)) or 0)) for day in days]
        row |= {"gaps": gap["gaps"], "last_gap_at": gap["last_gap_at"], "per_day": bars}
        rows.append(row | {"state": _state(row), "bars": bars_of([count for _, count in bars], tall=TALL)})
    return sorted(rows, key=lambda row: (STATES[row["state"]], -row["failures"], row["feed_id"] or ""))


def _state(row: dict[str, Any]) -> str:
    if row["failures"]:
        return "failing"
    return "silent" if row["silent"] else "gaps" if row["gaps"] else "well"
