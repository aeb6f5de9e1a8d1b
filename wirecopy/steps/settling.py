"""settle a date: check the matches that were found for it, regroup what they touch, and write clusters and matches.

The step that holds the lock of dedupe does it, date by date in ascending order: clusters join articles over many dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from dedupe.grouping.clusters import group
from dedupe.params import Params
from dedupe.records import ArticleNode, Node
from wirecopy.errors import StoreConflict
from wirecopy.log import get_log
from wirecopy.store.copies import derived
from wirecopy.store.copies.derived import LINK_COLUMNS, Links, component_of, window_inputs
from wirecopy.store.copies.found import FoundMatches
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition, read_rebuildable, values, with_ids

log = get_log(__name__)

NODE_COLUMNS = ("publisher", "agency", "published_at", "word_count")  # of dedupe.records.ArticleNode


def settle_date(layout: Layout, found: FoundMatches, params: Params) -> dict[str, int] | None:
    """Write clusters and matches of a date; counts, or None if *found* follows from other articles than the store holds
    now, or clusters were replaced meanwhile (then the date stays out of date, and is computed again).
    """

    def fits() -> bool:
        return window_inputs(layout, found.day, params) == found.inputs

    day, before = found.day, layout.versions("clusters")
    if not fits():
        return None
    regrouped = _regroup(layout, found, params)
    if not fits():
        return None
    own = regrouped.pop(day, [])
    try:
        if regrouped:
            derived.announce_matches(layout, day, found.rows)
        for other, rows in sorted(regrouped.items()):
            derived.update_clusters(layout, other, rows, over=before.get(other))
        derived.write_clusters(layout, day, own, matches=found.rows, over=before.get(day))
    except StoreConflict as error:  # another dedupe is at work, though we have taken the lock: it was cut
        log.info("%s", error)
        return None
    if not fits():
        return None  # clusters(D) no longer fit matches(D)
    derived.write_matches(layout, day, found.rows, inputs=found.inputs)
    return {
        "matches": found.rows.num_rows - found.withdrawn,
        "withdrawn": found.withdrawn,
        "copies": sum(row["role"] == "copy" for row in own),
        "clusters": len({row["cluster_id"] for row in own}),
    }


def _regroup(layout: Layout, found: FoundMatches, params: Params) -> dict[date, list[dict[str, Any]]]:
    """Cluster rows, by date, of each component that a match of the date, old or new, or an article of it belongs to."""
    day = found.day
    seeds = dict.fromkeys(values(read_partition(layout, "articles", day, ["article_id"]), "article_id"), day)
    for table in (read_rebuildable(layout, "matches", day, LINK_COLUMNS), found.rows.select(LINK_COLUMNS)):
        for side in ("left", "right"):
            seeds.update(zip(values(table, f"{side}_id"), values(table, f"{side}_date"), strict=True))
    members, links = component_of(Links(layout, days=params.reach_days, replaced={day: found.rows}), seeds)
    rows = group(_nodes(layout, members), links, params)
    placed: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        placed.setdefault(members[row.article_id], []).append(asdict(row))
    return placed


def _nodes(layout: Layout, members: Mapping[str, date]) -> list[Node]:
    """The members as grouping sees them, without those that a stale match names and the store no longer holds."""
    by_day: dict[date, set[str]] = {}
    for article_id, day in members.items():
        by_day.setdefault(day, set()).add(article_id)
    nodes: list[Node] = []
    for day, ids in sorted(by_day.items()):
        table = read_partition(layout, "articles", day, ["article_id", *NODE_COLUMNS])
        nodes += [
            ArticleNode(id=row["article_id"], date=day, **{name: row[name] for name in NODE_COLUMNS})
            for row in with_ids(table, ids).to_pylist()
        ]
    return nodes
