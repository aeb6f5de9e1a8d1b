"""What a killed command had taken: the next run, of whatever plan, books it and tries it again."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.records import FeedPull
from tests.wirecopy.builders import HEADER, a_part, a_poll, an_entry, at, taken
from tests.wirecopy.sites import Site, a_site
from wirecopy.cli.app import run_app
from wirecopy.steps import plan, publish
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.journals import Journal, abandoned, unbooked_entries

PLAN = str(HEADER["plan"])
WALL, TRAM, PIER = an_entry("wall"), an_entry("tram"), an_entry("pier")


@pytest.fixture
def site(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with a_site(layout, tmp_path, monkeypatch) as made:
        yield made


def events(layout: Layout) -> Counter[str]:
    """What stands in the journals, by kind."""
    counts: Counter[str] = Counter()
    for path in layout.staging.glob("*.journal"):
        for line in path.read_text().splitlines():
            with suppress(ValueError):
                counts.update(json.loads(line).keys() - {"fetch_id"})
    return counts


def kill_when(site: Site, ready: Callable[[], bool]) -> None:
    """Start a run and kill its whole process group as soon as *ready*."""
    process = site.start("run", "--no-dedupe")
    give_up = time.monotonic() + 60
    while not ready():
        assert process.poll() is None, "the run ended before it was killed"
        assert time.monotonic() < give_up
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_a_killed_command_loses_no_entry_though_the_feed_rotates(site, capsys):
    """40 entries taken, some opened, some ended; killed; the feed shows others; one more run, and all 45 are there."""
    site.shown, site.slow = [f"A{n}" for n in range(40)], 0.05
    kill_when(site, lambda: (found := events(site.layout))["took"] == 40 and found["ended"] >= 6)
    assert (site.titles(), unbooked_entries(site.layout)) == (set(), 40)
    assert run_app(["status", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["unbooked_entries"] == 40
    run_app(["status"])
    told = capsys.readouterr().out
    assert "40 entries" in told
    assert "accounted for" not in told
    site.shown, site.slow = [f"B{n}" for n in range(5)], 0.0
    assert site.run() == 0
    assert {f"B{n}" for n in range(5)} < site.titles()
    left = 45 - len(site.titles())  # pages that were in work are `crashed`: they wait for 15 minutes, as a poison would
    assert left <= 4
    site.variables["WIRECOPY_NOW"] = (datetime.now(UTC) + timedelta(minutes=16)).isoformat()
    assert site.run() == 0
    assert site.titles() == {f"A{n}" for n in range(40)} | {f"B{n}" for n in range(5)}
    assert unbooked_entries(site.layout) == 0


@pytest.mark.slow
def test_every_moment_of_a_kill(site):
    """Killed again and again while the feed shows five new entries each time: in the end, all taken ones are there."""
    taken_names: set[str] = set()
    for number in range(6):
        site.shown, site.slow = [f"K{number}-{n}" for n in range(5)], 0.03
        before = site.hits["/s.xml"]
        kill_when(site, lambda before=before: site.hits["/s.xml"] > before)
        for path in site.layout.staging.glob("*.journal"):
            lines = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
            taken_names |= {json.loads(line["took"])["title"] for line in lines if "took" in line}
    site.shown, site.slow = [], 0.0
    for minutes in (0, 16, 80):
        site.variables["WIRECOPY_NOW"] = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
        assert site.run() == 0
    assert taken_names <= site.titles()


def dead(layout: Layout, attempt: str, *steps: tuple[Any, ...], **header: Any) -> None:
    """The journal of an attempt that was stopped after *steps*."""
    run = HEADER | header
    with suppress(KeyboardInterrupt), Journal(layout, str(run["plan"]), attempt * 32, 0, run) as journal:
        for step, *arguments in steps:
            getattr(journal, step)(*arguments)
        raise KeyboardInterrupt


@pytest.fixture
def desk(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The steps work on *layout*, at noon."""
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "gazette"\nurl = "http://127.0.0.1:9/feed.xml"\n')
    for name, value in {"DATA": layout.root, "FEEDS": tmp_path / "feeds.toml", "NOW": at(12).isoformat()}.items():
        monkeypatch.setenv(f"WIRECOPY_{name}", str(value))
    return layout


def outcomes(layout: Layout) -> list[tuple[Any, ...]]:
    rows = pl.read_parquet(layout.store / "outcomes/**/*.parquet")
    return sorted(rows.select("guid", "code", "run_id", "next_try_at").rows())


def test_the_publish_of_another_plan_books_dead_attempts(desk):
    """A run that is never cleared in Airflow: another DAG's publish books it under its own run, once."""
    a_part(
        desk, [FeedPull(poll=a_poll([taken("pier")]), taken=(taken("pier"),))], plan="x" * 32, run_id="never cleared"
    )
    dead(desk, "d", ("took", PIER), ("took", WALL), ("took", TRAM), ("opened", WALL), plan="x" * 32,
         run_id="never cleared")  # fmt: skip
    for _ in range(2):
        report = publish(run=HEADER | {"mode": "past", "run_id": "backfill"}, pulled=[{}])
    assert report["outcomes"] == {}
    assert outcomes(desk) == [
        ("pier", "stored", "never cleared", None),
        ("tram", "interrupted", "never cleared", at(12)),
        ("wall", "crashed", "never cleared", at(12.25)),
    ]
    assert list(desk.staging.glob("*.journal")) == []


def test_a_task_that_airflow_starts_again_is_not_booked_by_others(desk):
    """Else its entries were known to its own retry, and its run would end green without them. Nobody waits for ever:
    after a quarter of an hour, or when its own plan is published, they are booked.
    """
    dead(desk, "d", ("took", WALL), plan="x" * 32, run_id="killed", retried=True)
    publish(run=HEADER | {"run_id": "another day"}, pulled=[{}])
    assert unbooked_entries(desk) == 1
    (journal,) = desk.staging.glob("*.journal")
    os.utime(journal, (time.time() - 901,) * 2)
    publish(run=HEADER | {"run_id": "another day"}, pulled=[{}])
    assert [row[:3] for row in outcomes(desk)] == [("wall", "interrupted", "killed")]
    dead(desk, "e", ("took", TRAM), plan="y" * 32, run_id="its own", retried=True)
    publish(run=HEADER | {"plan": "y" * 32, "run_id": "its own"}, pulled=[{}])
    assert ("tram", "interrupted", "its own") in [row[:3] for row in outcomes(desk)]


def test_the_next_plan_takes_what_a_dead_attempt_left(desk):
    """Not the run after the next one: what was only taken is tried again at once."""
    dead(desk, "d", ("took", TRAM), plan="x" * 32)
    planned = plan(kind="live", run_id="next")
    assert [code for _, code, _, _ in outcomes(desk)] == ["interrupted"]
    assert planned["run"]["shards"] == 1
    assert unbooked_entries(desk) == 0


def test_a_living_attempt_is_left_alone(desk):
    """Another run is at work in this moment: its journal stays, and nothing of it is booked."""
    with Journal(desk, "x" * 32, "l" * 32, 0, HEADER | {"plan": "x" * 32}) as journal:
        journal.took(TRAM)
        publish(run=HEADER, pulled=[{}])
        assert (journal.path.exists(), unbooked_entries(desk)) == (True, 0)
        assert list(desk.store.glob("outcomes/**/*.parquet")) == []


def test_a_journal_waits_for_ever(desk):
    """A machine that was off for a month: what its last attempt took is booked by the first publish, not swept away."""
    dead(desk, "d", ("took", TRAM), plan="x" * 32)
    (path,) = desk.staging.glob("*.journal")
    os.utime(path, (0, 0))
    publish(run=HEADER, pulled=[{}])
    assert [code for _, code, _, _ in outcomes(desk)] == ["interrupted"]


def test_a_publish_that_fails_keeps_the_journals(desk):
    """What could not be booked is booked by the next one."""
    dead(desk, "d", ("took", TRAM))
    with suppress(ZeroDivisionError), abandoned(desk) as left:
        assert [one.taken.keys() for one in left] == [{TRAM.entry_key}]
        raise ZeroDivisionError
    assert unbooked_entries(desk) == 1


def test_a_damaged_journal_holds_back_no_other(desk):
    """Its lines that can be read count; without its first line nobody knows whose it is, and it is set aside."""
    dead(desk, "d", ("took", TRAM), ("took", WALL))
    dead(desk, "e", ("took", PIER))
    paths = sorted(desk.staging.glob("*.journal"))
    lines = paths[0].read_bytes().splitlines(keepends=True)
    paths[0].write_bytes(lines[0] + b'{"took": "{}"}\n\xff\xfe\n[1]\n' + lines[2])
    paths[1].write_bytes(b"\x00\x00" + b"".join(paths[1].read_bytes().splitlines(keepends=True)[1:]))
    publish(run=HEADER, pulled=[{}])
    assert [(guid, code) for guid, code, _, _ in outcomes(desk)] == [("wall", "interrupted")]
    assert [path.suffix for path in desk.staging.iterdir()] == [".unreadable"]
