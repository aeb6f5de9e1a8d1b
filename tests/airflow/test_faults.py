"""Kills under a real scheduler: afterwards the store is what it would be without them."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest
from psutil import Process

from tests.airflow.api import Api, until
from tests.airflow.desk import Desk
from tests.airflow.stack import COMMAND, Stack, parents_of, processes_of, was_started_with
from wirecopy.store.alerts import read_alerts
from wirecopy.store.files.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("airflow-faults")]
LONG = "700ms"  # between two requests to a host: a pull lasts long enough to be killed in its middle
EXECUTOR = "LocalExecutor"
Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def known() -> dict[str, Tables]:
    """What `_undisturbed` has found, by its first day: no desk has other days, and no time of capture is in it."""
    return {}


def _undisturbed(desk: Desk, first: str, known: dict[str, Tables]) -> Tables:
    """What the days from *first* on bring without Airflow."""
    if first not in known:
        known[first] = _brought_by_the_command(desk, first)
    return known[first]


def _brought_by_the_command(desk: Desk, first: str) -> Tables:
    """The same, of `wirecopy run` into a data folder beside the desk's."""
    beside = desk.layout.root.with_name(desk.layout.root.name + "-undisturbed")
    settings = {"WIRECOPY_CONFIG": str(desk.settings), "WIRECOPY_DATA": str(beside), "WIRECOPY_HOST_GAP": "0"}
    command = [COMMAND[0], "run", "--from", first, "--to", desk.days[2]]
    subprocess.run(command, env=os.environ | settings, check=True, timeout=120, capture_output=True)
    found = Desk(desk.stack, desk.api, Layout(beside))
    assert found.holds() == {day: urls for day, urls in desk.expected(desk.midnight).items() if day >= first}
    assert found.query("SELECT count(*) > 0 FROM {matches}") == [(True,)]
    return found.tables()


def _differences(found: Tables, expected: Tables) -> list[str]:
    """Rows that only one of the two has, as text."""
    rows = [{f"{table} {row}" for table in one for row in one[table]} for one in (found, expected)]
    sizes = [f"{table}: {len(found[table])} rows" for table in found if len(found[table]) != len(expected[table])]
    return sizes + [f"found {row}" for row in sorted(rows[0] - rows[1])] + sorted(rows[1] - rows[0])


def _kill_task(task: psutil.Process) -> None:
    os.kill(task.pid, signal.SIGKILL)


def _kill_supervisor(task: psutil.Process) -> None:
    """Airflow's worker process above the task; the task lives on and writes while its retry runs."""
    worker = task.parent()
    assert worker is not None
    assert was_started_with(worker, EXECUTOR)
    os.kill(worker.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert task.is_running()


class _Killer(threading.Thread):
    """Kills at a pull task of a day as soon as it has entries in work."""

    def __init__(self, desk: Desk, day: str, kill: Callable[[psutil.Process], None]) -> None:
        super().__init__(daemon=True)
        self.desk, self.day, self.kill = desk, day, kill
        self.has_killed = threading.Event()
        self.start()

    def run(self) -> None:
        task = until(lambda: self.desk.pulling(self.day), seconds=240, what=f"a pull of {self.day} at work", every=0.05)
        assert task is not None
        self.kill(task)
        self.has_killed.set()


def test_tasks_killed_in_a_backfill(desk_of: Callable[..., Desk], api: Api, known: dict[str, Tables]) -> None:
    """kill -9 of the task of one day, and of the process above that of another: all runs end green at the second try,
    and every table holds what it holds without the kills. Done again, no byte changes, and the ledger gains attempts.
    """
    desk = desk_of(host_gap=LONG)
    killers = [_Killer(desk, desk.days[1], _kill_task), _Killer(desk, desk.days[2], _kill_supervisor)]
    api.backfill("wirecopy_day", desk.days[0], desk.days[2])
    runs = {run["data_interval_start"][:10]: run for run in api.quiet("wirecopy_day", seconds=300)}
    assert all(killer.has_killed.is_set() for killer in killers)
    assert {day: run["state"] for day, run in runs.items()} == dict.fromkeys(desk.days, "success")
    assert [api.tries("wirecopy_day", runs[day]["dag_run_id"], "pull/0") for day in desk.days[1:]] == [2, 2]
    desk.settled()
    assert _differences(desk.tables(), _undisturbed(desk, desk.days[0], known)) == []
    before, attempts = desk.files(), desk.attempts()
    desk.set(host_gap="10ms")
    api.backfill("wirecopy_day", desk.days[0], desk.days[2], reprocess="completed")
    again = api.quiet("wirecopy_day", seconds=300)
    assert {run["dag_run_id"]: run["state"] for run in again} == {run["dag_run_id"]: "success" for run in runs.values()}
    desk.settled()
    assert desk.files() == before
    assert set(attempts) == {run["dag_run_id"] for run in again}
    assert all(desk.attempts()[run_id] > count for run_id, count in attempts.items())


def _kill_scheduler(desk: Desk) -> Callable[[], None]:
    """It is started again; no worker of the old one stays."""
    before = _workers(desk.stack)
    new = desk.stack.kill("scheduler")

    def check() -> None:
        until(lambda: not before & _workers(desk.stack), seconds=90, what="the end of the killed scheduler's workers")
        assert parents_of(_workers(desk.stack)) == {new}
        desk.stack.says("scheduler ended and was started again", seconds=10)

    return check


def _workers(stack: Stack) -> set[int]:
    return {process.pid for process in processes_of(stack.home) if was_started_with(process, EXECUTOR)}


def _kill_database(desk: Desk) -> Callable[[], None]:
    desk.stack.kill("postgres")
    return lambda: desk.stack.says("postgres ended and was started again", seconds=10) and None


@pytest.mark.parametrize(
    ("kill", "tries"), [(_kill_scheduler, {1}), (_kill_database, {1, 2})], ids=["scheduler", "database"]
)
def test_component_killed_in_the_middle(
    desk_of: Callable[..., Desk],
    api: Api,
    known: dict[str, Tables],
    kill: Callable[[Desk], Callable[[], None]],
    tries: set[int],
) -> None:
    """kill -9 while a pull is at work: the run ends green, and every table holds what it holds without the kill. A
    task outlives its scheduler.
    """
    desk = desk_of(host_gap=LONG)
    run_id = api.trigger_day(desk.days[2])
    until(lambda: desk.pulling(desk.days[2]), seconds=90, what="a pull at work", every=0.05)
    check = kill(desk)
    until(api.healthy, seconds=120, what="health")
    assert api.finished("wirecopy_day", run_id, seconds=300)["state"] == "success"
    assert api.tries("wirecopy_day", run_id, "pull/0") in tries
    check()
    desk.settled()
    assert _differences(desk.tables(), _undisturbed(desk, desk.days[2], known)) == []


def test_a_run_by_hand_that_was_killed_is_told(desk_of: Callable[..., Desk], api: Api) -> None:
    """Without a logical date, kill -9 of its task and no retry: Airflow could not list it, and it is an alarm; cleared
    and green it is over.
    """
    desk = desk_of(host_gap=LONG, mute=["run_late", "disk"])
    run_id = api.trigger("wirecopy_live")
    api.pause("wirecopy_live", paused=False)

    def at_work() -> Process | None:
        api.end_scheduled("wirecopy_live")
        return desk.pulling(run_id=run_id)

    task = until(at_work, seconds=120, what="a pull at work", every=0.3)
    assert task is not None
    task.kill()
    api.pause("wirecopy_live", paused=True)
    api.make_red("wirecopy_live", run_id)
    assert _told(desk) == ["raised"]
    desk.set(host_gap="10ms")
    api.clear("wirecopy_live", run_id)
    api.pause("wirecopy_live", paused=False)
    assert api.finished("wirecopy_live", run_id)["state"] == "success"
    assert _told(desk) == ["raised", "cleared"]


def _told(desk: Desk) -> list[str]:
    """What the table `alerts` has of red live runs, after one more look."""
    run_id = desk.api.trigger("wirecopy_alarms")
    desk.api.pause("wirecopy_alarms", paused=False)
    assert desk.api.finished("wirecopy_alarms", run_id)["state"] == "success"
    rows = read_alerts(desk.layout, datetime.now(UTC))
    return [row["event"] for row in rows if (row["kind"], row["subject"]) == ("run_failed", "wirecopy_live")]
