"""The homes of articles in a folder: on which dates an id or an address may be stored, so that a commit need not read
all dates.

It is a cache of the files of `articles` and never the truth. It remembers by their versions which files it has read,
and reads again what was replaced, restored or removed by whomever. What it names is looked for in the files; what it
does not name is in none. It is lost without harm: the next commits make it again, some dates each.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from wirecopy.log import get_log
from wirecopy.store.articles.sharedhomes import SharedHomes
from wirecopy.store.files.files import Version
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import highest_value, read_partition, values

log = get_log(__name__)

DATABASE: Final = "homes.db"
# Of each id and address 8 bytes of its hash: among 10 million keys a foreign one is met once in 10^12 questions, and
# costs the reading of one date.
KEY_BYTES: Final = 8
ASKED_AT_ONCE: Final = 500  # SQLite takes 32,766 parameters; more than this gains nothing
READ_AT_ONCE: Final = 20  # dates of 10,000 articles: 1.5 s of CPU more for a commit, after a loss of state/
_ASK: Final = "SELECT DISTINCT day FROM homes WHERE key IN ({})"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS homes (key INTEGER, day INTEGER, PRIMARY KEY (key, day)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS read (day INTEGER PRIMARY KEY, version TEXT, articles INTEGER, highest INTEGER);
"""


class LocalHomes:
    """Where articles are, as of the moment when it was opened. Hold the commit lock while you use it."""

    def __init__(self, layout: Layout, versions: Mapping[date, Version], connection: sqlite3.Connection) -> None:
        self._layout, self._connection = layout, connection
        self._days = {day.toordinal(): day for day in versions}
        self._unread = _stale(connection, versions)

    def dates_of(self, ids: Iterable[str], urls: Iterable[str]) -> list[date]:
        """The dates whose file may hold an article with one of *ids* or *urls*, ascending."""
        keys = sorted({*map(_key_of_id, ids), *map(_key_of_url, urls)})
        found: set[int] = set()
        for start in range(0, len(keys), ASKED_AT_ONCE):
            some = keys[start : start + ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            found.update(day for (day,) in self._connection.execute(_ASK.format(marks), some))
        return sorted({*self._unread, *(self._days[day] for day in found & self._days.keys())})

    def find(self, ids: Collection[str], urls: Collection[str]) -> tuple[dict[str, date], dict[str, tuple[str, date]]]:
        """Of those that are stored: by article_id the date, by final URL the article and its date."""
        wanted = pa.array(sorted(ids), pa.string()), pa.array(sorted(urls), pa.string())
        by_id: dict[str, date] = {}
        by_url: dict[str, tuple[str, date]] = {}
        for day in self.dates_of(ids, urls):
            stored = read_partition(self._layout, "articles", day, ["article_id", "url"])
            hits = stored.filter(pc.or_(pc.is_in(stored["article_id"], wanted[0]), pc.is_in(stored["url"], wanted[1])))
            for row in hits.to_pylist():
                by_id[row["article_id"]] = day
                by_url.setdefault(row["url"], (row["article_id"], day))
        return by_id, by_url

    def claim(self, homes: Iterable[tuple[str, str, date]], new: Container[str]) -> None:
        """Nothing to do: the commit lock of a folder keeps other writers out."""

    def wrote(self, day: date, seq: int) -> None:
        """Nothing to do: the next commit sees by the file's version that it was replaced."""

    def highest_seq(self) -> int:
        """The highest commit_seq of all articles; 0 without one."""
        (known,) = self._connection.execute("SELECT max(highest) FROM read").fetchone()
        others = (highest_value(self._layout, "articles", day, "commit_seq") for day in self._unread)
        return max((number for number in (known, *others) if number is not None), default=0)


@contextmanager
def homes_of(layout: Layout) -> Iterator[LocalHomes | SharedHomes]:
    """The homes of all articles that are stored now. Raises StoreError if a file of articles is damaged."""
    if layout.beside is not None:
        yield SharedHomes(layout, layout.beside)
        return
    there = layout.versions("articles")
    with closing(_brought_up_to_date(layout, there)) as connection:
        yield LocalHomes(layout, there, connection)


def _brought_up_to_date(layout: Layout, versions: Mapping[date, Version]) -> sqlite3.Connection:
    """The database in state/; made anew if it is damaged, in memory if state/ takes no more."""
    path = layout.state / DATABASE
    try:
        return _opened(str(path), layout, versions)
    except sqlite3.DatabaseError as error:
        log.warning("state/%s cannot be used (%s): it is made anew", DATABASE, error)
    with suppress(OSError):  # what cannot be removed cannot be made either
        layout.files.remove(path)
        layout.files.remove(path.with_name(f"{DATABASE}-journal"))
    try:
        return _opened(str(path), layout, versions)
    except sqlite3.DatabaseError as error:
        log.warning("state/%s cannot be made (%s): it goes without", DATABASE, error)
    return _opened(":memory:", layout, versions)


def _opened(path: str, layout: Layout, versions: Mapping[date, Version]) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    with _closed_on_error(connection):
        connection.executescript(_SCHEMA)
        stale = _stale(connection, versions)
        read = {day for (day,) in connection.execute("SELECT day FROM read")}
        gone = read - {day.toordinal() for day in versions}
        with connection:  # one transaction: a date counts as read only with all of its keys
            connection.executemany("DELETE FROM read WHERE day = ?", [(day,) for day in gone])
            for day in stale[-READ_AT_ONCE:]:
                _read(connection, layout, day, versions[day])
    return connection


def _stale(connection: sqlite3.Connection, versions: Mapping[date, Version]) -> list[date]:
    """The dates whose file of now has not been read, ascending."""
    read = dict(connection.execute("SELECT day, version FROM read"))
    return [day for day, version in sorted(versions.items()) if read.get(day.toordinal()) != version.tag]


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            connection.close()
        raise


def _read(connection: sqlite3.Connection, layout: Layout, day: date, version: Version) -> None:
    """Take the keys of one date. Those of a version before stay, as most are the same, unless articles were removed."""
    rows = read_partition(layout, "articles", day, ["article_id", "url"])
    number = day.toordinal()
    before = connection.execute("SELECT articles FROM read WHERE day = ?", (number,)).fetchone()
    if before and before[0] > rows.num_rows:
        connection.execute("DELETE FROM homes WHERE day = ?", (number,))
    keys = [*map(_key_of_id, values(rows, "article_id")), *map(_key_of_url, values(rows, "url"))]
    connection.executemany("INSERT OR IGNORE INTO homes VALUES (?, ?)", [(key, number) for key in sorted(keys)])
    highest = highest_value(layout, "articles", day, "commit_seq")
    connection.execute("INSERT OR REPLACE INTO read VALUES (?, ?, ?, ?)", (number, version.tag, rows.num_rows, highest))


def _key_of_id(article_id: str) -> int:
    return _key(b"i" + article_id.encode())


def _key_of_url(url: str) -> int:
    return _key(b"u" + url.encode())


def _key(value: bytes) -> int:
    digest = hashlib.blake2b(value, digest_size=KEY_BYTES).digest()
    return int.from_bytes(digest, "little", signed=True)
