"""Search: articles by words and phrases of their headlines or texts."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response

from wirecopy.pages.asking import Day, Days, Name, day_or_last, reading, window
from wirecopy.pages.frame import csv_file, page, wants_csv

router = APIRouter()

TEXT_DAYS: Final = 7  # most days whose texts are read: 10,000 articles a day take 45 ms of CPU each
TERMS: Final = 8
SHORTEST: Final = 2  # characters of a term; of Chinese that is a word
LISTED: Final = 100
IN_A_FILE: Final = 10_000
AROUND: Final = 90  # characters of a text shown before and after the first hit
TERM: Final = re.compile(r'"([^"]+)"|(\S+)')
COLUMNS: Final = ("article_id", "date", "published_at", "publisher", "title", "language", "agency", "url", "cluster_id")
# First only which articles: texts and headlines are read again for those that are shown, and not carried along.
HITS: Final = "SELECT article_id, date, published_at FROM articles a WHERE {conditions}"
FIND: Final = """
WITH shown AS (
    SELECT *, count(*) OVER () AS total FROM hits ORDER BY published_at DESC NULLS LAST, article_id LIMIT $1
)
SELECT a.article_id, a.date, a.published_at, a.publisher, a.title, a.language, a.agency, a.url, a.text, c.cluster_id,
       c.cluster_size, shown.total
FROM shown JOIN articles a ON a.article_id = shown.article_id AND a.date = shown.date
     LEFT JOIN clusters c ON c.article_id = a.article_id AND c.date = a.date
ORDER BY a.published_at DESC NULLS LAST, a.article_id
"""
Where = Literal["texts", "headlines"]


@router.get("/search")
@router.get("/search.csv")
def search(request: Request, q: Name = "", day: Day = None, days: Days = 3, where: Where = "texts") -> Response:
    """Articles that have every term: words, and phrases between quotation marks."""
    terms = terms_of(q)
    reached = min(days, TEXT_DAYS) if where == "texts" else days
    with reading(request) as reader:
        last = day_or_last(reader, day)
        rows: list[dict[str, Any]] = []
        if last and terms:
            for table in ("articles", "clusters"):
                reader.open(table, *window(last, reached))
            reader.keep("hits", _hits(len(terms), where), *terms)
            rows = reader.rows(FIND, IN_A_FILE if wants_csv(request) else LISTED)
    if wants_csv(request):
        return csv_file("search", COLUMNS, rows)
    for row in rows:
        row["excerpt"] = _excerpt(row["text"] or "", terms)
    context: dict[str, Any] = {"rows": rows, "total": rows[0]["total"] if rows else 0, "text_days": TEXT_DAYS}
    context |= {"q": q, "terms": terms, "days": days, "reached": reached, "where": where}
    return page(request, "search.html", last=last, **context)


def terms_of(text: str) -> list[str]:
    """The words and phrases of *text*, in lower case; what is too short to look for is left out."""
    found = (" ".join((phrase or word).lower().split()) for phrase, word in TERM.findall(text))
    return list(dict.fromkeys(term for term in found if len(term) >= SHORTEST))[:TERMS]


def _hits(count: int, where: Where) -> str:
    """Every term in the headline, or in the headline or the text. Terms are values: only their number is in the SQL."""
    headline = "contains(lower(a.title), ${})"
    either = "(contains(lower(a.title), ${0}) OR contains(lower(a.text), ${0}))"
    form = either if where == "texts" else headline
    return HITS.format(conditions=" AND ".join(form.format(number) for number in range(1, count + 1)))


def _excerpt(text: str, terms: list[str]) -> list[tuple[bool, str]]:
    """The text around the first hit: (whether it is a hit, words). Empty without one."""
    low = text.lower()
    hits = [(low.find(term), term) for term in terms if len(low) == len(text) and term in low]
    if not hits:
        return []
    at, term = min(hits)
    before, after = text[max(0, at - AROUND) : at], text[at + len(term) : at + len(term) + AROUND]
    return [(False, f"…{before}"), (True, text[at : at + len(term)]), (False, f"{after}…")]
