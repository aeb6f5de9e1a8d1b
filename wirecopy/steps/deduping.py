"""dedupe: compute the earliest out-of-date date until there is none. The store shows which dates are out of date."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from dedupe.corpus.context import Library
from dedupe.grouping.clusters import group
from dedupe.matching.matching import match_library
from dedupe.params import Params
from dedupe.records import WITHDRAWN, ArticleNode, Node
from wirecopy.log import get_log
from wirecopy.records import CopiesEvent, Deduped
from wirecopy.settings import Settings, load_settings
from wirecopy.steps.migrating import migrate_derived
from wirecopy.store.copies import derived, sketching
from wirecopy.store.copies.derived import (
    DEDUPE_LOCK,
    LINK_COLUMNS,
    Links,
    changed_at,
    component_of,
    dates_to_compute,
    out_of_date,
    window_of,
)
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.files.partition import read_partition, read_rebuildable, values, with_ids
from wirecopy.store.files.rows import match_row
from wirecopy.store.query.read import write_views
from wirecopy.store.staging.wanted import Wanted

log = get_log(__name__)

Progress = Callable[[str, int, int], None]
NODE_COLUMNS = ("publisher", "agency", "published_at", "word_count")  # of dedupe.records.ArticleNode


def dedupe(
    *,
    woken_by: str | None = None,
    first: str | None = None,
    last: str | None = None,
    again: bool = False,
    progress: Progress | None = None,
) -> Deduped:
    """Bring matches and clusters up to date; returns counts.

    Without arguments, all out-of-date dates are computed. *woken_by* (a date, ISO) stands for an asset event: today and
    yesterday are computed at once, another date only when its eight days have been quiet. *first* … *last* limit the
    dates; *again* computes these even if they are current. One dedupe runs at a time: if another runs, it gets a note
    to look once more, and this one ends.
    """
    settings = load_settings()

    layout = layout_of(settings).make()
    lock, wanted = layout.locks / DEDUPE_LOCK, Wanted(layout)
    work = _Work(settings, layout, progress)
    with layout.files.locked_now(lock) as mine:
        if mine:
            work.until_current(_Chosen(settings, layout, woken_by is not None, first, last, again))
    if not mine:
        wanted.ask(debounced=woken_by is not None)
    while wanted.asked():  # our note, if the other has ended meanwhile, or notes of others while we were at work
        with layout.files.locked_now(lock) as mine:
            if not mine:
                holder = layout.files.lock_holder(lock)
                log.info("another dedupe runs (process %s): it will look once more before it ends", holder)
                break
            while (debounced := wanted.take()) is not None:
                work.until_current(_Chosen(settings, layout, debounced))
    write_views(layout)  # the first dedupe gives tables their first files
    left = [day.isoformat() for day in _Chosen(settings, layout, False).waiting()]
    counts = work.counts
    log.info(
        "deduped dates=%s matches=%d withdrawn=%d copies=%d clusters=%d waiting=%s",
        ",".join(work.done) or "none",
        counts["matches"],
        counts["withdrawn"],
        counts["copies"],
        counts["clusters"],
        ",".join(left) or "none",
    )
    return {
        "busy": not mine,
        "dates": work.done,
        "left": left,
        "matches": counts["matches"],
        "withdrawn": counts["withdrawn"],
        "copies": counts["copies"],
        "clusters": counts["clusters"],
    }


def copies_event(done: Deduped, *, run_id: str) -> CopiesEvent:
    """The extra of an asset event about computed copies: small enough for the metadata database."""
    return {
        "run_id": run_id,
        "dates": done["dates"],
        "left": done["left"],
        "counts": {name: done[name] for name in ("matches", "withdrawn", "copies", "clusters")},
    }


class _Chosen:
    """Which out-of-date dates this call computes."""

    def __init__(
        self,
        settings: Settings,
        layout: Layout,
        debounced: bool,
        first: str | None = None,
        last: str | None = None,
        again: bool = False,
    ) -> None:

        self.settings, self.layout, self.params, self.debounced = settings, layout, Params(), debounced
        self.first = date.fromisoformat(first) if first else date.min
        self.last = date.fromisoformat(last) if last else date.max
        days = dates_to_compute(layout) if again else ()
        self.forced = {day for day in days if self.first <= day <= self.last}

    def waiting(self) -> list[date]:
        """All dates that are out of date now."""
        return out_of_date(self.layout, self.params.hash, days=self.params.window_days)

    def next(self) -> date | None:
        """The earliest date to compute, or None."""
        stale = sorted({*self.waiting(), *self.forced})
        chosen = next((day for day in stale if self.first <= day <= self.last and self._may(day)), None)
        if chosen:
            self.forced.discard(chosen)
        return chosen

    def _may(self, day: date) -> bool:
        today = self.settings.clock().date()
        if not self.debounced or day in self.forced or day >= today - timedelta(days=1):
            return True
        window = window_of(day, self.params.window_days)
        return time.time() - changed_at(self.layout, window) >= self.settings.quiet_for.total_seconds()


class _Work:
    """Computes dates, and counts."""

    def __init__(self, settings: Settings, layout: Layout, progress: Progress | None) -> None:
        self.settings, self.layout, self.progress = settings, layout, progress
        self.counts: Counter[str] = Counter(matches=0, withdrawn=0, clusters=0, copies=0)
        self.done: list[str] = []

    def until_current(self, chosen: _Chosen) -> None:
        """The earliest date to compute, until there is none."""
        migrate_derived(self.layout, self.progress)
        while day := chosen.next():
            found = compute_date(self.layout, day, chosen.params, self.progress)
            if found is None:
                log.info("articles of the days before %s changed while it was computed: once more", day)
                continue
            self.counts.update(found)
            self.done.append(day.isoformat())
            log.info("deduped date=%s %s", day, " ".join(f"{name}={count}" for name, count in found.items()))


def compute_date(layout: Layout, day: date, params: Params, progress: Progress | None = None) -> dict[str, int] | None:
    """Sketches, matches and clusters of one date; None if its inputs changed meanwhile (no match is written then)."""
    window = _Window(layout, day, params)
    try:
        with sketching.open_token_store(layout, window.sketched, params) as token_store:
            library = Library(window.listing, token_store, window.texts, params)
            matches = match_library(library, date=day, progress=progress)
    except sketching.InputsChangedError:
        return None
    days = window.days_of({name for match in matches for name in (match.left_id, match.right_id)})
    table = derived.matches_table(match_row(match, days) for match in matches)
    regrouped = _regroup(layout, day, params, table, window)
    if not window.unchanged():
        return None
    own = regrouped.pop(day, [])
    if regrouped:
        derived.announce_matches(layout, day, table)
    for other, rows in sorted(regrouped.items()):
        derived.update_clusters(layout, other, rows)
    derived.write_clusters(layout, day, own, matches=table)
    if not window.unchanged():
        return None  # clusters(D) no longer fit matches(D): D stays out of date and is computed again
    derived.write_matches(layout, day, table, inputs=window.inputs)
    withdrawn = sum(match.relation == WITHDRAWN for match in matches)
    return {
        "matches": len(matches) - withdrawn,
        "withdrawn": withdrawn,
        "copies": sum(row["role"] == "copy" for row in own),
        "clusters": len({row["cluster_id"] for row in own}),
    }


class _Window:
    """The sketches of a date's eight days, as read, with the hash of the articles they follow from."""

    def __init__(self, layout: Layout, day: date, params: Params) -> None:
        self.layout, self.day, self.params = layout, day, params
        self.dates = derived.window_of(day, params.window_days)
        found = [sketching.current_sketches(layout, d, params) for d in self.dates]
        self.sketched = [one for one in found if one is not None and one.facts.num_rows]
        hashes = {one.day: one.inputs for one in found if one is not None}  # of a day that forget emptied too
        self.inputs = derived.window_hash(hashes, self.dates, params.hash)
        self.listing = sketching.list_sketched(self.sketched)
        self.texts = sketching.StoredTexts(layout, self.sketched)

    def own(self) -> dict[str, date]:
        """The articles of the date itself."""
        own = [one.facts for one in self.sketched if one.day == self.day]
        return {name: self.day for facts in own for name in values(facts, "article_id")}

    def days_of(self, ids: Collection[str]) -> dict[str, date]:
        """The dates of some articles."""
        return {name: one.day for one in self.sketched for name in values(with_ids(one.facts, ids), "article_id")}

    def unchanged(self) -> bool:
        """Whether the store still holds the articles that were read."""
        now = {d: derived.stored_inputs(self.layout, d) for d in self.dates}
        return derived.window_hash(now, self.dates, self.params.hash) == self.inputs


def _regroup(
    layout: Layout, day: date, params: Params, matches: derived.MatchTable, window: _Window
) -> dict[date, list[dict[str, Any]]]:
    """Cluster rows, by date, of every component that an old or new match of *day*, or an article of it, belongs to."""
    seeds = window.own()
    for table in (read_rebuildable(layout, "matches", day, LINK_COLUMNS), matches.select(LINK_COLUMNS)):
        for side in ("left", "right"):
            seeds.update(zip(values(table, f"{side}_id"), values(table, f"{side}_date"), strict=True))
    members, links = component_of(Links(layout, days=params.reach_days, replaced={day: matches}), seeds)
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
