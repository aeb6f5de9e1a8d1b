"""One run: what it took, and the days that have it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from wirecopy.pages.asking import FIRST, LAST, Name, missing, reading, today
from wirecopy.pages.frame import most, page
from wirecopy.store.query.reader import Reader

router = APIRouter()

LONGEST: Final = 300  # characters of a run's id
LINES: Final = 50  # days, and feeds that could not be read
RECENT: Final = timedelta(days=3)  # around the date in the run's id, else before today
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
POLLS: Final = """
SELECT count(*) AS polls, count(DISTINCT feed_id) AS feeds, sum(entries)::BIGINT AS entries,
       sum(taken)::BIGINT AS taken, min(interval_start) AS first, max(interval_end) AS last, any_value(mode) AS mode
FROM polls WHERE run_id = $1
"""
OUTCOMES: Final = """
SELECT code, count(*) AS entries FROM outcomes WHERE run_id = $1 GROUP BY code ORDER BY entries DESC, code
"""
DAYS: Final = """
SELECT published_at::DATE AS day, count(*) AS entries FROM outcomes
WHERE run_id = $1 AND code IN ('stored', 'revised') AND published_at IS NOT NULL GROUP BY day ORDER BY day DESC LIMIT $2
"""
UNREAD: Final = """
SELECT feed_id, code, any_value(detail) AS detail FROM polls
WHERE run_id = $1 AND code NOT IN ('ok', 'not_modified', 'unchanged', 'deferred')
GROUP BY feed_id, code ORDER BY feed_id LIMIT $2
"""


@router.get("/runs/{name:path}")
def run(request: Request, name: str, dag: Name = "") -> Response:
    """The run of an id, as Airflow or the command names it."""
    if len(name) > LONGEST:
        raise missing("No run has so long an id.")
    with reading(request) as reader:
        _open(reader, name, today(request))
        told = _told(reader, name, most(request, LINES))
        polls = reader.rows(POLLS, name)[0]
    return page(request, "run.html", lists=told, name=name, dag=dag, polls=polls, **told)


def _open(reader: Reader, name: str, now: date) -> None:
    around = _date_in(name) or now
    for table in ("polls", "outcomes"):
        reader.open(table, around - RECENT, around + RECENT)


def _date_in(name: str) -> date | None:
    found = DATE.search(name)
    try:
        day = date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
    return day if day and FIRST <= day <= LAST else None


def _told(reader: Reader, name: str, lines: int) -> dict[str, Any]:
    return {
        "outcomes": reader.rows(OUTCOMES, name),
        "days": reader.rows(DAYS, name, lines),
        "unread": reader.rows(UNREAD, name, lines),
    }
