"""publish and dedupe on a bucket, killed before their first write, their second, …: the next one finishes the job."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.records import FeedPull
from tests.bucket import BucketServer
from tests.dedupe.conftest import invent
from tests.scale.writers import FORKSERVER
from tests.wirecopy.builders import (
    HEADER,
    a_part,
    a_poll,
    an_article,
    at,
    capture,
    commit,
    content,
    skipped,
    story,
    taken,
    use_store,
)
from wirecopy import steps
from wirecopy.store.files.bucket.database import Database
from wirecopy.store.files.bucket.objects import Bucket
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.layout import Beside, Layout
from wirecopy.store.files.partition import read_partition

FEEDS = '[[feed]]\nid = "gazette"\nurl = "https://gazette.example/feed.xml"\n'
PUBLISH: dict[str, Any] = {"run": HEADER, "pulled": [{}]}


def with_parts(layout: Layout) -> None:
    """Two articles, and two parts that wait: a revision, new articles on three dates, and a failure."""
    commit(layout, capture("wall", "A", at(9)), capture("tram", "A", at(9), published_at=at(9, 21)))
    first = [
        taken("wall", an_article("wall", "B", at(10))),
        taken("quay", an_article("quay", "A", at(10), published_at=at(1, 23))),
        taken("shut", skipped("http_5xx")),
    ]
    a_part(layout, [FeedPull(poll=a_poll(first), taken=tuple(first))])
    a_part(layout, [FeedPull(poll=None, taken=(taken("pier", an_article("pier", "A", at(10))),))], number=1)


def with_articles(layout: Layout) -> None:
    """Copies on three dates."""
    commit(layout, *(story(f"p{day}{copy}", day, invent(copy)) for day in (20, 22, 24) for copy in range(3)))


def die_at_write(environment: dict[str, str], number: int, step: str, arguments: dict[str, Any]) -> None:
    """Be killed right before the *number*-th write to bucket or database."""
    os.environ.update(environment)
    left = [number]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def write(self: Any, *given: Any, **named: Any) -> Any:
            if not (real is run and given[0].lstrip().startswith("SELECT")):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(self, *given, **named)

        return write

    run = Database.run
    for owner, name in ((Bucket, "put"), (Bucket, "delete"), (Database, "run")):
        setattr(owner, name, counted(getattr(owner, name)))
    getattr(steps, step)(**arguments)


def ledger(layout: Layout) -> list[str]:
    """What became of the entries."""
    rows = [row for day in layout.dates("outcomes") for row in read_partition(layout, "outcomes", day).to_pylist()]
    return sorted(f"{row['entry_key']} {row['article_id']} {row['tries']}" for row in rows)


@pytest.mark.parametrize(
    ("make", "step", "arguments", "at_least"),
    [
        pytest.param(with_parts, "publish", PUBLISH, 15, id="publish"),
        pytest.param(with_articles, "dedupe", {}, 8, id="dedupe"),
    ],
)
def test_killed_between_any_two_writes(
    tmp_path: Path,
    bucket_server: BucketServer,
    postgresql: str,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Layout], None],
    step: str,
    arguments: dict[str, Any],
    at_least: int,
) -> None:
    """And once more, undisturbed: the store of a folder where nothing was killed."""
    (tmp_path / "feeds.toml").write_text(FEEDS)
    monkeypatch.setenv("WIRECOPY_FEEDS", str(tmp_path / "feeds.toml"))
    monkeypatch.setenv("WIRECOPY_NOW", at(12, 25).isoformat())

    def on(layout: Layout) -> Any:
        make(layout)
        use_store(monkeypatch, layout)
        return layout

    quiet = on(Layout(tmp_path / "quiet").make())
    getattr(steps, step)(**arguments)
    expected, booked, code, number = content(quiet), ledger(quiet), -9, 0
    while code == -9:
        number += 1
        beside = Beside(database=postgresql, folder=tmp_path / f"{number}" / "scratch")
        layout = on(Layout(BucketPath(bucket_server.new_url()), beside).make())
        child = FORKSERVER.Process(target=die_at_write, args=(dict(os.environ), number, step, arguments))
        child.start()
        child.join(120)
        code = child.exitcode
        getattr(steps, step)(**arguments)
        assert content(layout) == expected, f"after a kill before write {number}"
        assert ledger(layout) == booked
        assert layout.files.find(layout.staging, "*.part") == []
    assert code == 0
    assert number > at_least
    print(f"{step} killed before each of {number - 1} writes")
