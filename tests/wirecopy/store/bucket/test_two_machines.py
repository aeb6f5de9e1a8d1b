"""Two machines with nothing in common but a bucket and a PostgreSQL do one run, and it equals that of one folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.newsroom import Newsroom
from tests.wirecopy.lived import ANCHOR, use_folder
from wirecopy import steps
from wirecopy.settings import load_settings
from wirecopy.store.files.columns import CONTENT_COLUMNS
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.files.partition import read_partition

pytestmark = pytest.mark.slow


def rows(layout: Layout) -> dict[str, list[Any]]:
    """CONTENT_COLUMNS of all rows."""
    return {
        table: [
            (day, *row.values())
            for day in layout.dates(table)
            for row in read_partition(layout, table, day).select(list(columns)).to_pylist()
        ]
        for table, columns in CONTENT_COLUMNS.items()
    }


def a_run(machines: list[Callable[[], None]]) -> Layout:
    """plan, pull of two shards, publish and dedupe, each step on the next machine."""
    turn = iter(machines * 10)

    def on_the_next(step: Callable[..., Any], **given: Any) -> Any:
        next(turn)()
        return step(**given)

    planned = on_the_next(steps.plan, kind="live", run_id="first")
    assert len(planned["shards"]) == 2
    counts = [on_the_next(steps.pull, **shard) for shard in planned["shards"]]
    report = on_the_next(steps.publish, run=planned["run"], pulled=counts)
    assert (report["unaccounted"], report["set_aside"]) == (0, 0)
    on_the_next(steps.dedupe)
    on_the_next(steps.check_store)
    return layout_of(load_settings())


def test_two_machines_share_a_bucket_and_a_database(tmp_path, bucket_server, postgresql, monkeypatch):
    """Each step runs where the one before did not; no machine keeps anything, and the store equals a folder's."""

    def machine(name: str, url: str | None = None) -> Callable[[], None]:
        def use() -> None:
            use_folder(monkeypatch, tmp_path / name)
            monkeypatch.setenv("WIRECOPY_SHARDS", "2")
            monkeypatch.setenv("WIRECOPY_FEEDS", str(tmp_path / "feeds.toml"))
            for key, value in {"STORE_URL": url, "STATE_URL": postgresql if url else None}.items():
                if value:
                    monkeypatch.setenv(f"WIRECOPY_{key}", value)

        return use

    with Newsroom(anchor=ANCHOR, slow=timedelta(milliseconds=20)) as newsroom:
        newsroom.write_feeds(tmp_path / "feeds.toml")
        alone = a_run([machine("alone")])
        url = bucket_server.new_url()
        shared = a_run([machine("one", url), machine("two", url)])
    assert shared.root != alone.root
    expected = rows(alone)
    assert expected["articles"]
    assert expected["clusters"]
    assert rows(shared) == expected
    assert _left_on(tmp_path / "one", tmp_path / "two") == []
    assert shared.files.find(shared.staging, "*") == []


def _left_on(*machines: Path) -> list[Path]:
    return [path for machine in machines for path in machine.rglob("*") if path.is_file()]
