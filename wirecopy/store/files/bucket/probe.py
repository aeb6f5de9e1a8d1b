"""Whether a bucket's server and a database keep what a store rests on. Looked at before the first write, and by
`wirecopy doctor`: a server that ignores a condition says nothing, and loses articles.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from wirecopy.errors import StoreConflict, StoreError
from wirecopy.store.files.bucket.database import Database, number_of
from wirecopy.store.files.bucket.objects import Bucket
from wirecopy.store.files.bucket.turns import take

if TYPE_CHECKING:
    from obstore import PutMode

AT_ONCE: Final = 8  # writers of one object: a server that compares and writes in two steps lets several through
FOLDER: Final = "state/probe"
_KNOWN: Final = """
SELECT 1 FROM store_probes WHERE store = :store AND server = :server AND at > now() - interval '1 day'
"""
_KEEP: Final = """
INSERT INTO store_probes (store, server) VALUES (:store, :server)
ON CONFLICT (store) DO UPDATE SET server = excluded.server, at = now()
"""


def require_sound(bucket: Bucket, database: Database) -> None:
    """Raises StoreError if `faults` finds anything; what was found sound is looked at again after a day."""
    values = {"store": number_of("/".join(bucket.url.split("/")[:3])), "server": bucket.endpoint}  # whatever the prefix
    if database.run(_KNOWN, values):
        return
    for fault in faults(bucket, database):
        raise StoreError(fault)
    database.run(_KEEP, values)


def faults(bucket: Bucket, database: Database) -> Iterator[str]:
    """What is wrong, as sentences with the next step. Raises StoreError if the bucket cannot be used at all."""
    server = bucket.endpoint or bucket.url
    for fault in bucket_faults(bucket):
        yield (
            f"{server} {fault}. Use a server that compares (docs/store-on-a-bucket.md names some), or a newer version "
            "of this one."
        )
    if not keeps_sessions(database):
        yield (
            "The connection of state_url does not keep its session, as PgBouncer's does not in transaction mode: locks "
            "would hold nobody. Name PostgreSQL itself, or a pool in session mode."
        )


def bucket_faults(bucket: Bucket) -> Iterator[str]:
    """What the server does not do, each as the rest of a sentence that begins with its name."""
    key = f"{FOLDER}/{uuid.uuid4().hex}"
    yield from _faults_of_writing(bucket, key)
    yield from _faults_of_reading(bucket, key)
    try:
        bucket.delete(key)
    except StoreError as error:
        yield f"does not remove an object (DeleteObjects; {error}): what is in work would stay for ever"


def _faults_of_writing(bucket: Bucket, key: str) -> Iterator[str]:
    won = _winners(lambda number: bucket.put(key, f"{number}".encode(), "create"))
    if won != 1:
        yield _of_create(won, _refused(lambda: bucket.put(key, b"again", "create")))
        return
    first = bucket.head(key)
    assert first is not None
    mode: PutMode = {"e_tag": first.tag, "version": first.generation} if first.generation else {"e_tag": first.tag}
    won = _winners(lambda number: bucket.put(key, f"next {number}".encode(), mode))
    if won == 0:
        yield "refuses to replace an object over its very version (If-Match): no commit could end"
    elif not _refused(lambda: bucket.put(key, b"stale", mode)):
        yield "ignores If-Match when an object is replaced: two writers would lose each other's articles"
    elif won > 1:
        yield f"does not compare and write at once (If-Match): {won} of {AT_ONCE} writers replaced one version"


def _of_create(won: int, refused: bool) -> str:
    if won == 0:
        return "refuses to make an object that is not there (If-None-Match): nothing could be written"
    if not refused:
        return "ignores If-None-Match when an object is made: two writers would lose each other's articles"
    return f"does not compare and write at once (If-None-Match): {won} of {AT_ONCE} writers made one object"


def _faults_of_reading(bucket: Bucket, key: str) -> Iterator[str]:
    bucket.put(key, b"0123456789", "overwrite")
    old = bucket.head(key)
    if key not in {one.key for one in bucket.below(FOLDER)}:
        yield "lists an object late that was just written: commits would miss dates"
    bucket.put(key, b"9876543210", "overwrite")
    assert old is not None
    if bucket.get(key, {"range": {"suffix": 4}})[1] != b"3210":
        yield "does not give the end of an object (a range of bytes): files could not be opened"
    elif not _refused(lambda: bucket.get(key, {"range": (0, 4), "if_match": old.tag})):
        yield "ignores If-Match when an object is read: a reader would mix two versions of a file"


def _winners(write: Callable[[int], None]) -> int:
    """How many of AT_ONCE writes at the same time were taken."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(lambda number: not _refused(lambda: write(number)), range(AT_ONCE)))


def _refused(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except StoreConflict:
        return True
    return False


def keeps_sessions(database: Database) -> bool:
    """Whether a lock of one connection holds against another."""
    number = number_of(uuid.uuid4().hex)
    with database.session() as one, database.session() as other:
        return take(one, number) and not take(other, number)
