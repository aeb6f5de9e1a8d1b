"""Clusters of a day, and one cluster: who printed it when, and what they share."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from dedupe.params import DEFAULTS
from wirecopy.explain import wording
from wirecopy.explain.clusterview import ClusterView, Member
from wirecopy.explain.lookup import remarks, view_of_article
from wirecopy.pages.asking import Day, Ident, Name, Page, day_or_last, missing, reading
from wirecopy.pages.charts import Dot, dots_of
from wirecopy.pages.frame import csv_file, page, wants_csv
from wirecopy.pages.sidebyside import Pair, apart_pairs, cluster_pairs, isolated, stops_of
from wirecopy.store.query.reader import Reader

router = APIRouter()

A_PAGE: Final = 100  # clusters
IN_A_FILE: Final = 10_000
SIDE_BY_SIDE: Final = 8  # pairs on the page of a cluster; the others have links
APART: Final = 4
LONGEST: Final = timedelta(days=60)  # around a day: so far the members of its cluster are looked for
REACH: Final = timedelta(days=DEFAULTS.reach_days)
COLUMNS: Final = (
    "cluster_id", "articles", "publishers", "origin", "title", "agencies", "languages", "relations", "first", "last",
)  # fmt: skip
MEMBER_COLUMNS: Final = (
    "article_id", "published_at", "delay_minutes", "publisher", "role", "relation", "probability", "agency", "language",
    "title", "url",
)  # fmt: skip

LIST: Final = """
WITH day AS (SELECT DISTINCT cluster_id, origin_id FROM clusters WHERE date = $1 AND cluster_size >= $2),
found AS (
    SELECT k.cluster_id, count(*) AS articles, count(DISTINCT a.publisher) AS publishers,
           any_value(a.publisher) FILTER (k.article_id = k.origin_id) AS origin,
           any_value(a.title) FILTER (k.article_id = k.origin_id) AS title, any_value(a.title) AS any_title,
           list_sort(list(DISTINCT a.agency) FILTER (a.agency IS NOT NULL)) AS agencies,
           list_sort(list(DISTINCT a.language) FILTER (a.language IS NOT NULL)) AS languages,
           list_sort(list(DISTINCT k.relation) FILTER (k.relation IS NOT NULL)) AS relations,
           min(a.published_at) AS first, max(a.published_at) AS last,
           bool_or(a.publisher = $3) AS printed
    FROM day JOIN clusters k USING (cluster_id) JOIN articles a ON a.article_id = k.article_id AND a.date = k.date
    GROUP BY k.cluster_id
)
SELECT *, count(*) OVER () AS total FROM found
WHERE ($3 = '' OR printed) AND ($4 = '' OR list_contains(languages, $4)) AND ($5 = '' OR list_contains(agencies, $5))
      AND ($6 = '' OR list_contains(relations, $6))
ORDER BY articles DESC, publishers DESC, cluster_id LIMIT $7 OFFSET $8
"""
CHOICES: Final = """
SELECT list_sort(list(DISTINCT publisher)) AS publishers, list_sort(list(DISTINCT language)) AS languages,
       list_sort(list(DISTINCT agency)) AS agencies
FROM articles WHERE date = $1
"""
MEMBERS: Final = "SELECT article_id, date FROM clusters WHERE cluster_id = $1 ORDER BY date, article_id"

Relation = Literal["", "identical", "near_duplicate", "copy", "derived"]
Size = Annotated[int, Query(ge=2, le=100_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which clusters are asked for; "" is any."""

    publisher: str
    language: str
    agency: str
    relation: str
    min: int


@router.get("/clusters")
@router.get("/clusters.csv")
def day_clusters(
    request: Request,
    day: Day = None,
    publisher: Name = "",
    language: Name = "",
    agency: Name = "",
    relation: Relation = "",
    min: Size = 2,
    start: Page = 1,
) -> Response:
    """The clusters that have an article of the day, largest first."""
    filters = Filters(publisher=publisher, language=language, agency=agency, relation=relation, min=min)
    with reading(request) as reader:
        chosen = day_or_last(reader, day)
        found = _list(reader, chosen, filters, IN_A_FILE if wants_csv(request) else A_PAGE, start) if chosen else []
        choices = reader.open("articles", chosen, chosen).rows(CHOICES, chosen)[0] if chosen else {}
        clustered = chosen in reader.dates("clusters")
    if wants_csv(request):
        return csv_file(f"clusters-{chosen}", COLUMNS, map(_flat, found))
    context: dict[str, Any] = {
        "rows": found,
        "total": found[0]["total"] if found else 0,
        "start": start,
        "a_page": A_PAGE,
    }
    context |= {"day": chosen, "filters": asdict(filters), "choices": choices, "clustered": clustered}
    return page(request, "clusters.html", **context)


def _list(reader: Reader, day: date, filters: Filters, limit: int, start: int) -> list[dict[str, Any]]:
    for table in ("clusters", "articles"):
        reader.open(table, day - REACH, day + REACH)
    wanted = (filters.publisher, filters.language, filters.agency, filters.relation)
    return reader.rows(LIST, day, filters.min, *wanted, limit, (start - 1) * limit)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {name: " ".join(value) if isinstance(value, list) else value for name, value in row.items()}


@router.get("/clusters/{name}")
@router.get("/clusters/{name}.csv")  # the lower one is asked first
def one_cluster(request: Request, name: Ident, day: Day = None, copy: Name = "") -> Response:
    """A cluster, by its id or by that of a member; *copy*: the member whose pair stands first."""
    with reading(request) as reader:
        view = cluster_of(reader, name, day)
        stale = list(remarks(reader.layout, {member.date for member in view.members if member.date}))
    if wants_csv(request):
        return csv_file(f"cluster-{name}", MEMBER_COLUMNS, _members(view))
    pairs = _pairs(view, copy)
    return page(
        request,
        "cluster.html",
        view=view,
        remarks=stale,
        reason=wording.why_origin(view, isolated),
        overview=wording.overview(view),
        stops=list(stops_of(view, {pair.anchor for pair in pairs})),
        dots=_dots(view),
        pairs=pairs,
        shown={pair.anchor.removeprefix("copy-") for pair in pairs},
        apart=list(islice(apart_pairs(view), APART)),
        apart_count=len(view.apart),
        day=view.origin.date,
    )


def cluster_of(reader: Reader, name: str, day: date | None) -> ClusterView:
    """The cluster whose id or member is *name*, near *day*. Raises a 404."""
    near = (day - LONGEST, day + LONGEST) if day else (date.min, date.max)
    reader.open("clusters", *near)
    rows = reader.rows(MEMBERS, name)
    if not rows:
        return _of_member(reader, name, near)
    days = {row["date"] for row in rows}
    reader.open_dates("articles", days | _around(min(days), max(days)))
    reader.open("matches", min(days), max(days) + REACH)
    return view_of_article(reader.rows, rows[0]["article_id"], rows[0]["date"])


def _of_member(reader: Reader, name: str, near: tuple[date, date]) -> ClusterView:
    for row in reader.rows("SELECT cluster_id, date FROM clusters WHERE article_id = $1", name):
        return cluster_of(reader, row["cluster_id"], row["date"])
    for row in reader.open("articles", *near).rows("SELECT date FROM articles WHERE article_id = $1", name):
        reader.open("matches", row["date"], row["date"] + REACH)
        return view_of_article(reader.rows, name, row["date"])
    raise missing("No cluster or article has this id. A later computation of copies may have merged it into another.")


def _around(first: date, last: date) -> set[date]:
    """Dates that the other ends of matches may be of."""
    return {first - REACH + timedelta(days=number) for number in range((last - first + 2 * REACH).days + 1)}


def _pairs(view: ClusterView, copy: str) -> list[Pair]:
    """The pair that was asked for, and the first ones."""
    pairs: list[Pair] = []
    wanted = f"copy-{copy}"
    for pair in cluster_pairs(view):
        if pair.anchor == wanted:
            pairs.insert(0, pair)
        elif len(pairs) < SIDE_BY_SIDE:
            pairs.append(pair)
    return pairs[:SIDE_BY_SIDE]


def _dots(view: ClusterView) -> list[Dot]:
    named = [(one.published_at, wording.publisher(one), one.role == "origin", one.id) for one in view.members]
    return dots_of([(when, name, first, ident) for when, name, first, ident in named if when])


def _members(view: ClusterView) -> list[dict[str, Any]]:
    return [
        {"article_id": one.id, "delay_minutes": _minutes(one, view.origin)}
        | {name: getattr(one, name) for name in MEMBER_COLUMNS if name not in ("article_id", "delay_minutes")}
        for one in view.members
    ]


def _minutes(member: Member, origin: Member) -> float | None:
    if member.published_at is None or origin.published_at is None:
        return None
    return round((member.published_at - origin.published_at).total_seconds() / 60, 1)
