"""Numbers of commits: each row has that of the commit that wrote it last, and readers of `changes(since)` see the rows
up to the last finished one.

In a folder that number is in state/watermark.json. On a bucket each commit draws its own from the state database, and
whoever draws one declares the unfinished ones dead: if such a commit lives after all (its lock was cut), it may not
finish, and its rows get a later number, since a reader may have seen theirs go by.
"""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from wirecopy.errors import StoreConflict
from wirecopy.log import get_log
from wirecopy.store.articles.watermark import WATERMARK, finished_commit
from wirecopy.store.files.bucket.database import Database, number_of
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import highest_value

log = get_log(__name__)

KEPT: Final = 10_000  # numbers of dead commits: no process that drew an earlier one can live
_DRAW: Final = """
WITH dead AS (UPDATE store_commits SET state = 'dead' WHERE store = :store AND state = 'begun')
INSERT INTO store_commits (store, number, state)
SELECT :store, greatest(coalesce(max(number), 0), :highest) + 1, 'begun' FROM store_commits WHERE store = :store
ON CONFLICT DO NOTHING RETURNING number
"""
_FINISH: Final = """
UPDATE store_commits SET state = 'finished' WHERE store = :store AND number = :number AND state <> 'dead'
RETURNING number
"""
_PRUNE: Final = "DELETE FROM store_commits WHERE store = :store AND number < :number - :kept"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that a commit goes by."""

    finished: int  # of the last finished commit
    seq: int  # of this one
    dead: Set[int] = frozenset()  # of rows that no reader may have seen, though later ones are finished


def draw(layout: Layout, highest: int) -> Numbers:
    """The numbers of the last finished commit and of the next one, which no row has: a state/ that is lost, or older
    than the store (*highest* is the highest number in it), must not give a number twice, because a reader of
    `changes(since)` would miss what has it.
    """
    finished = finished_commit(layout)
    if finished is None:
        finish_all(layout, highest)  # before the rows of the next commit are there: nobody may see half of them
        finished = highest
    if layout.beside is None:
        return Numbers(finished, max(finished, highest) + 1)
    database, store = Database(layout.beside.database), number_of(str(layout.root))
    while not (drawn := database.run(_DRAW, {"store": store, "highest": highest})):
        log.info("another process drew the same number: once more")
    dead = database.run("SELECT number FROM store_commits WHERE store = :store AND state = 'dead'", {"store": store})
    return Numbers(finished, drawn[0].number, frozenset(row.number for row in dead))


def finish(layout: Layout, seq: int) -> None:
    """Everything of commit *seq* is in the store: readers of `changes(since)` may see it. Raises StoreConflict if
    another commit has taken this one for dead: commit again.
    """
    if layout.beside is None:
        finish_all(layout, seq)
        return
    database, values = Database(layout.beside.database), {"store": number_of(str(layout.root)), "number": seq}
    if not database.run(_FINISH, values):
        raise StoreConflict(f"{layout.root}: commit {seq} lost its lock, and another went on. Run again.")
    database.run(_PRUNE, {**values, "kept": KEPT})


def finish_all(layout: Layout, seq: int) -> None:
    """Everything up to *seq* is in the store, whoever wrote it."""
    if layout.beside is None:
        layout.files.write_text(layout.state / WATERMARK, json.dumps({"finished": seq}))
        return
    Database(layout.beside.database).run(
        "INSERT INTO store_commits (store, number, state) VALUES (:store, :number, 'finished')"
        " ON CONFLICT (store, number) DO UPDATE SET state = 'finished'",
        {"store": number_of(str(layout.root)), "number": seq},
    )


def watermark(layout: Layout) -> int:
    """Sequence number of the last finished commit; 0 in a new store. If state/ does not say it (it was lost, or is
    damaged), the highest one in the store.
    """
    finished = finished_commit(layout)
    return _highest(layout) if finished is None else finished


def _highest(layout: Layout) -> int:
    numbers = (highest_value(layout, "articles", day, "commit_seq") for day in layout.dates("articles"))
    return max((number for number in numbers if number is not None), default=0)
