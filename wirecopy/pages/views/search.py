"""Search: articles by words and phrases of their headlines or texts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from wirecopy.pages.asking import Day, Days, Name, day_or_last, reading, window
from wirecopy.pages.frame import csv_file, page, wants_csv
from wirecopy.store.query.reader import SECONDS, Reader
from wirecopy.store.query.terms import Term, terms_of
from wirecopy.store.query.wordindex import Where, find_words

router = APIRouter()

SCANNED: Final = 20_000  # most articles of dates without an index whose texts are read: 100 to 300 ms of CPU
LISTED: Final = 100
IN_A_FILE: Final = 10_000
QUOTING_DAYS: Final = 5  # most days of which texts are read again, to show where the words stand
AROUND: Final = 90  # characters of a text shown before and after the first hit
COLUMNS: Final = ("article_id", "date", "published_at", "publisher", "title", "language", "agency", "url", "cluster_id")
SCAN: Final = "SELECT article_id, date, published_at FROM articles a WHERE {conditions}"
NEWEST: Final = (
    "SELECT article_id, date FROM hits ORDER BY date DESC, published_at DESC NULLS LAST, article_id DESC LIMIT $1"
)
TOTALS: Final = "SELECT date, count(*) AS total FROM {table} GROUP BY date ORDER BY date DESC"
SHOWN: Final = """
SELECT a.article_id, a.date, a.published_at, a.publisher, a.title, a.language, a.agency, a.url, c.cluster_id,
       c.cluster_size
FROM (SELECT * FROM articles WHERE article_id IN (SELECT unnest($1::VARCHAR[]))) a
     LEFT JOIN clusters c ON c.article_id = a.article_id AND c.date = a.date
"""
TEXTS: Final = "SELECT article_id, text FROM articles WHERE article_id IN (SELECT unnest($1::VARCHAR[]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What a search has found."""

    total: int
    shown: dict[str, date]  # the newest articles, the newest first, with their dates
    left_out: list[date]  # dates that were not searched: their words are not indexed, and they are too many to be read


@router.get("/search")
@router.get("/search.csv")
def search(request: Request, q: Name = "", day: Day = None, days: Days = 30, where: Where = "texts") -> Response:
    """Articles that have every term: words, phrases between quotation marks, and beginnings with a *."""
    terms = terms_of(q)
    rows: list[dict[str, Any]] = []
    hits = Hits(total=0, shown={}, left_out=[])
    with reading(request) as reader:
        last = day_or_last(reader, day)
        if last and terms:
            first, _ = window(last, days)
            hits = _hits(reader, first, last, terms, where, IN_A_FILE if wants_csv(request) else LISTED)
            rows = _rows(reader, hits)
        if wants_csv(request):
            return csv_file("search", COLUMNS, rows)
        texts = _texts(reader, hits)
    for row in rows:
        row["excerpt"] = _excerpt(texts.get(row["article_id"]) or "", terms)
    context: dict[str, Any] = {"rows": rows, "hits": hits, "q": q, "terms": terms, "days": days, "where": where}
    return page(request, "search.html", last=last, **context)


def _hits(reader: Reader, first: date, last: date, terms: Sequence[Term], where: Where, most: int) -> Hits:
    """By the index where there is one, else by reading headlines, or the texts of the newest few dates without."""
    days = sorted((one for one in reader.dates("articles") if first <= one <= last), reverse=True)
    until = time.monotonic() + SECONDS
    indexed = {found.day: found for found in find_words(reader.layout, days, terms, where, most=most, until=until)}
    others = [one for one in days if one not in indexed]
    read = others if where == "headlines" else _readable(reader, others)
    totals = Counter({day: found.total for day, found in indexed.items()})
    shown = [(day, article_id) for day, found in indexed.items() for article_id in found.ids]
    if read:
        reader.open_dates("articles", read).keep("hits", *_scan(terms, where))
        shown += [(row["date"], row["article_id"]) for row in reader.rows(NEWEST, most)]
        totals.update({row["date"]: row["total"] for row in reader.rows(TOTALS.format(table="hits"))})
    shown.sort(key=lambda pair: pair[0], reverse=True)  # of each date they are in order
    return Hits(
        total=totals.total(),
        shown={article_id: day for day, article_id in shown[:most]},
        left_out=[one for one in others if one not in read],
    )


def _readable(reader: Reader, days: list[date]) -> list[date]:
    """The newest of *days* whose texts may be read in one go: one at least."""
    if len(days) < 2:
        return days
    reader.open_dates("articles", days)
    counts = {row["date"]: row["total"] for row in reader.rows(TOTALS.format(table="articles"))}
    sums = zip(days, accumulate(counts.get(day, 0) for day in days), strict=True)
    return [day for number, (day, articles) in enumerate(sums) if not number or articles <= SCANNED]


def _scan(terms: Sequence[Term], where: Where) -> tuple[str, ...]:
    """SQL that reads what the index has not, and its values: only the number of terms is in the SQL."""
    fields = ("title",) if where == "headlines" else ("title", "text")
    found = "(contains(lower(a.{0}), ${1}) AND regexp_matches(a.{0}, ${2}))"
    conditions = (" OR ".join(found.format(one, 2 * n + 1, 2 * n + 2) for one in fields) for n in range(len(terms)))
    values = [value for term in terms for value in (term.longest, term.pattern)]
    return SCAN.format(conditions=" AND ".join(f"({one})" for one in conditions)), *values


def _rows(reader: Reader, hits: Hits) -> list[dict[str, Any]]:
    """The articles that are shown."""
    for table in ("articles", "clusters"):
        reader.open_dates(table, hits.shown.values())
    found = {row["article_id"]: row for row in reader.rows(SHOWN, list(hits.shown))} if hits.shown else {}
    return [found[article_id] for article_id in hits.shown if article_id in found]


def _texts(reader: Reader, hits: Hits) -> dict[str, str]:
    """The texts of the newest hits: to read those of all dates would cost as much as to scan them."""
    days = sorted(set(hits.shown.values()), reverse=True)[:QUOTING_DAYS]
    ids = [article_id for article_id, day in hits.shown.items() if day in days]
    if not ids:
        return {}
    reader.open_dates("articles", days)
    return {row["article_id"]: row["text"] for row in reader.rows(TEXTS, ids)}


def _excerpt(text: str, terms: Sequence[Term]) -> list[tuple[bool, str]]:
    """The text around the first hit: (whether it is a hit, words). Empty without one."""
    hits = [hit.span() for term in terms if (hit := term.find(text))]
    if not hits:
        return []
    start, end = min(hits)
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return [(False, f"…{before}"), (True, text[start:end]), (False, f"{after}…")]
