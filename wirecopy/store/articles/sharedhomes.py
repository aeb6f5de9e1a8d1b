"""The homes of articles for a store on a bucket: rows of the state database, for writers on many machines.

A home is claimed by a unique key before its article is written, so that two writers can neither store an article on two
dates nor one page as two articles, whatever becomes of their lock. A claim whose writer died says where the article
will live, nothing else. What other hands put onto the bucket is learnt: one listing tells which dates are not as the
last commit left them, and all are read when the database is new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any, Final

from wirecopy.errors import StoreConflict, WirecopyError
from wirecopy.log import get_log
from wirecopy.store.files.bucket.database import Database, number_of
from wirecopy.store.files.files import Version
from wirecopy.store.files.layout import Beside, Layout
from wirecopy.store.files.partition import highest_value, read_partition, values

log = get_log(__name__)

KEY_BYTES: Final = 16  # of the hash of an id or address: nobody meets another's in 10^18 keys
AT_ONCE: Final = 20_000  # keys of one statement
READERS: Final = 8  # dates that are read at a time: mostly waiting
NEWS: Final = 50_000  # keys after which the database should count anew: without, look-ups took 133 s instead of .2
_FIND: Final = "SELECT key, article_id, day FROM article_homes WHERE store = :store AND key = ANY(:keys)"
_ADD: Final = """
INSERT INTO article_homes (store, key, article_id, day)
SELECT :store, unnest(CAST(:keys AS bytea[])), unnest(CAST(:ids AS text[])), unnest(CAST(:days AS date[]))
"""
_CLAIM: Final = f"{_ADD} ON CONFLICT (store, key) DO NOTHING"
_CORRECT: Final = f"""{_ADD} ON CONFLICT (store, key) DO UPDATE SET day = excluded.day
WHERE article_homes.day <> excluded.day"""
_READ: Final = """
INSERT INTO article_homes_read (store, day, tag, highest) VALUES (:store, :day, :tag, :highest)
ON CONFLICT (store, day) DO UPDATE SET tag = excluded.tag, highest = excluded.highest
"""

Home = tuple[str, date]  # article_id, its date


class SharedHomes:
    """Where articles are, and will be."""

    def __init__(self, layout: Layout, beside: Beside) -> None:
        self._layout, self._database = layout, Database(beside.database)
        self._store = number_of(str(layout.root))
        self._learn(layout.versions("articles"))

    def find(self, ids: Iterable[str], urls: Iterable[str]) -> tuple[dict[str, date], dict[str, Home]]:
        """Of those that are known: by article_id the date, by final URL the article and its date."""
        by_key = {_id_key(name): name for name in ids}
        addresses = {_url_key(url): url for url in urls}
        found = self._homes([*by_key, *addresses])
        of_urls = {addresses[key]: name for key, (name, _) in found.items() if key in addresses}
        found |= self._homes([_id_key(name) for name in set(of_urls.values()) if _id_key(name) not in found])
        return (
            {by_key[key]: day for key, (_, day) in found.items() if key in by_key},
            {url: (name, found[_id_key(name)][1]) for url, name in of_urls.items() if _id_key(name) in found},
        )

    def claim(self, homes: Iterable[tuple[str, str, date]], new: Container[str]) -> None:
        """Give articles (id, final URL, date) their homes, before they are written. Raises StoreConflict if another
        writer has given one of the *new* ones another home, or its page to another article.
        """
        ids: dict[bytes, Home] = {}
        urls: dict[bytes, Home] = {}
        for name, url, day in homes:
            ids[_id_key(name)] = (name, day)
            urls.setdefault(_url_key(url), (name, day))
        self._insert(_CLAIM, ids | urls)
        ours = {key: home for key, home in (ids | urls).items() if home[0] in new}
        held = self._homes(list(ours))
        if any(held.get(key) != home for key, home in ours.items()):
            raise StoreConflict(f"{self._layout.root}: another process gave an article its date meanwhile: run again.")

    def wrote(self, day: date, seq: int) -> None:
        """Commit *seq* has replaced the articles of *day*: whoever did, all of them are claimed."""
        if version := self._layout.files.head(self._layout.partition("articles", day)):
            self._keep(day, version, seq)

    def highest_seq(self) -> int:
        """The highest commit_seq of all articles; 0 without one."""
        rows = self._run("SELECT max(highest) AS highest FROM article_homes_read WHERE store = :store")
        return int(rows[0].highest or 0)

    def _homes(self, keys: Sequence[bytes]) -> dict[bytes, Home]:
        found: dict[bytes, Home] = {}
        for start in range(0, len(keys), AT_ONCE):
            for row in self._run(_FIND, keys=list(keys[start : start + AT_ONCE])):
                found[bytes(row.key)] = (row.article_id, row.day)
        return found

    def _insert(self, sql: str, homes: Mapping[bytes, Home]) -> None:
        """In the order of the keys, so that two writers cannot wait for each other."""
        ordered = sorted(homes.items())
        for start in range(0, len(ordered), AT_ONCE):
            some = ordered[start : start + AT_ONCE]
            keys, ids, days = [key for key, _ in some], [home[0] for _, home in some], [home[1] for _, home in some]
            self._run(sql, keys=keys, ids=ids, days=days)

    def _learn(self, versions: Mapping[date, Version]) -> None:
        """Read the dates that are not as they were when they were read or written last."""
        known = {row.day: row.tag for row in self._run("SELECT day, tag FROM article_homes_read WHERE store = :store")}
        if gone := known.keys() - versions.keys():
            self._run("DELETE FROM article_homes_read WHERE store = :store AND day = ANY(:days)", days=list(gone))
        stale = [day for day, version in sorted(versions.items()) if known.get(day) != version.tag]
        if len(stale) > READERS:
            log.info("learning on which dates articles live store=%s dates=%d", self._layout.root, len(stale))
        keys = 0
        with ThreadPoolExecutor(READERS) as pool:
            for day, (homes, highest) in zip(stale, pool.map(self._read, stale), strict=True):
                self._insert(_CORRECT, {_id_key(name): (name, day) for name, _ in homes})
                self._insert(_CLAIM, {_url_key(url): (name, day) for name, url in reversed(homes)})
                self._keep(day, versions[day], highest)
                keys += 2 * len(homes)
        if keys > NEWS:
            with suppress(WirecopyError):  # who does not own the table waits for autovacuum
                self._run("ANALYZE article_homes")

    def _read(self, day: date) -> tuple[list[tuple[str, str]], int]:
        rows = read_partition(self._layout, "articles", day, ["article_id", "url"])
        homes = list(zip(values(rows, "article_id"), values(rows, "url"), strict=True))
        return homes, highest_value(self._layout, "articles", day, "commit_seq") or 0

    def _keep(self, day: date, version: Version, highest: int) -> None:
        self._run(_READ, day=day, tag=version.tag, highest=highest)

    def _run(self, sql: str, **given: Any) -> list[Any]:
        return self._database.run(sql, {"store": self._store, **given})


def _id_key(article_id: str) -> bytes:
    return hashlib.blake2b(b"i" + article_id.encode(), digest_size=KEY_BYTES).digest()


def _url_key(url: str) -> bytes:
    return hashlib.blake2b(b"u" + url.encode(), digest_size=KEY_BYTES).digest()
