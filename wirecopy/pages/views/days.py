"""Days: the calendar, one day, and how to fill days that are thin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from ingest.records import READ
from wirecopy.pages.asking import FIRST, LAST, Day, PathDay, day_or_last, reading, today
from wirecopy.pages.frame import csv_file, page, wants_csv
from wirecopy.pages.usual import WEEKS, DayCount, day_count, stretches
from wirecopy.store.query.reader import Reader

router = APIRouter()

SHOWN_WEEKS: Final = 6
MOST_WEEKS: Final = 27
MOST_DAYS: Final = 92  # that may be filled at once: a quarter
TOP: Final = 12  # rows of the short lists of a day
COUNTS: Final = "SELECT date, count(*) AS articles FROM articles GROUP BY date"
FEWER: Final = """
WITH counts AS (SELECT feed_id, date, count(*) AS articles FROM articles GROUP BY ALL),
usual AS (SELECT feed_id, median(articles) AS usual, count(*) AS days FROM counts WHERE date <> $1 GROUP BY feed_id)
SELECT feed_id, usual, coalesce(articles, 0) AS articles
FROM usual LEFT JOIN (SELECT feed_id, articles FROM counts WHERE date = $1) USING (feed_id)
WHERE days >= 2 AND usual >= 3 AND coalesce(articles, 0) < 0.6 * usual
ORDER BY usual - coalesce(articles, 0) DESC, feed_id
"""
OUTCOMES: Final = "SELECT code, count(*) AS entries FROM outcomes GROUP BY code ORDER BY entries DESC, code"
LARGEST: Final = """
SELECT c.cluster_id, count(*) AS articles, count(DISTINCT a.publisher) AS publishers,
       any_value(a.title) FILTER (a.article_id = c.origin_id) AS title, any_value(a.title) AS any_title
FROM clusters c JOIN articles a USING (article_id) WHERE c.cluster_size > 1
GROUP BY c.cluster_id ORDER BY articles DESC, c.cluster_id LIMIT $1
"""
PUBLISHERS: Final = """
SELECT publisher, count(*) AS articles FROM articles GROUP BY publisher ORDER BY articles DESC, publisher LIMIT $1
"""
POLLS: Final = f"""
SELECT count(*) AS polls, count(DISTINCT feed_id) AS feeds,
       count(DISTINCT feed_id) FILTER (code NOT IN ({", ".join(f"'{code}'" for code in sorted(READ))})) AS failing
FROM polls
"""  # noqa: S608 - our own codes
COLUMNS: Final = ("day", "articles", "usual", "state")
FEWER_COLUMNS: Final = ("feed_id", "articles", "usual")

Weeks = Annotated[int, Query(ge=1, le=MOST_WEEKS)]


@router.get("/")
@router.get("/days.csv")
def calendar(request: Request, until: Day = None, weeks: Weeks = SHOWN_WEEKS) -> Response:
    """Articles per day against the usual of its weekday."""
    now = today(request)
    with reading(request) as reader:
        last = until or max(now, reader.last() or now)
        days = _counted(reader, last, weeks, now)
        newest = reader.last()
    if wants_csv(request):
        rows = [{name: getattr(one, name) for name in COLUMNS} for one in days if one.state != "ahead"]
        return csv_file("days", COLUMNS, rows)
    return page(
        request,
        "days.html",
        rows=[days[start : start + 7] for start in range(0, len(days), 7)],
        wanting=[one for one in days if one.wanting],
        most=max((one.articles for one in days), default=0),
        last=last,
        weeks=weeks,
        today=now,
        newest=newest,
    )


@router.get("/fill")
def fill(request: Request, day: Annotated[list[date] | None, Query(max_length=MOST_DAYS)] = None) -> Response:
    """The days that were chosen, the command that fills them, and inside of Airflow the buttons that do it."""
    now = today(request)
    chosen = sorted({one for one in day or [] if FIRST <= one < min(now, LAST)})
    with reading(request) as reader:
        counts = _counts(reader, min(chosen), max(chosen)) if chosen else {}
    return page(
        request,
        "fill.html",
        days=[day_count(counts, one, today=now) for one in chosen],
        stretches=stretches(chosen),
        stretch_list=[[str(first), str(last)] for first, last in stretches(chosen)],
        left_out=len(set(day or [])) - len(chosen),
    )


@router.get("/days/{day}")
def one_day(request: Request, day: PathDay) -> Response:
    """What a day has, and what it lacks."""
    now = today(request)
    with reading(request) as reader:
        count = day_count(_counts(reader, day, day), day, today=now)
        told = _told(reader, day)
        newest = day_or_last(reader, None)
    return page(request, "day.html", count=count, today=now, newest=newest, **told)


@router.get("/days/{day}/feeds.csv")
def fewer_csv(request: Request, day: PathDay) -> Response:
    """Feeds with fewer articles than usual."""
    with reading(request) as reader:
        return csv_file(f"feeds-{day}", FEWER_COLUMNS, _fewer(reader, day))


def _told(reader: Reader, day: date) -> dict[str, Any]:
    fewer = _fewer(reader, day)
    for table in ("articles", "clusters", "outcomes", "polls"):
        reader.open(table, day, day)
    return {
        "fewer": fewer[:TOP],
        "fewer_feeds": len(fewer),
        "publishers": reader.rows(PUBLISHERS, TOP),
        "outcomes": reader.rows(OUTCOMES),
        "polls": reader.rows(POLLS)[0],
        "largest": reader.rows(LARGEST, TOP),
        "clustered": day in reader.dates("clusters"),
    }


def _fewer(reader: Reader, day: date) -> list[dict[str, Any]]:
    """Feeds that usually have articles on this weekday, and had fewer or none."""
    reader.open_dates("articles", (day + timedelta(weeks=weeks) for weeks in range(-WEEKS // 2, WEEKS // 2 + 1)))
    return reader.rows(FEWER, day)


def _counted(reader: Reader, last: date, weeks: int, now: date) -> Sequence[DayCount]:
    """Whole weeks up to the Sunday of *last*'s week."""
    end = last + timedelta(days=6 - last.weekday())
    first = end - timedelta(days=7 * weeks - 1)
    counts = _counts(reader, first, end)
    return [day_count(counts, first + timedelta(days=number), today=now) for number in range(7 * weeks)]


def _counts(reader: Reader, first: date, last: date) -> dict[date, int]:
    """Articles by date, so far around that the usual can be told; the earliest date of all is there too."""
    reach = timedelta(weeks=WEEKS)
    reader.open("articles", first - reach, last + reach)
    counts = {row["date"]: row["articles"] for row in reader.rows(COUNTS)}
    return dict.fromkeys(reader.dates("articles")[:1], 0) | counts
