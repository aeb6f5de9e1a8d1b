"""Matches and clusters of a date: their files, and whether they are out of date.

matches(D) is a function of the articles of D-7 … D and of the parameters; its footer keeps the hash of both, as read.
Its rows are pairs whose later article is of D, and withdrawals of earlier pairs. The footer of clusters(D) keeps the
hash of the rows of matches(D) that were grouped. The reasons are in docs/decisions/eight-days.md.

Files are written in this order: sketches, matches(D) with the new rows beside the old ones, clusters of other dates,
clusters(D), matches(D). A crash between any two leaves D out of date, and matches(D) then names every component that
the next grouping has to touch: those of the old rows and those of the half-written new ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from dedupe.params import Params
from dedupe.records import SPEAKING, WITHDRAWN, Relation
from wirecopy.errors import StoreConflict
from wirecopy.store.articles.commit import DEDUPE_INPUTS
from wirecopy.store.files.again import again_on_conflict
from wirecopy.store.files.files import Over, Version
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import (
    REBUILDABLE,
    footer_of,
    read_footer,
    read_rebuildable,
    rebuildable_base,
    replace_partition,
    rows_hash,
    sort_rows,
)
from wirecopy.store.files.rows import Row, to_table

MatchTable = pa.Table  # rows of schema.MATCHES

DEDUPE_LOCK = "dedupe.lock"  # held by whoever writes matches, clusters and sketches
MATCH_INPUTS = "inputs"  # footer of matches: articles of the window and parameters, as read
MATCH_ROWS = "rows"  # footer of matches: hash of its rows
GROUPED_ROWS = "matches_rows"  # footer of clusters: hash of the matches it was grouped from


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLink:
    """A stored match as grouping sees it."""

    left_id: str
    right_id: str
    left_date: date
    right_date: date
    relation: Relation
    score: float
    jaccard: float
    probability: float
    of_crowd: bool | None = None


LINK_COLUMNS = [field.name for field in fields(StoredLink)]


def window_of(day: date, days: int) -> list[date]:
    """The dates whose articles matches(*day*) depends on, ascending: *day* and the *days* before it."""
    return [day - timedelta(days=back) for back in range(days, -1, -1)]


def stored_inputs(layout: Layout, day: date) -> str:
    """Hash of the columns that dedupe reads of a date's articles, from the footer alone; "" without articles."""
    return read_footer(layout, "articles", day).get(DEDUPE_INPUTS, "")


def window_hash(hashes: Mapping[date, str], window: Sequence[date], params_hash: str) -> str:
    """32 hex over the parameters and the inputs of the window's dates."""
    words = [params_hash, *(f"{day}={hashes[day]}" for day in window if hashes.get(day))]
    return hashlib.blake2b("\n".join(words).encode(), digest_size=16).hexdigest()


def window_inputs(layout: Layout, day: date, params: Params) -> str:
    """Hash of all that matches(*day*) follows from, as the store holds it now; from footers alone."""
    window = window_of(day, params.window_days)
    return window_hash({one: stored_inputs(layout, one) for one in window}, window, params.hash)


def out_of_date(layout: Layout, params_hash: str, *, days: int) -> list[date]:
    """Dates whose matches or clusters were computed from other articles or parameters than today's, ascending; also
    those whose articles are gone.
    """
    listed = {table: layout.versions(table) for table in ("articles", *REBUILDABLE)}  # one look for all footers
    dates = sorted({day for versions in listed.values() for day in versions})

    def footer(table: str, day: date) -> dict[str, str]:
        return footer_of(layout, table, listed[table].get(day))

    hashes = {day: footer("articles", day).get(DEDUPE_INPUTS, "") for day in dates}
    now = {day: window_hash(hashes, window_of(day, days), params_hash) for day in dates}
    return [day for day in dates if not _is_current(footer("matches", day), footer("clusters", day), now[day])]


def dates_to_compute(layout: Layout) -> list[date]:
    """Dates with articles, and those of which only something computed is left, ascending."""
    return sorted({day for table in ("articles", *REBUILDABLE) for day in layout.dates(table)})


def _is_current(matches: Mapping[str, str], clusters: Mapping[str, str], inputs: str) -> bool:
    return matches.get(MATCH_INPUTS) == inputs and clusters.get(GROUPED_ROWS, "-") == matches.get(MATCH_ROWS)


def changed_at(layout: Layout, window: Iterable[date]) -> float:
    """Seconds since the epoch of the last change to the articles of these dates; 0 if there are none."""
    versions = layout.versions("articles")
    return max((versions[day].modified_at for day in window if day in versions), default=0.0)


def matches_table(rows: Iterable[Row]) -> pa.Table:
    """Rows of matches in stored order."""
    return sort_rows("matches", to_table("matches", rows))


def announce_matches(layout: Layout, day: date, new: pa.Table) -> None:
    """Add *new* to the old matches of a date, marked as out of date, before clusters of other dates are written from
    *new*.

    Without this, a crash right after, followed by changed inputs, would leave clusters on those dates that no match
    explains.
    """
    again_on_conflict(layout, partial(_announce_matches, layout, day, new))


def _announce_matches(layout: Layout, day: date, new: pa.Table) -> None:
    base = rebuildable_base(layout, "matches", day)
    old = base.rows
    pairs = set(zip(new["left_id"].to_pylist(), new["right_id"].to_pylist(), strict=True))
    known = list(zip(old["left_id"].to_pylist(), old["right_id"].to_pylist(), strict=True))
    if pairs <= set(known):
        return
    rest = old.filter(pa.array([pair not in pairs for pair in known], pa.bool_()))
    replace_partition(layout, "matches", day, pa.concat_tables([rest, new]), {MATCH_INPUTS: ""}, over=base.version)


def write_matches(layout: Layout, day: date, rows: pa.Table, *, inputs: str) -> None:
    """Write the last file of a date's computation."""
    replace_partition(layout, "matches", day, rows, {MATCH_INPUTS: inputs, MATCH_ROWS: rows_hash(rows)})


def write_clusters(layout: Layout, day: date, rows: Iterable[Row], *, matches: pa.Table, over: Over = "any") -> None:
    """Write all rows of a date, grouped from *matches*. Raises StoreConflict if they are not those of *over* now."""
    now = layout.files.head(layout.partition("clusters", day))
    _require_same(layout, day, now, over)
    footer = {GROUPED_ROWS: rows_hash(matches)}
    replace_partition(layout, "clusters", day, to_table("clusters", rows), footer, over="any" if over == "any" else now)


def _require_same(layout: Layout, day: date, now: Version | None, over: Over) -> None:
    if over not in ("any", now):
        raise StoreConflict(f"{layout.partition('clusters', day)} was replaced by another dedupe meanwhile: run again.")


def update_clusters(layout: Layout, day: date, rows: Sequence[Row], *, over: Over = "any") -> bool:
    """Replace the rows of some articles of another date; returns whether that changed any. Its footer is kept, so the
    date stays current or out of date as it was. Raises StoreConflict if they are not those of *over* now.
    """
    base = rebuildable_base(layout, "clusters", day)
    _require_same(layout, day, base.version, over)
    old = base.rows
    ids = pa.array([row["article_id"] for row in rows], pa.string())
    rest = old.filter(pc.invert(pc.is_in(old["article_id"], ids)))
    new = sort_rows("clusters", pa.concat_tables([rest, to_table("clusters", rows)]))
    if new.equals(sort_rows("clusters", old)):
        return False
    footer = read_footer(layout, "clusters", day)
    footer.pop("schema_version", None)
    replace_partition(layout, "clusters", day, new, footer, over=base.version)
    return True


class Links:
    """The matches of the store that speak in a quorum, loaded date by date as a component is followed."""

    def __init__(self, layout: Layout, *, days: int, replaced: Mapping[date, pa.Table]) -> None:
        self._layout, self._days, self._replaced = layout, days, replaced
        self._loaded: set[date] = set()
        self._by_article: dict[str, list[StoredLink]] = {}
        self._withdrawn: set[tuple[str, str]] = set()

    def around(self, article_id: str, day: date) -> list[StoredLink]:
        """Valid merging matches of an article. Matches to later articles, and withdrawals, are in files up to *days*
        later; matches to earlier ones are in its own file.
        """
        for ahead in range(self._days + 1):
            self._load(day + timedelta(days=ahead))
        links = self._by_article.get(article_id, [])
        return [link for link in links if (link.left_id, link.right_id) not in self._withdrawn]

    def _load(self, day: date) -> None:
        if day in self._loaded:
            return
        self._loaded.add(day)
        replaced = self._replaced.get(day)
        if replaced is None:
            rows = read_rebuildable(self._layout, "matches", day, LINK_COLUMNS)
        else:
            rows = replaced.select(LINK_COLUMNS)
        for row in rows.filter(pc.is_in(rows["relation"], pa.array(sorted({*SPEAKING, WITHDRAWN})))).to_pylist():
            link = StoredLink(**row)
            if link.relation == WITHDRAWN:
                self._withdrawn.add((link.left_id, link.right_id))
                continue
            for name in (link.left_id, link.right_id):
                self._by_article.setdefault(name, []).append(link)


def component_of(links: Links, seeds: Mapping[str, date]) -> tuple[dict[str, date], list[StoredLink]]:
    """All articles that merging matches connect to *seeds*, over any number of dates, and these matches, each once."""
    found = dict(seeds)
    work = list(seeds.items())
    followed: dict[tuple[str, str], StoredLink] = {}
    while work:
        for link in links.around(*work.pop()):
            followed[link.left_id, link.right_id] = link
            for name, day in ((link.left_id, link.left_date), (link.right_id, link.right_date)):
                if name not in found:
                    found[name] = day
                    work.append((name, day))
    return found, [followed[key] for key in sorted(followed)]
