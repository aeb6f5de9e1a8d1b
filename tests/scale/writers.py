"""Writers of a store on a bucket, in processes of their own, that are killed and cut off from their locks."""

from __future__ import annotations

import logging
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests.wirecopy.builders import at, capture
from wirecopy.store.articles.commit import COMMIT_LOCK, commit_articles, committing
from wirecopy.store.articles.numbers import finish
from wirecopy.store.files.again import again_on_conflict
from wirecopy.store.files.bucket.database import number_of
from wirecopy.store.files.layout import Layout

FORKSERVER = get_context("forkserver")  # the libraries are loaded once, and no thread of a bucket's client is forked
FORKSERVER.set_forkserver_preload(["tests.scale.writers"])
BATCH = 30  # captures of one commit
DAYS = (19, 20, 21, 22)


def batch(writer: int, number: int) -> list[dict[str, Any]]:
    """Captures on four dates: a third of this writer alone, a third that all writers bring, a third with new texts."""
    rows = []
    for one in range(BATCH):
        kind, day, hour = one % 3, DAYS[one % len(DAYS)], 10 + number % 10
        slug = f"w{writer}-{number}-{one}" if kind == 0 else f"all-{number % 7}-{one}"
        told = "A" if kind < 2 else f"text {writer} {number}"
        rows.append(capture(slug, told, at(hour, day), published_at=at(9, day)))
    return rows


def commit_once(layout: Layout, rows: list[dict[str, Any]]) -> None:
    """As publish does: one commit under the lock, again if another was faster."""

    def work() -> None:
        finish(layout, commit_articles(layout, rows, now=at(12)).seq)

    with committing(layout):
        again_on_conflict(layout, work)


def write(layout: Layout, writer: int, acknowledged: Path, stop: Event) -> None:
    """Commit one batch after the other, and note each that is finished; go on after the last note."""
    number = acknowledged_of(acknowledged)
    logging.getLogger("wirecopy.store.files.again").addHandler(logging.FileHandler(f"{acknowledged}.conflicts"))
    logging.getLogger("wirecopy.store.files.again").setLevel(logging.INFO)
    with acknowledged.open("a") as notes:
        while not stop.is_set():
            commit_once(layout, batch(writer, number))
            number += 1
            notes.write("x")
            notes.flush()


def acknowledged_of(notes: Path) -> int:
    """How many batches a writer has finished."""
    return notes.stat().st_size if notes.exists() else 0


def start(layout: Layout, writer: int, acknowledged: Path, stop: Event) -> Any:
    """A writer."""
    process = FORKSERVER.Process(target=write, args=(layout, writer, acknowledged, stop), daemon=True)
    process.start()
    return process


class Cutter:
    """Ends the sessions that hold the commit lock, while their holders go on writing."""

    def __init__(self, layout: Layout) -> None:
        assert layout.beside is not None
        self._engine = create_engine(layout.beside.database, isolation_level="AUTOCOMMIT")
        number = number_of(str(layout.root), f"state/locks/{COMMIT_LOCK}")
        self._key = {"high": (number >> 32) & 0xFFFFFFFF, "low": number & 0xFFFFFFFF}

    def cut(self) -> int:
        """How many sessions were ended: none if nobody holds the lock."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND CAST(classid AS bigint) = :high AND CAST(objid AS bigint) = :low"
                ),
                self._key,
            )
            return len(list(rows))

    def close(self) -> None:
        """Give the connection back."""
        self._engine.dispose()
