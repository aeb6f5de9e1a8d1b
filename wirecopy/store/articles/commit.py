"""The commit of articles: captures in, changed partitions out, under one lock per store.

It adds and revises, never deletes: an article is found by its id over all dates, so that two runs that bring the same
page at midnight, or the surviving task of a killed supervisor, cannot store it twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.log import get_log
from wirecopy.store.articles.homes import LocalHomes, homes_of
from wirecopy.store.articles.merge import FREE, OF_WRITER, Merged, Row, choose_first, day_of, merge_article
from wirecopy.store.articles.numbers import Numbers, draw
from wirecopy.store.articles.sharedhomes import SharedHomes
from wirecopy.store.files.again import again_on_conflict
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import Base, read_base, replace_partition, rows_hash
from wirecopy.store.files.rows import to_table

log = get_log(__name__)

DEDUPE_COLUMNS = ("article_id", "text", "title", "publisher", "language", "agency", "published_at", "word_count")
"""Columns that dedupe reads. Their hash is in each file's footer, so an out-of-date date is found without reading
texts.
"""

COMMIT_LOCK = "commit.lock"
DEDUPE_INPUTS = "dedupe_inputs"  # footer key of articles


@dataclass(frozen=True, slots=True)
class Placement:
    """The commit's result for one capture."""

    article_id: str
    code: str  # stored, revised or already_stored


@dataclass(frozen=True, slots=True)
class Committed:
    """The result of one commit."""

    seq: int
    placements: tuple[Placement, ...]  # one per capture, in their order
    # Dates of articles that changed, ascending; also those that an unfinished commit had changed.
    changed: tuple[date, ...]


@contextmanager
def committing(layout: Layout) -> Iterator[None]:
    """Hold the store's commit lock."""
    with layout.files.locked(layout.locks / COMMIT_LOCK):
        yield


@contextmanager
def committing_if_free(layout: Layout) -> Iterator[bool]:
    """Hold the store's commit lock if nobody else does; yields whether we do."""
    with layout.files.locked_now(layout.locks / COMMIT_LOCK) as held:
        yield held


def commit_articles(layout: Layout, captures: Sequence[Row], *, now: datetime) -> Committed:
    """Merge *captures* (rows of schema.ARTICLES) into articles and revisions. Call it inside `committing`.

    On a bucket it begins anew if another writer was faster: what it has written by then is found as it is.
    """
    work = _Work(layout, captures, now)
    return again_on_conflict(layout, work.done)


@dataclass(slots=True)
class _Work:
    """One commit; what an attempt has written stays for the next one."""

    layout: Layout
    captures: Sequence[Row]
    now: datetime
    texts: dict[str, set[str]] = field(default_factory=dict)  # by article: hashes that were stored before this commit
    changed: set[date] = field(default_factory=set)
    numbers: Numbers | None = None

    def done(self) -> Committed:
        """The result; raises StoreConflict if another writer came between."""
        with homes_of(self.layout) as known:
            self.numbers = self.numbers or draw(self.layout, known.highest_seq())
            if not self.captures:
                return Committed(self.numbers.seq, (), ())
            homes = find_articles(self.captures, known)
            by_article = _by_article(self.captures, homes)
            days = {article_id: day for article_id, day in homes if day}
            new = {name: day_of(choose_first(rows)) for name, rows in by_article.items() if name not in days}
            days |= new
            known.claim(_addresses(by_article, days), new)
            for day in sorted(set(days.values())):
                self._merge(known, day, {name: by_article[name] for name, its in days.items() if its == day})
        places = tuple(_places(self.captures, homes, self.texts))
        return Committed(self.numbers.seq, places, tuple(sorted(self.changed)))

    def _merge(self, known: LocalHomes | SharedHomes, day: date, captures: dict[str, list[Row]]) -> None:
        assert self.numbers is not None
        before: dict[str, set[str]] = {}
        if _merge_day(self.layout, day, captures, before, self.numbers, self.now):
            self.changed.add(day)
            known.wrote(day, self.numbers.seq)
        self.texts = before | self.texts  # what an earlier attempt of ours wrote was not stored before


def _by_article(captures: Sequence[Row], homes: Sequence[tuple[str, date | None]]) -> dict[str, list[Row]]:
    by_article: dict[str, list[Row]] = defaultdict(list)
    for capture, (article_id, _) in zip(captures, homes, strict=True):
        by_article[article_id].append({**capture, "article_id": article_id})
    return by_article


def _addresses(by_article: Mapping[str, Sequence[Row]], days: Mapping[str, date]) -> Iterator[tuple[str, str, date]]:
    """Article, final URL and date of each capture."""
    for name, rows in by_article.items():
        for row in rows:
            yield name, row["url"], days[name]


def find_articles(captures: Sequence[Row], known: LocalHomes | SharedHomes) -> list[tuple[str, date | None]]:
    """For each capture the id and date of its stored article, found by article_id, then by final URL; else its own id
    and None.
    """
    by_id, by_url = known.find({row["article_id"] for row in captures}, {row["url"] for row in captures})
    return list(_homes(captures, by_id, by_url))


def _homes(
    captures: Sequence[Row], by_id: dict[str, date], by_url: dict[str, tuple[str, date]]
) -> Iterator[tuple[str, date | None]]:
    new: dict[str, str] = {}  # final URL → article of this very commit
    for row in captures:
        article_id, url = row["article_id"], row["url"]
        if article_id in by_id:
            yield article_id, by_id[article_id]
        elif url in by_url:
            yield by_url[url]
        else:
            yield new.setdefault(url, article_id), None


def _merge_day(
    layout: Layout,
    day: date,
    captures: dict[str, list[Row]],
    texts: dict[str, set[str]],
    numbers: Numbers,
    now: datetime,
) -> bool:
    """Merge the captures of one date; returns whether its articles changed, now or in a commit that was not finished.

    Fills *texts* with the hashes that were stored before.
    """
    current, revisions = read_base(layout, "articles", day), read_base(layout, "revisions", day)
    stored = _rows_by_article(current.rows, captures)
    earlier = _rows_by_article(revisions.rows, captures)
    merged: dict[str, Merged] = {}
    for article_id, rows in captures.items():
        before = stored[article_id] + earlier[article_id]
        texts[article_id] = {row["content_hash"] for row in before}
        after = merge_article(before, rows)
        unseen = any(row["commit_seq"] in numbers.dead for row in before)
        if unseen or not _equal(after, stored[article_id], earlier[article_id]):
            merged[article_id] = _stamp(after, before, rows, numbers.seq, now)
    if not merged:
        return any(row["commit_seq"] > numbers.finished for rows in stored.values() for row in rows)
    replace_articles(layout, "revisions", day, revisions, {i: list(m.revisions) for i, m in merged.items()})
    replace_articles(layout, "articles", day, current, {i: [m.current] for i, m in merged.items()})
    return True


def _rows_by_article(rows: pa.Table, captures: dict[str, list[Row]]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {article_id: [] for article_id in captures}
    for row in rows.filter(pc.is_in(rows["article_id"], pa.array(list(captures), pa.string()))).to_pylist():
        found[row["article_id"]].append(row)
    return found


def _equal(after: Merged, stored: list[Row], earlier: list[Row]) -> bool:
    """Whether the merge changes nothing but the columns of the writer."""
    old_revisions = sorted(earlier, key=lambda row: row["revision"])
    old = [*old_revisions, *stored]
    new = [*after.revisions, after.current]
    return len(old) == len(new) and len(stored) == 1 and all(map(_same, old, new))


def _same(old: Row, new: Row) -> bool:
    free = {*FREE, *OF_WRITER} - {"revision"}
    return all(old[name] == new[name] for name in old if name not in free)


def _stamp(after: Merged, before: list[Row], captures: list[Row], seq: int, now: datetime) -> Merged:
    """Mark the rows of a changed article as written by this commit and by the run that brought the last capture."""
    last = max(captures, key=lambda row: row["fetched_at"])
    stamp = {"updated_at": now, "commit_seq": seq, "run_id": last["run_id"], "interval_start": last["interval_start"]}
    return Merged({**after.current, **stamp}, tuple({**row, **stamp} for row in after.revisions))


def replace_articles(layout: Layout, table: str, day: date, base: Base, changed: dict[str, list[Row]]) -> None:
    """Write articles or revisions of a date with the rows of the *changed* articles in place of those of *base*."""
    old = base.rows
    rest = old.filter(pc.invert(pc.is_in(old["article_id"], pa.array(list(changed), pa.string()))))
    new = to_table(table, [row for rows in changed.values() for row in rows])
    if not new.num_rows and rest.num_rows == old.num_rows:
        return  # no rows before, none now
    rows = pa.concat_tables([rest, new])
    footer = {DEDUPE_INPUTS: inputs_hash(rows)} if table == "articles" else None
    replace_partition(layout, table, day, rows, footer, over=base.version)


def inputs_hash(rows: pa.Table) -> str:
    """32 hex over DEDUPE_COLUMNS, rows by article_id."""
    return rows_hash(rows.select(DEDUPE_COLUMNS).sort_by("article_id"))


def _places(
    captures: Sequence[Row], homes: Sequence[tuple[str, date | None]], texts: dict[str, set[str]]
) -> Iterator[Placement]:
    """The code of each capture: first text of its article, another text, or one already there."""
    for row, (article_id, _) in zip(captures, homes, strict=True):
        known = texts[article_id]
        code = "already_stored" if row["content_hash"] in known else "revised" if known else "stored"
        known.add(row["content_hash"])
        yield Placement(article_id, code)
