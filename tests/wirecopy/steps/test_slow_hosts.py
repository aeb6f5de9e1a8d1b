"""A slow host, a slow feed, pages that hang: they wait by themselves, and what is finished is readable meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.wirecopy.sites import Site, a_site
from wirecopy.steps import plan, publish, pull, pulling
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow


@pytest.fixture
def site(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with a_site(layout, tmp_path, monkeypatch) as made:
        yield made


def wait_for(ready: Callable[[], bool], seconds: float = 60.0) -> float:
    """Seconds until *ready*."""
    started = time.monotonic()
    while not ready():
        assert time.monotonic() - started < seconds, "it took too long"
        time.sleep(0.05)
    return time.monotonic() - started


@pytest.mark.slow
def test_parts_are_handed_over_by_age_whatever_is_in_work(site, monkeypatch):
    """One feed of 40 pages, a fifth of a second apart: the first raw file is there long before the last page is."""
    site.shown = [f"A{n}" for n in range(40)]
    monkeypatch.setenv("WIRECOPY_HOST_GAP", "200ms")
    monkeypatch.setattr(pulling, "PART_SECONDS", 1.0)
    monkeypatch.setattr("ingest.pull.PIECE_SECONDS", 0.5)
    run = plan(kind="live", run_id="r")
    thread = threading.Thread(target=lambda: pull(**run["shards"][0]))
    thread.start()
    wait_for(lambda: any(site.layout.raw.rglob("*.parquet")) and any(site.layout.staging.glob("*.part")))
    asked = site.pages_asked()
    thread.join()
    assert asked < 25
    assert publish(run=run["run"], pulled=[{}])["unaccounted"] == 0
    assert len(site.titles()) == 40


@pytest.mark.slow
def test_what_a_kill_costs_is_bounded_though_one_feed_is_in_work(site):
    """With the settings as they are: killed in the middle of one slow feed, what is older than half a minute stays."""
    site.shown, site.slow = [f"A{n}" for n in range(200)], 0.5
    process = site.start("run", "--no-dedupe")
    wait_for(lambda: site.pages_asked() > 120, 100)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert any(site.layout.raw.rglob("*.parquet"))
    site.shown = []
    site.slow = 0.0
    assert site.run() == 0
    assert len(site.titles()) >= 196  # up to four were in work: they are tried again in a quarter of an hour


@pytest.mark.slow
def test_a_host_with_a_long_crawl_delay_delays_nobody(site):
    """30 entries at 5 s each: the other feeds are queryable while it waits, the run ends, and the rest is deferred."""
    site.feeds = {"slow": [f"S{n}" for n in range(30)]} | {f"f{k}": [f"F{k}-{n}" for n in range(3)] for k in range(6)}
    site.write_feeds({"slow": f"{site.other}/slow.xml"} | {f"f{k}": f"{site.base}/f{k}.xml" for k in range(6)})
    site.robots["localhost"] = "User-agent: *\nCrawl-delay: 5\n"
    site.variables["WIRECOPY_HOST_TIME"] = "17s"
    started = time.monotonic()
    process = site.start("run", "--no-dedupe")
    fast = {f"F{k}-{n}" for k in range(6) for n in range(3)}
    readable = wait_for(lambda: fast <= site.titles())
    assert process.poll() is None  # it waits for the slow host
    assert process.wait(60) == 0
    ended = time.monotonic() - started
    assert (readable < ended - 5, ended < 90) == (True, True)
    outcomes = site.outcomes()
    assert outcomes["stored"] + outcomes["deferred"] == 48
    assert 18 < outcomes["stored"] < 40
    site.feeds["slow"] = []  # it shows other entries now, and the deferred ones are tried all the same
    before = len(site.titles())
    assert site.run() == 0
    assert len(site.titles()) > before


def test_polls_that_a_host_has_no_time_for_count_against_no_feed(site, monkeypatch):
    """Four feeds of one host that wants two seconds between two requests: each run polls those that waited longest."""
    names = [f"slow{k}" for k in range(4)]
    site.feeds = {name: [] for name in names}
    site.write_feeds({name: f"{site.other}/{name}.xml" for name in names})
    site.robots["localhost"] = "User-agent: *\nCrawl-delay: 2\n"
    monkeypatch.setenv("WIRECOPY_HOST_TIME", "3s")
    for number in range(3):
        run = plan(kind="live", run_id=f"r{number}")
        report = publish(run=run["run"], pulled=[pull(**shard) for shard in run["shards"]])
        assert report["unread_feeds"] == 0
        if number == 0:
            assert report["polls"]["deferred"] >= 2
        time.sleep(2)
    assert {path for path in list(site.hits) if path.endswith(".xml")} == {f"/{name}.xml" for name in names}
    state = State.open(site.layout, None)
    assert {name: one.failures for name, one in state.feeds().items()} == dict.fromkeys(names, 0)
    state.close()
