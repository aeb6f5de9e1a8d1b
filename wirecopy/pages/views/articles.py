"""One article: its text, how it changed, and the way by which it came."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from wirecopy.pages.asking import Day, Ident, missing, reading
from wirecopy.pages.changes import Change, changes
from wirecopy.pages.frame import page
from wirecopy.pages.marking import paragraphs
from wirecopy.store.query.reader import Reader

router = APIRouter()

NEWEST: Final = 366  # dates in which an id is looked for if no day is named
LONGEST: Final = timedelta(days=60)  # after the first capture: the outcomes that are looked at
ARTICLE: Final = "SELECT * FROM articles WHERE article_id = $1 ORDER BY date LIMIT 1"
CLUSTER: Final = "SELECT cluster_id, role, origin_id, relation, cluster_size FROM clusters WHERE article_id = $1"
REVISIONS: Final = """
SELECT revision, title, text, fetched_at, last_fetched_at, content_hash, word_count, via, fetch_id
FROM revisions WHERE article_id = $1 ORDER BY fetched_at, revision
"""
WAYS: Final = """
SELECT tried_at, feed_id, guid, link, title, code, detail, http_status, fetch_id, run_id, mode
FROM outcomes WHERE article_id = $1 ORDER BY tried_at LIMIT 200
"""
FIELDS: Final = (
    ("Publisher", "publisher"), ("Authors", "authors"), ("Credits", "agency"), ("Dateline", "dateline"),
    ("Language", "language"), ("Words", "word_count"), ("Tags", "tags"), ("Licence", "license"),
    ("Published (UTC)", "published_at"), ("Date read from", "published_source"), ("Date as written", "published_raw"),
    ("Changed (by the page)", "modified_at"), ("First seen", "first_seen_at"), ("This text first seen", "fetched_at"),
    ("This text last seen", "last_fetched_at"), ("Feed", "feed_id"), ("Came via", "via"), ("Capture", "fetch_id"),
    ("Run", "run_id"), ("Extractor", "extractor_version"), ("Article id", "article_id"),
)  # fmt: skip


@router.get("/articles/{name}")
def article(request: Request, name: Ident, day: Day = None) -> Response:
    """The article of an id."""
    with reading(request) as reader:
        found = _find(reader, name, day)
        told = _told(reader, found)
    return page(
        request, "article.html", lists={"ways": told["ways"]}, article=found, fields=list(_fields(found)), **told
    )


def _find(reader: Reader, name: str, day: date | None) -> dict[str, Any]:
    dates = reader.dates("articles")
    for chosen in ([day] if day else [], dates[-NEWEST:]):
        for row in reader.open_dates("articles", chosen).rows(ARTICLE, name):
            return row
    raise missing("No article has this id. It may have been removed, or its day is older than a year: add ?day= then.")


def _told(reader: Reader, found: dict[str, Any]) -> dict[str, Any]:
    day, name = found["date"], found["article_id"]
    first = min([day] + [one.date() for one in (found["first_seen_at"], found["published_at"]) if one])
    reader.open("clusters", day, day).open("revisions", day, day)
    reader.open("outcomes", first - timedelta(days=1), max(day, first) + LONGEST)
    revisions = reader.rows(REVISIONS, name)
    clusters = reader.rows(CLUSTER, name)
    return {
        "paragraphs": paragraphs(found["text"] or "", (), "left"),
        "changes": _changes(revisions, found),
        "cluster": clusters[0] if clusters else None,
        "ways": reader.rows(WAYS, name),
    }


def _changes(revisions: list[dict[str, Any]], found: dict[str, Any]) -> list[Change]:
    """From each text to the next one, the last change first."""
    texts = [row for row in revisions if row["content_hash"] != found["content_hash"]] + [found]
    return [changes(before, after) for before, after in pairwise(texts)][::-1]


def _fields(found: dict[str, Any]) -> Any:
    for label, name in FIELDS:
        value = found[name]
        if name == "published_at" and found["published_precision"] == "day" and value:
            value = value.date()
        shown = ", ".join(value) if isinstance(value, list) else value
        if shown not in (None, ""):
            yield label, name, shown
