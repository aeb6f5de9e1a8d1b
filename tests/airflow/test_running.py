"""Under a real scheduler: scheduled runs, triggers, backfills, kills. The tests share one Airflow and go in order."""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.airflow.api import Api, until
from tests.airflow.stack import TABLES, Stack, holds, processes_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("airflow")]
TODAY = datetime.now(UTC).date()
PAST = [(TODAY - timedelta(days=days)).isoformat() for days in (3, 2, 1)]  # the newsroom has something on the last two
LOCAL = "LocalExecutor"


def published(stack: Stack, day: str) -> set[str]:
    """URLs under a date, by a naive glob."""
    return {url for (url,) in stack.query(f"SELECT canonical_url FROM {{articles}} WHERE date = '{day}'")}


def settled(api: Api) -> None:
    """Wait until nothing runs."""
    for dag_id in ("wirecopy_live", "wirecopy_day", "wirecopy_dedupe"):
        api.quiet(dag_id)


def test_everything_is_healthy(stack: Stack, api: Api) -> None:
    """The four components and the database, and only on loopback."""
    until(api.healthy, seconds=60, what="health")  # on a busy machine one answer may take too long
    ours = processes_of(stack.home)
    connections = [one for process in ours for one in process.net_connections("tcp")]
    listening = {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    assert "127.0.0.1" in listening
    assert all(ip.startswith("127.") for ip in listening)
    assert (stack.home / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_dags_are_there_and_unpaused(api: Api) -> None:
    """Ours only, no import error."""
    dags = api.get("/api/v2/dags")["dags"]
    assert {"wirecopy_live", "wirecopy_day", "wirecopy_dedupe"} <= {dag["dag_id"] for dag in dags}
    assert all(dag["dag_id"].startswith("wirecopy_") and not dag["is_paused"] for dag in dags)
    assert api.get("/api/v2/importErrors")["total_entries"] == 0


def test_first_scheduled_run_brings_articles(stack: Stack, api: Api) -> None:
    """Unpausing makes one run of the last complete interval, and that one finds what the feeds show."""
    run = until(lambda: api.runs("wirecopy_live"), seconds=60, what="a scheduled run")[0]
    assert run["run_type"] == "scheduled"
    assert api.finished("wirecopy_live", run["dag_run_id"])["state"] == "success"
    assert published(stack, TODAY.isoformat()) or published(stack, PAST[-1])


def test_dedupe_wakes_per_touched_date(stack: Stack, api: Api) -> None:
    """One run per date that publish named, each with its date, and afterwards every date has its clusters."""
    settled(api)
    touched = {str(day) for (day,) in stack.query("SELECT DISTINCT date FROM {articles}")}
    runs = until(lambda: _woken(api, touched), seconds=90, what=f"dedupe runs for {touched}")
    assert {run["state"] for run in api.quiet("wirecopy_dedupe")} == {"success"}
    assert all(run["run_type"] == "asset_triggered" for run in runs)
    assert stack.query("SELECT count(*) FROM {articles}") == stack.query("SELECT count(*) FROM {clusters}")


def _woken(api: Api, dates: set[str]) -> list[dict[str, object]]:
    runs = api.runs("wirecopy_dedupe")
    return runs if dates <= {run["partition_key"] for run in runs} else []


def test_trigger_without_a_date_means_the_last_complete_interval(api: Api) -> None:
    """An API trigger with a null logical date has no interval; plan gives it one. It finds nothing new and is green."""
    run_id = api.trigger("wirecopy_live")
    run = api.finished("wirecopy_live", run_id)
    assert (run["state"], run["data_interval_start"]) == ("success", None)
    report = api.result("wirecopy_live", run_id, "publish")
    hour = datetime.fromisoformat(run["run_after"]).replace(minute=0, second=0, microsecond=0)
    assert (datetime.fromisoformat(report["start"]), datetime.fromisoformat(report["end"])) == (
        hour - timedelta(hours=1),
        hour,
    )
    assert report["mode"] == "live"
    assert api.tasks("wirecopy_live", run_id) == {
        "plan": "success",
        "publish": "success",
        "announce": "skipped",
        "verdict": "success",
        "pull": "skipped",
    }


def test_backfill_fills_three_past_days(stack: Stack, api: Api) -> None:
    """All green, also with a task killed in its middle; each day holds what was published then, and nothing else."""
    settled(api)
    killer = _Killer(stack.data, PAST[1])
    killer.start()
    api.backfill("wirecopy_day", PAST[0], PAST[2])
    assert killer.done(), "no pull task of the second day was met at work"
    runs = {run["data_interval_start"][:10]: run for run in api.runs("wirecopy_day")}
    assert {day: runs[day]["state"] for day in PAST} == dict.fromkeys(PAST, "success")
    for day in PAST:
        assert published(stack, day) == {one.url for one in stack.truth(day)}, day
    assert stack.query("SELECT count(*) FROM {articles} WHERE date <> published_at::DATE") == [(0,)]
    tries = api.get(
        f"/api/v2/dags/wirecopy_day/dagRuns/{runs[PAST[1]]['dag_run_id'].replace('+', '%2B')}/taskInstances/pull/0"
    )["try_number"]
    assert tries == 2


class _Killer(threading.Thread):
    """Kills the process of the pull task of one day as soon as it has entries in work."""

    def __init__(self, data: Path, day: str) -> None:
        super().__init__(daemon=True)
        self._staging, self._day, self._killed = data / "state" / "staging", day, threading.Event()

    def run(self) -> None:
        while not self._killed.wait(0.02):
            for journal in self._staging.glob("*.journal"):
                self._look_into(journal)

    def done(self) -> bool:
        ended = self._killed.is_set()
        self._killed.set()
        return ended

    def _look_into(self, journal: Path) -> None:
        try:
            text = journal.read_text()
        except FileNotFoundError:
            return
        if f'"start": "{self._day}' in text and '"took"' in text:
            for process in psutil.process_iter():
                if holds(process, journal):
                    os.kill(process.pid, signal.SIGKILL)
                    self._killed.set()


def test_killed_scheduler_comes_back(stack: Stack, api: Api) -> None:
    """kill -9 in mid-run: started again, the task at work finishes, the run goes on; no worker of the old one stays."""
    settled(api)
    before = _workers(stack)
    run_id = api.trigger("wirecopy_live")
    until(
        lambda: "running" in api.tasks("wirecopy_live", run_id).values(), seconds=60, what="a task at work", every=0.05
    )
    new = stack.kill("scheduler")
    assert api.finished("wirecopy_live", run_id)["state"] == "success"
    tasks = api.get(f"/api/v2/dags/wirecopy_live/dagRuns/{run_id.replace('+', '%2B')}/taskInstances")["task_instances"]
    assert {task["try_number"] for task in tasks if task["state"] == "success"} == {1}
    until(lambda: not before & _workers(stack), seconds=60, what="the end of the killed scheduler's workers")
    assert {process.ppid() for process in map(psutil.Process, _workers(stack))} == {new}
    stack.says("scheduler ended and was started again", seconds=10)


def _workers(stack: Stack) -> set[int]:
    return {process.pid for process in processes_of(stack.home) if LOCAL in " ".join(process.cmdline())}


def test_paused_dedupe_catches_up(stack: Stack, api: Api) -> None:
    """Events that come while it is paused are lost: the next run, here one by hand, sees what is out of date."""
    later = {one.url for one in stack.truth(TODAY.isoformat())} - published(stack, TODAY.isoformat())
    if not later:
        pytest.skip("the newsroom's day is over: nothing more appears today")
    settled(api)
    stack.set_newsroom_clock(stack.site().anchor.isoformat())  # the rest of today's articles appears
    api.pause("wirecopy_dedupe", paused=True)
    before = len(api.runs("wirecopy_dedupe"))
    start, end = f"{TODAY}T00:00:00Z", f"{TODAY + timedelta(days=1)}T00:00:00Z"
    run_id = api.trigger("wirecopy_day", logical_date=start, data_interval_start=start, data_interval_end=end)
    assert api.finished("wirecopy_day", run_id)["state"] == "success"
    assert _unclustered(stack) == len(later)
    api.pause("wirecopy_dedupe", paused=False)
    assert len(api.runs("wirecopy_dedupe")) == before
    assert api.finished("wirecopy_dedupe", api.trigger("wirecopy_dedupe"))["state"] == "success"
    assert _unclustered(stack) == 0


def _unclustered(stack: Stack) -> int:
    return int(stack.query("SELECT count(*) FROM {articles} ANTI JOIN {clusters} USING (article_id)")[0][0])


def test_backfill_again_changes_no_byte(stack: Stack, api: Api) -> None:
    """ "All Runs" clears the same runs in place: results keep their bytes, the ledger gains an attempt."""
    settled(api)
    before = {table: stack.files(table) for table in TABLES}
    assert before["articles"]
    attempts = stack.query("SELECT count(*) FROM {polls}")
    runs = len(api.runs("wirecopy_day"))
    api.backfill("wirecopy_day", PAST[0], PAST[2], reprocess="completed")
    settled(api)
    again = api.runs("wirecopy_day")
    assert len(again) == runs
    assert {run["state"] for run in again} == {"success"}
    assert {table: stack.files(table) for table in TABLES} == before
    assert stack.query("SELECT count(*) FROM {polls}") > attempts
