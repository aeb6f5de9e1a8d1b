"""An index of the words of each past date, in SQLite (FTS5): a cache of this machine, made of the articles' file and
good for that version of it only.

Without it a month of texts would be read for every search. Where it lacks a date, callers scan that date.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import Final, Literal
from urllib.parse import quote

from wirecopy.progress import Progress, told
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.query.reader import TooLong
from wirecopy.store.query.terms import Term, spaced

KEPT_DAYS: Final = 31  # before today: 20 MB for 10,000 articles
FORMAT: Final = 1  # raised with the tables below, or with what is a word
STEPS: Final = 100_000  # of SQLite's machine, after which it looks at the clock: some milliseconds
# Letters, marks and digits make words, as in terms.py; accents count, as in a scan.
NEWEST: Final = """
SELECT article_id FROM (SELECT rowid AS number FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?)
JOIN ids USING (number) ORDER BY number DESC
"""
TABLES: Final = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
CREATE TABLE made_of (format INTEGER, tag TEXT);
CREATE TABLE ids (number INTEGER PRIMARY KEY, article_id TEXT);
CREATE VIRTUAL TABLE words USING fts5(
    title, text, content='', tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
"""
FIRST: Final = datetime.min.replace(tzinfo=UTC)
Where = Literal["texts", "headlines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one date has."""

    day: date
    total: int
    ids: list[str]  # of the newest articles, the newest first


def find_words(
    layout: Layout, days: Iterable[date], terms: Sequence[Term], where: Where, *, most: int, until: float
) -> Iterator[Found]:
    """The articles of each of *days*, in their order, that have all *terms*; *most* ids in all. A date without a
    current index is left out. Raises TooLong at the moment *until* (of `time.monotonic`).
    """
    match = " AND ".join(term.match for term in terms)
    match = f"title : ({match})" if where == "headlines" else match
    for day in days:
        if found := _find(layout, day, match, most, until):
            most -= len(found.ids)
            yield found


def _find(layout: Layout, day: date, match: str, most: int, until: float) -> Found | None:
    path = _path(layout, day)
    if not layout.cache.exists(path):
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as index:
            if not _is_current(layout, day, index):
                return None
            index.set_progress_handler(lambda: time.monotonic() > until, STEPS)
            total = index.execute("SELECT count(*) FROM words WHERE words MATCH ?", (match,)).fetchone()[0]
            ids = [row[0] for row in index.execute(NEWEST, (match, most))] if total and most else []
    except sqlite3.DatabaseError as error:
        if time.monotonic() > until:
            raise TooLong("This search took too long and was broken off. Ask for fewer days.") from error
        return None  # a damaged or removed file: scanned, and made anew by the next `index_texts`
    return Found(day=day, total=total, ids=ids)


def bring_up_to_date(layout: Layout, today: date, progress: Progress | None = None) -> tuple[list[date], list[date]]:
    """Index the dates of the last month before *today* that have no current index; returns these, and the dates whose
    index was removed: older ones, and those without articles.
    """
    wanted = [day for day in layout.dates("articles") if today - timedelta(days=KEPT_DAYS) <= day < today]
    stale = [day for day in reversed(wanted) if not _has_current(layout, day)]
    made = [day for day in told(stale, "dates whose words are indexed", progress) if _make(layout, day)]
    return made, _remove(layout, [day for day in _indexed(layout) if day not in wanted])


def forget_words(layout: Layout, days: Collection[date]) -> None:
    """Remove the index of *days*, and each that is not of the present articles: what was taken down must not live on
    in one.
    """
    _remove(layout, [day for day in _indexed(layout) if day in days or not _has_current(layout, day)])


def _make(layout: Layout, day: date) -> bool:
    """Index a date; False if its articles were replaced meanwhile, or cannot be read."""
    path, tag = _path(layout, day), _tag(layout, day)
    rows = read_partition(layout, "articles", day, ("article_id", "published_at", "title", "text")).to_pylist()
    rows.sort(key=lambda row: (row["published_at"] or FIRST, row["article_id"]))
    layout.cache.make(layout.spill / "staging")
    with layout.cache.replacing(path) as staged, closing(sqlite3.connect(staged)) as index:
        index.executescript(TABLES)
        index.execute("INSERT INTO made_of VALUES (?, ?)", (FORMAT, tag))
        index.executemany("INSERT INTO ids VALUES (?, ?)", ((n, row["article_id"]) for n, row in enumerate(rows)))
        index.executemany(
            "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)",
            ((n, _plain(row["title"]), _plain(row["text"])) for n, row in enumerate(rows)),
        )
        index.execute("INSERT INTO words (words) VALUES ('optimize')")
        index.commit()
    if _tag(layout, day) == tag:
        return True
    layout.cache.remove(path)
    return False


def _plain(text: str | None) -> str:
    """*text* as SQLite takes it: without NULs, at which it would end, and without half characters."""
    return spaced((text or "").replace("\0", " ")).encode("utf-8", "replace").decode("utf-8")


def _has_current(layout: Layout, day: date) -> bool:
    path = _path(layout, day)
    if not layout.cache.exists(path):
        return False
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as index:
            return _is_current(layout, day, index)
    except sqlite3.DatabaseError:
        return False


def _is_current(layout: Layout, day: date, index: sqlite3.Connection) -> bool:
    return bool(index.execute("SELECT format, tag FROM made_of").fetchone() == (FORMAT, _tag(layout, day)))


def _tag(layout: Layout, day: date) -> str:
    version = layout.files.head(layout.partition("articles", day))
    return version.tag if version else ""


def _remove(layout: Layout, days: list[date]) -> list[date]:
    for day in days:
        layout.cache.remove(_path(layout, day))
    return days


def _indexed(layout: Layout) -> list[date]:
    """Dates that have a file, current or not."""
    folder = layout.spill / "search"
    paths = layout.cache.find(folder, "words-*.db") if layout.cache.exists(folder) else []
    return [date.fromisoformat(path.name[6:-3]) for path in paths]


def _path(layout: Layout, day: date) -> PurePath:
    return layout.spill / "search" / f"words-{day}.db"
