"""Days: the calendar, one day, and how to fill days that are thin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from ingest.records import READ
from wirecopy.pages.asking import FIRST, LAST, Day, NoStoreYet, PathDay, day_or_last, reading, today
from wirecopy.pages.frame import csv_file, most, page, wants_csv
from wirecopy.pages.usual import WEEKS, DayCount, day_count, stretches
from wirecopy.store.query.gaps import WHY, gaps_query
from wirecopy.store.query.reader import Reader

router = APIRouter()

SHOWN_WEEKS: Final = 6
MOST_WEEKS: Final = 27
MOST_DAYS: Final = 92  # that may be filled at once: a quarter
WEEKS_BEFORE, WEEKS_AFTER = 6, 2  # around a day: from these the usual of its feeds is told
TOP: Final = 12  # rows of the short lists of a day
COUNTS: Final = "SELECT date, count(*) AS articles FROM articles GROUP BY date"
GAPS: Final = """
SELECT feed_id, source, articles, from_history, usual, missing, why FROM ({query})
WHERE why IS NOT NULL ORDER BY missing DESC, feed_id, source LIMIT 2000
"""
# An open alarm has a row at least every week.
ALARMS: Final = """
SELECT kind, subject, since, says, next_step FROM alerts
QUALIFY row_number() OVER (PARTITION BY kind, subject ORDER BY alerts."at" DESC) = 1 AND event <> 'cleared'
ORDER BY since DESC, kind, subject LIMIT 50
"""
ALARM_DAYS: Final = timedelta(days=30)
OUTCOMES: Final = "SELECT code, count(*) AS entries FROM outcomes GROUP BY code ORDER BY entries DESC, code"
SEARCHES: Final = """
SELECT source, count(DISTINCT feed_id) AS feeds, sum(entries)::BIGINT AS entries, sum(taken)::BIGINT AS taken,
       count(DISTINCT feed_id) FILTER (NOT complete) AS unfinished
FROM searches GROUP BY source ORDER BY taken DESC, source
"""
LARGEST: Final = """
SELECT c.cluster_id, max(c.cluster_size) AS articles, count(DISTINCT a.publisher) AS publishers,
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
GAP_COLUMNS: Final = ("feed_id", "source", "articles", "from_history", "usual", "missing", "why")

Weeks = Annotated[int, Query(ge=1, le=MOST_WEEKS)]


@router.get("/")
@router.get("/days.csv")
def calendar(request: Request, until: Day = None, weeks: Weeks = SHOWN_WEEKS) -> Response:
    """Articles per day against the usual of its weekday."""
    now = today(request)
    try:
        with reading(request) as reader:
            newest = reader.last()
            last = until or max(now, newest or now)
            days = _counted(reader, last, weeks, now)
            alarms = reader.open("alerts", now - ALARM_DAYS, now).rows(ALARMS)
    except NoStoreYet:  # a past month can be filled before anything else has run
        newest, last, alarms = None, until or now, []
        days = _shown({}, last, weeks, now)
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
        alarms=alarms,
    )


@router.get("/fill")
def fill(request: Request, day: Annotated[list[date] | None, Query(max_length=MOST_DAYS)] = None) -> Response:
    """The days that were chosen, the command that fills them, and inside of Airflow the buttons that do it."""
    now = today(request)
    chosen = sorted({one for one in day or [] if FIRST <= one < min(now, LAST)})
    try:
        with reading(request) as reader:
            counts = _counts(reader, min(chosen), max(chosen)) if chosen else {}
    except NoStoreYet:
        counts = {}
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
        told = _told(reader, day, most(request, TOP))
        newest = day_or_last(reader, None)
    lists = {one: told[one] for one in ("largest", "publishers", "outcomes", "searches")}
    return page(request, "day.html", lists=lists, count=count, today=now, newest=newest, **told)


@router.get("/days/{day}/gaps.csv")
def gaps_csv(request: Request, day: PathDay) -> Response:
    """Feeds and sources from which the day lacks articles."""
    with reading(request) as reader:
        return csv_file(f"gaps-{day}", GAP_COLUMNS, _gaps(reader, day))


def _told(reader: Reader, day: date, lines: int) -> dict[str, Any]:
    gaps = _gaps(reader, day)
    for table in ("articles", "clusters", "outcomes", "polls", "searches"):
        reader.open(table, day, day)
    return {
        "gaps": gaps[:lines],
        "gap_count": len(gaps),
        "why": WHY,
        "publishers": reader.rows(PUBLISHERS, lines),
        "outcomes": reader.rows(OUTCOMES),
        "polls": reader.rows(POLLS)[0],
        "searches": reader.rows(SEARCHES),
        "largest": reader.rows(LARGEST, lines),
        "clustered": day in reader.dates("clusters"),
    }


def _gaps(reader: Reader, day: date) -> list[dict[str, Any]]:
    """By the rules of the view gaps, from the same weekdays alone: feeds and sources below their usual, and why."""
    same = {day + timedelta(weeks=weeks) for weeks in range(-WEEKS_BEFORE, WEEKS_AFTER + 1)}
    reader.open_dates("articles", same)
    reader.open_dates("polls", same | {day - timedelta(days=1), day + timedelta(days=1)})
    reader.open("searches", day, day)
    return reader.rows(GAPS.format(query=gaps_query(by_source=True, first=f"DATE '{day}'", last=f"DATE '{day}'")))


def _counted(reader: Reader, last: date, weeks: int, now: date) -> Sequence[DayCount]:
    first, end = _weeks(last, weeks)
    return _shown(_counts(reader, first, end), last, weeks, now)


def _shown(counts: dict[date, int], last: date, weeks: int, now: date) -> Sequence[DayCount]:
    first, _ = _weeks(last, weeks)
    return [day_count(counts, first + timedelta(days=number), today=now) for number in range(7 * weeks)]


def _weeks(last: date, weeks: int) -> tuple[date, date]:
    """The Monday and the Sunday of whole weeks up to that of *last*."""
    end = last + timedelta(days=6 - last.weekday())
    return end - timedelta(days=7 * weeks - 1), end


def _counts(reader: Reader, first: date, last: date) -> dict[date, int]:
    """Articles by date, so far around that the usual can be told; the earliest date of all is there too."""
    reach = timedelta(weeks=WEEKS)
    reader.open("articles", first - reach, last + reach)
    counts = {row["date"]: row["articles"] for row in reader.rows(COUNTS)}
    return dict.fromkeys(reader.dates("articles")[:1], 0) | counts
