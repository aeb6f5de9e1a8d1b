"""A store on a bucket while its writers are killed and cut off from their locks: nothing lost, nothing twice, and in
the end what an undisturbed run gives.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.scale import writers
from tests.scale.writers import Cutter, acknowledged_of, batch, commit_once
from wirecopy.store.articles.numbers import watermark
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.columns import CONTENT_COLUMNS
from wirecopy.store.files.layout import Beside, Layout
from wirecopy.store.files.partition import read_partition

WRITERS = 3
KILLS, CUTS = 40, 20
MOST = 900  # seconds; it takes about three minutes on an idle machine


@pytest.fixture
def bucket(tmp_path: Path, bucket_server: Any, postgresql: str) -> Layout:
    """An empty store on a bucket."""
    return Layout(BucketPath(bucket_server.new_url()), Beside(database=postgresql, folder=tmp_path / "scratch")).make()


def content(layout: Layout, table: str) -> list[Any]:
    """CONTENT_COLUMNS of all rows of *table*, with their dates."""
    columns = list(CONTENT_COLUMNS[table])
    return [
        (day, *row.values())
        for day in layout.dates(table)
        for row in read_partition(layout, table, day).select(columns).to_pylist()
    ]


def stored(layout: Layout, table: str) -> list[tuple[str, str]]:
    """Article and hash of its text, of all rows of all dates."""
    return [
        (row["article_id"], row["content_hash"])
        for day in layout.dates(table)
        for row in read_partition(layout, table, day, ["article_id", "content_hash"]).to_pylist()
    ]


def disturb(layout: Layout, notes: list[Path]) -> Counter[str]:
    """Kill writers and cut locks until there were enough of both; returns how often."""
    chance, cutter, stop = random.Random(7), Cutter(layout), writers.FORKSERVER.Event()
    running = [writers.start(layout, one, path, stop) for one, path in enumerate(notes)]
    done: Counter[str] = Counter()
    until = time.monotonic() + MOST
    while (done["kills"] < KILLS or done["cuts"] < CUTS) and time.monotonic() < until:
        time.sleep(chance.uniform(1, 4))
        if done["cuts"] < CUTS:
            done["cuts"] += cutter.cut()
        if done["kills"] < KILLS and chance.random() < 0.7:
            which = chance.randrange(WRITERS)
            done["failed"] += running[which].exitcode not in (None, -9)
            done["kills"] += running[which].is_alive()
            running[which].kill()
            running[which].join()
            running[which] = writers.start(layout, which, notes[which], stop)
    stop.set()
    for process in running:
        process.join(120)
        done["failed"] += process.exitcode != 0
    cutter.close()
    return done


def test_killed_and_cut_writers_lose_nothing(tmp_path, bucket):
    """What was acknowledged is there, no article is twice, and the end equals a quiet run in a folder."""
    notes = [tmp_path / f"writer-{one}" for one in range(WRITERS)]
    done = disturb(bucket, notes)
    finished = [acknowledged_of(path) for path in notes]
    met = sum(len(Path(f"{path}.conflicts").read_text().splitlines()) for path in notes)
    print(f"{dict(done)}, commits acknowledged: {finished}, lost compares: {met}")
    assert (done["kills"], done["cuts"] >= CUTS) == (KILLS, True)
    assert min(finished) > 0
    assert met > 0, "no writer ever met another: nothing was shown"

    acknowledged = [row for one, count in enumerate(finished) for number in range(count) for row in batch(one, number)]
    there = {(name, told) for table in ("articles", "revisions") for name, told in stored(bucket, table)}
    assert [row["url"] for row in acknowledged if (row["article_id"], row["content_hash"]) not in there] == []
    times = Counter(name for name, _ in stored(bucket, "articles"))
    assert [name for name, count in times.items() if count > 1] == []

    quiet = Layout(tmp_path / "quiet").make()
    for one, count in enumerate(finished):
        rows = [row for number in range(count + 1) for row in batch(one, number)]  # and what a kill left half done
        commit_once(bucket, batch(one, count))
        commit_once(quiet, rows)
    for table in ("articles", "revisions"):
        assert content(bucket, table) == content(quiet, table)
    assert watermark(bucket) >= sum(finished)
