"""Kills and outages under a real scheduler: afterwards the store is what it would be without them.

One Airflow for all; every fault gets a data folder of its own, while the newsroom's time stands still.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from demo.newsroom.truth import Truth
from tests.airflow.api import Api, until
from tests.airflow.stack import Stack, holds, running
from tests.wirecopy.builders import content
from wirecopy.store.files.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("airflow")]

# DAGs wait until a test lets them run; live runs a minute apart, so that an outage of two minutes misses some.
SETTINGS = {
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "WIRECOPY_LIVE_MINUTES": "1",
    "WIRECOPY_MAX_AGE": "7d",
    "WIRECOPY_SHARE_FEED_FOR": "1s",
    "WIRECOPY_HOST_GAP": "1s",  # a pull lasts long enough to be killed in its middle
}
CAPTURES = {"fetched_at", "last_fetched_at"}  # when a page was fetched is a fact of the capture
GONE = "harbor"  # a publisher that answers no more after the outage; all its entries tell their dates
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A `wirecopy airflow --demo` of its own; it is the end of the newsroom's second day."""
    with running(tmp_path_factory.mktemp("faults") / "home", SETTINGS) as started:
        started.set_newsroom_clock((_midnight(started) - timedelta(minutes=1)).isoformat())
        yield started


@pytest.fixture(scope="module")
def api(desk: Stack) -> Api:
    """The stack's REST API, logged in."""
    return desk.ready()


def _midnight(desk: Stack) -> datetime:
    """The end of the newsroom's second day: the last midnight."""
    return desk.site().anchor - timedelta(days=1)


def _use(desk: Stack, folder: str) -> Layout:
    """Let all that starts from now on work in another, empty data folder."""
    settings = desk.home / "demo" / "wirecopy.toml"
    lines = settings.read_text().splitlines()
    settings.write_text("\n".join(f'data = "{folder}"' if line.startswith("data =") else line for line in lines) + "\n")
    return Layout(desk.home / "demo" / folder)


def _settled(api: Api, layout: Layout) -> dict[str, list[dict[str, Any]]]:
    """What the store holds, without the times of capture, when copies are found in every date."""

    def done() -> bool:
        held = content(layout, "articles", "clusters")
        return len(held["articles"]) == len(held["clusters"]) > 0

    until(done, seconds=120, what="clusters of every article")
    api.quiet("wirecopy_dedupe")
    return {
        table: [{name: value for name, value in row.items() if name not in CAPTURES} for row in rows]
        for table, rows in content(layout).items()
    }


@pytest.fixture(scope="module")
def undisturbed(desk: Stack, api: Api) -> dict[str, list[dict[str, Any]]]:
    """What the day's run brings if nobody touches it: the scheduled one, which unpausing makes."""
    layout = _use(desk, "undisturbed")
    api.pause("wirecopy_dedupe", paused=False)
    api.pause("wirecopy_day", paused=False)
    until(lambda: api.runs("wirecopy_day"), seconds=60, what="a scheduled run")
    (run,) = api.quiet("wirecopy_day")
    assert (run["state"], run["run_type"]) == ("success", "scheduled")
    held = _settled(api, layout)
    assert {row["canonical_url"] for row in held["articles"]} == {one.url for one in _truth(desk)}
    assert held["matches"]
    return held


def _truth(desk: Stack) -> list[Truth]:
    """Yesterday's articles that a past run can take: those whose entry tells its date."""
    articles = desk.site().world.articles
    day = (_midnight(desk) - timedelta(days=1)).date().isoformat()
    return [one for one in desk.truth(day) if "no-date" not in articles[one.slug].quirks]


def _at_work(layout: Layout) -> psutil.Process | None:
    """The process of a pull task that has entries in work."""
    for journal in layout.staging.glob("*.journal"):
        if '"took"' in _text(journal):
            return next((process for process in psutil.process_iter() if holds(process, journal)), None)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _kill_task(_desk: Stack, task: psutil.Process) -> None:
    os.kill(task.pid, signal.SIGKILL)


def _kill_supervisor(_desk: Stack, task: psutil.Process) -> None:
    """Airflow's worker process above the task; the task lives on and writes while its retry runs."""
    worker = task.parent()
    assert worker is not None
    assert "LocalExecutor" in " ".join(worker.cmdline())
    os.kill(worker.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert task.is_running()


def _kill_scheduler(desk: Stack, _task: psutil.Process) -> None:
    desk.kill("scheduler")


def _kill_database(desk: Stack, _task: psutil.Process) -> None:
    desk.kill("postgres")


@pytest.mark.parametrize(
    "kill",
    [_kill_task, _kill_supervisor, _kill_scheduler, _kill_database],
    ids=["task", "its-supervisor", "scheduler", "database"],
)
def test_killed_in_the_middle(desk: Stack, api: Api, undisturbed: dict[str, Any], kill: Callable[..., None]) -> None:
    """kill -9 while a pull is at work: the run ends green, and every table holds what it holds without the kill."""
    layout = _use(desk, f"killed{kill.__name__}")
    run_id = api.trigger("wirecopy_day")  # no logical date: the last complete day
    task = until(lambda: _at_work(layout), seconds=90, what="a pull at work", every=0.05)
    assert task is not None
    kill(desk, task)
    until(api.healthy, seconds=120, what="health")
    assert api.finished("wirecopy_day", run_id, seconds=300)["state"] == "success"
    assert _settled(api, layout) == undisturbed


def test_poison_page(desk: Stack, api: Api, undisturbed: dict[str, Any]) -> None:
    """A page that kills whoever extracts it: verdict is red and names it, the rest is published; once it is mended the
    cleared run brings it.
    """
    layout = _use(desk, "poisoned")
    bad = _truth(desk)[0]
    desk.poison.write_text(bad.slug)
    run_id = api.trigger("wirecopy_day")
    run = api.finished("wirecopy_day", run_id)
    tasks = api.tasks("wirecopy_day", run_id)
    assert (run["state"], tasks["publish"], tasks["verdict"]) == ("failed", "success", "failed")
    held = {row["canonical_url"] for row in content(layout, "articles")["articles"]}
    assert held == {row["canonical_url"] for row in undisturbed["articles"]} - {bad.url}
    assert api.result("wirecopy_day", run_id, "publish")["crashed"] == [bad.url]
    desk.poison.unlink()
    api.clear("wirecopy_day", run_id)
    assert api.finished("wirecopy_day", run_id)["state"] == "success"
    assert _settled(api, layout) == undisturbed


def test_scheduler_that_was_off(desk: Stack, api: Api) -> None:
    """Missed live runs are not made up; the next one takes all that feeds still show, the day's run what only raw/
    holds, and nothing is missing.
    """
    layout = _use(desk, "outage")
    feeds = desk.home / "demo" / "feeds.toml"
    feeds.write_text(re.sub(r"^every = .*$", 'every = "1m"', feeds.read_text(), flags=re.M))  # all due after the outage
    early = _midnight(desk) - timedelta(hours=20)
    desk.set_newsroom_clock(early.isoformat())
    api.pause("wirecopy_live", paused=False)
    until(lambda: content(layout, "articles")["articles"], seconds=120, what="a live run's articles")
    api.idle("wirecopy_live")
    before = {row["canonical_url"] for row in content(layout, "articles")["articles"]}
    desk.hold("scheduler")
    last = _end(api.runs("wirecopy_live")[-1])
    desk.set_newsroom_clock((_midnight(desk) - timedelta(minutes=1)).isoformat())  # twenty hours go by
    _pull_without_publishing(desk, layout)
    desk.switch(GONE, off=True)
    until(lambda: _next(api) >= last + 2 * MINUTE, seconds=300, what="a live run that is passed over", every=1)
    desk.release("scheduler")
    later = until(lambda: _after(api, last), seconds=120, what="the next live run")
    assert api.finished("wirecopy_live", later["dag_run_id"])["state"] == "success"
    assert _end(later) >= last + 2 * MINUTE
    api.pause("wirecopy_live", paused=True)
    api.idle("wirecopy_live")
    gone = {one.url for one in desk.site().truth() if desk.site().world.articles[one.slug].publisher == GONE} - before
    live = {row["canonical_url"] for row in content(layout, "articles")["articles"]}
    assert before < live
    assert not gone & live
    api.pause("wirecopy_day", paused=False)
    assert api.finished("wirecopy_day", api.trigger("wirecopy_day"))["state"] == "success"
    desk.switch(GONE, off=False)
    held = {row["canonical_url"] for row in content(layout, "articles")["articles"]}
    assert gone & held
    out = {one.url for one in desk.site().truth() if one.ends == "article" and one.published_at < _midnight(desk)}
    assert held == out


def _pull_without_publishing(desk: Stack, layout: Layout) -> None:
    """A run that is lost after its pull, with all that waited in staging: only raw/ has what it fetched."""
    run = "p = steps.plan(kind='day', run_id='lost')\nfor shard in p['shards']: steps.pull(**shard)"
    settings = desk.environment | {"WIRECOPY_CONFIG": str(desk.home / "demo" / "wirecopy.toml")}
    command = [sys.executable, "-c", f"from wirecopy import steps\n{run}"]
    subprocess.run(command, env=os.environ | settings, check=True, timeout=120)
    for path in layout.staging.iterdir():
        path.unlink()


def test_an_old_live_run_cleared(desk: Stack, api: Api) -> None:
    """Hours later it is a past run: of all that is new now it takes nothing, because none of it was published then."""
    layout = Layout(desk.home / "demo" / "outage")
    before = content(layout, "articles")["articles"]
    start = _midnight(desk) - timedelta(days=1)
    old = {"logical_date": _iso(start), "data_interval_start": _iso(start), "data_interval_end": _iso(start + MINUTE)}
    run_id = api.trigger("wirecopy_live", **old)
    api.pause("wirecopy_live", paused=False)
    assert api.finished("wirecopy_live", run_id)["state"] == "success"
    api.pause("wirecopy_live", paused=True)
    api.idle("wirecopy_live")
    desk.set_newsroom_clock(desk.site().anchor.isoformat())  # now there is more, all of it of today
    api.clear("wirecopy_live", run_id)
    api.pause("wirecopy_live", paused=False)
    assert api.finished("wirecopy_live", run_id)["state"] == "success"
    api.pause("wirecopy_live", paused=True)
    report = api.result("wirecopy_live", run_id, "publish")
    assert (report["mode"], report["outcomes"], report["dates"]) == ("past", {}, [])
    assert report["entries"]["outside"] > 0
    api.idle("wirecopy_live")
    past = [row for row in content(layout, "articles")["articles"] if row["date"] < _midnight(desk).date()]
    assert past == before


def _after(api: Api, last: datetime) -> dict[str, Any] | None:
    """The first live run of an interval that ends after *last*."""
    return next((run for run in api.runs("wirecopy_live") if _end(run) > last), None)


def _next(api: Api) -> datetime:
    """The end of the interval that the next live run will have; the DAG processor keeps it current."""
    return datetime.fromisoformat(api.get("/api/v2/dags/wirecopy_live")["next_dagrun_data_interval_end"])


def _end(run: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(run["data_interval_end"])


def _iso(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
