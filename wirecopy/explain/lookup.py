"""Finds one article of the store by id, address or headline, with its cluster and matches."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from dedupe.params import DEFAULTS
from dedupe.records import WITHDRAWN, Match, Passage
from ingest.errors import IngestError
from ingest.text.urls import canonical_url
from wirecopy.errors import StoreError
from wirecopy.explain.clusterview import ClusterView, Member, evidence_of, sorted_apart
from wirecopy.store.copies.derived import out_of_date
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import rows
from wirecopy.store.query.views import LAST_OF_PAIR

ID: Final = re.compile(r"[0-9a-f]{4,32}")
LISTED: Final = 8  # articles named when a short id fits several
FIND: Final = 'Look for it: `wirecopy query "SELECT article_id, date, publisher, title FROM articles"`.'

MEMBERS: Final = """
SELECT a.article_id AS id, a.text, a.title, a.publisher, a.agency, a.language, a.url, a.published_at,
       coalesce(a.published_precision = 'day', false) AS whole_day, a.date, coalesce(c.role, 'alone') AS role,
       c.relation, c.probability
FROM articles a LEFT JOIN clusters c ON c.article_id = a.article_id AND c.date = a.date
WHERE a.date = ANY(?::DATE[]) AND a.article_id = ANY(?::VARCHAR[])
ORDER BY a.date, a.published_at NULLS LAST, a.article_id
"""
TOUCHING: Final = f"""
SELECT * FROM matches
WHERE date BETWEEN $1 AND $2 AND (left_id = ANY($3::VARCHAR[]) OR right_id = ANY($3::VARCHAR[]))
QUALIFY {LAST_OF_PAIR}
ORDER BY left_id, right_id
"""  # noqa: S608 - of our own words
BY_ID: Final = """
SELECT article_id, date, publisher, title FROM articles WHERE starts_with(article_id, $1) ORDER BY article_id LIMIT $2
"""
BY_TITLE: Final = """
SELECT a.article_id, a.date, a.publisher, a.title
FROM articles a LEFT JOIN clusters c USING (article_id)
WHERE list_bool_and(list_transform($1::VARCHAR[], lambda word: contains(lower(a.title), word)))
QUALIFY row_number() OVER (PARTITION BY coalesce(c.cluster_id, a.article_id)
                           ORDER BY a.date, a.published_at NULLS LAST, a.article_id) = 1
ORDER BY a.date DESC, a.article_id LIMIT $2
"""
BY_ADDRESS: Final = """
SELECT article_id, date FROM articles WHERE url = ANY($1::VARCHAR[]) OR canonical_url = ANY($1::VARCHAR[])
UNION SELECT a.article_id, a.date FROM outcomes o JOIN articles a USING (article_id)
WHERE o.link = ANY($1::VARCHAR[]) OR o.url = ANY($1::VARCHAR[])
"""
LAST_TRY: Final = """
SELECT code, detail, tried_at FROM outcomes WHERE link = ANY($1::VARCHAR[]) OR url = ANY($1::VARCHAR[])
ORDER BY tried_at DESC LIMIT 1
"""


Ask = Callable[..., list[dict[str, Any]]]
"""Answers SQL with values in its places, over tables that hold the dates in question."""


def cluster_view_of(layout: Layout, name: str) -> ClusterView:
    """The cluster of the article that *name* identifies: by id or its beginning (4 characters or more), address, or
    words of its headline.

    Raises StoreError, with the next step, if there is none or more than one.
    """
    ask = partial(rows, layout)
    asked, day = _found(ask, name.strip())
    view = view_of_article(ask, asked, day)
    return replace(view, remarks=tuple(remarks(layout, {member.date for member in view.members if member.date})))


def member_of(layout: Layout, name: str) -> Member:
    """The one article that *name* identifies, as for `cluster_view_of`. Raises StoreError."""
    ask = partial(rows, layout)
    asked, day = _found(ask, name.strip())
    return _members(ask, {asked: day})[0]


def view_of_article(ask: Ask, asked: str, day: date) -> ClusterView:
    """The cluster of article *asked* of partition *day*, without remarks. *ask* must see the cluster's dates, and those
    of its matches: seven days around.
    """
    cluster, origin, days = _cluster(ask, asked, day)
    members = _members(ask, days)
    found, ends, decided = _matches(ask, days)
    inside = tuple(one for one in found if {one.left_id, one.right_id} <= days.keys() and one.relation != WITHDRAWN)
    apart = sorted_apart(found, days)
    others = {name: day for name, day in ends.items() if name not in days}
    return ClusterView(
        asked=asked,
        cluster_id=cluster,
        origin_id=origin,
        members=members,
        inside=inside,
        evidence=evidence_of(inside, origin),
        apart=apart,
        others={member.id: member for member in _members(ask, others)},
        decided=decided,
    )


def find_article(layout: Layout, name: str) -> tuple[str, date]:
    """Id and partition of the article that *name* identifies, as in `cluster_view_of`. Raises StoreError."""
    return _found(partial(rows, layout), name.strip())


def _found(ask: Ask, name: str) -> tuple[str, date]:
    if "://" in name:
        return _by_address(ask, name)
    if ID.fullmatch(name.lower()):
        found = ask(BY_ID, name.lower(), LISTED + 1)
        if len(found) == 1:
            return found[0]["article_id"], found[0]["date"]
        if found:
            raise StoreError(f"Several articles have an id that begins with {name!r}; give more of it:\n{_list(found)}")
    return _by_title(ask, name)


def _by_title(ask: Ask, name: str) -> tuple[str, date]:
    """By words of a headline: the first hit, if all hits are in one cluster."""
    words = name.lower().split()
    found = ask(BY_TITLE, words, LISTED + 1) if words else []
    if not found:
        raise StoreError(
            f"No article has an id that begins with {name!r}, and none has these words in its headline. {FIND}"
        )
    if len(found) > 1:
        raise StoreError(f"Several clusters have {name!r} in a headline; give more words, or an id:\n{_list(found)}")
    return found[0]["article_id"], found[0]["date"]


def stored_at(layout: Layout, address: str) -> Member | None:
    """The stored article of that address; None if there is none, or more than one. Raises StoreError."""
    ask = partial(rows, layout)
    found = ask(BY_ADDRESS, _spellings(address))
    if len(found) != 1:
        return None
    return _members(ask, {found[0]["article_id"]: found[0]["date"]})[0]


def _spellings(address: str) -> list[str]:
    """As it is given, and as `canonical_url` has it."""
    spellings = [address]
    with suppress(IngestError, ValueError):
        spellings.append(canonical_url(address))
    return spellings


def _list(found: list[dict[str, Any]]) -> str:
    lines = [f"  {row['article_id']}  {row['publisher']}: {row['title']}" for row in found[:LISTED]]
    return "\n".join(lines + ["  …"] * (len(found) > LISTED))


def _by_address(ask: Ask, address: str) -> tuple[str, date]:
    """By the page's address or canonical URL, else by the link of a feed entry that led to it."""
    spellings = [address]
    with suppress(IngestError, ValueError):
        spellings.append(canonical_url(address))
    found = ask(BY_ADDRESS, spellings)
    if len(found) == 1:
        return found[0]["article_id"], found[0]["date"]
    if found:
        raise StoreError(
            f"{address} led to {len(found)} articles in the course of time; give one of their ids: "
            + ", ".join(row["article_id"] for row in found[:LISTED])
        )
    for row in ask(LAST_TRY, spellings):
        raise StoreError(
            f"{address} was tried at {row['tried_at']:%Y-%m-%d %H:%M} UTC and gave no article: {row['code']}"
            f" ({row['detail'] or 'no detail'}). docs/outcomes.md says what the code means."
        )
    raise StoreError(f"No article or feed entry has the address {address}. {FIND}")


def _cluster(ask: Ask, asked: str, day: date) -> tuple[str, str, dict[str, date]]:
    """(cluster_id, origin_id, partition of each member). An article not clustered yet is a cluster of its own."""
    found = ask(
        "SELECT m.article_id, m.date, m.cluster_id, m.origin_id FROM clusters c JOIN clusters m USING (cluster_id) "
        "WHERE c.article_id = ? AND c.date = ?",
        asked,
        day,
    )
    if not found:
        return asked, asked, {asked: day}
    return found[0]["cluster_id"], found[0]["origin_id"], {row["article_id"]: row["date"] for row in found}


def _members(ask: Ask, days: dict[str, date]) -> tuple[Member, ...]:
    if not days:
        return ()
    return tuple(Member(**row) for row in ask(MEMBERS, sorted(set(days.values())), sorted(days)))


def _matches(ask: Ask, days: dict[str, date]) -> tuple[list[Match], dict[str, date], dict[tuple[str, str], date]]:
    """The latest row of every pair with a member, the partitions of all ends, and those of the rows."""
    first, last = min(days.values()), max(days.values()) + timedelta(days=DEFAULTS.reach_days)
    found = ask(TOUCHING, first, last, sorted(days))
    ends = {row[f"{side}_id"]: row[f"{side}_date"] for row in found for side in ("left", "right")}
    decided = {(row["left_id"], row["right_id"]): row["date"] for row in found}
    return [_match(row) for row in found], ends, decided


def _match(row: dict[str, Any]) -> Match:
    plain = {name: row[name] for name in Match.__dataclass_fields__ if name != "passages"}
    return Match(**plain, passages=tuple(_passage(*one) for one in json.loads(row["passages"])))


def _passage(left_start: int, left_end: int, right_start: int, right_end: int, words: int, quotation: bool) -> Passage:
    """A passage from its place in the column, as `rows.match_row` wrote it."""
    return Passage(
        left_start=left_start,
        left_end=left_end,
        right_start=right_start,
        right_end=right_end,
        words=words,
        quotation=quotation,
    )


def remarks(layout: Layout, days: Iterable[date]) -> Iterable[str]:
    """Notes for readers: copies near *days* that are not up to date."""
    touched = {day + timedelta(days=ahead) for day in days for ahead in range(DEFAULTS.reach_days + 1)}
    stale = [day for day in out_of_date(layout, DEFAULTS.hash, days=DEFAULTS.window_days) if day in touched]
    if stale:
        yield (
            f"Articles changed on or near {', '.join(map(str, stale))} since copies were computed: "
            "`wirecopy rededup` brings this up to date."
        )
