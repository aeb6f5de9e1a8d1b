"""The control of a real supervisord over its socket, with programs that are no Airflow."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wirecopy.local import supervision
from wirecopy.local.home import Home
from wirecopy.local.supervision import Program, Supervisor, socket_of

SECONDS = 30.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path / "home")
    found.make()
    return found


@pytest.fixture
def running(home: Home) -> Iterator[Supervisor]:
    """supervisord with a program that runs and one that waits."""
    programs = [
        Program(name=name, command=("sleep", "600"), directory=home.root, start_seconds=0, at_once=name == "early")
        for name in ("early", "scheduler")
    ]
    supervisor = Supervisor.start(home, programs, os.environ)
    yield supervisor
    supervisor.stop()
    supervisor.process.wait(SECONDS)


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def test_states_and_starts(running: Supervisor) -> None:
    """The states of all programs are read, and one that waits is started."""
    until(lambda: running.statuses().get("early", None) is not None and running.statuses()["early"].state == "RUNNING")
    waiting = running.statuses()["scheduler"]
    assert (waiting.state, waiting.pid) == ("STOPPED", 0)
    running.begin("scheduler")
    until(lambda: running.statuses()["scheduler"].state == "RUNNING")
    os.kill(running.statuses()["scheduler"].pid, 0)
    running.begin("scheduler")  # it runs already: no error
    running.begin("nobody")


def test_nobody_listens(home: Home) -> None:
    """No socket yet, or one that a dead supervisord left: nothing is known, and nothing raised."""
    supervisor = Supervisor(home, process=None)  # type: ignore[arg-type]
    assert supervisor.statuses() == {}
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(socket_of(home)))
    assert supervisor.statuses() == {}


def test_one_that_hangs_is_left(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisord that takes the question and never answers costs the time-out and no more."""
    monkeypatch.setattr(supervision, "TIMEOUT", 0.3)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(socket_of(home)))
        silent.listen()
        started = time.monotonic()
        assert Supervisor(home, process=None).statuses() == {}  # type: ignore[arg-type]
        assert 0.3 <= time.monotonic() - started < 10
