"""What is left behind by a stop, a closed terminal and kills: nothing that stops the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.airflow.api import until
from tests.airflow.stack import COMMAND, Stack, free_port, processes_of

slow = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("airflow")]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(home=tmp_path / "a home of 100% length, too long for a socket, with spaces in its name" / "home")
    try:
        yield stack
    finally:
        stack.kill_everything()


def fails(*arguments: str, cwd: Path, **environment: str) -> tuple[int, str]:
    """Exit code and stderr of the command."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WIRECOPY_")}
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_no_feed_list(tmp_path: Path) -> None:
    """Says which file is missing and what to do."""
    code, said = fails("--home", str(tmp_path / "home"), cwd=tmp_path)
    assert code == 2
    assert str(tmp_path / "feeds.toml") in said
    assert "--demo" in said


def test_port_in_use(tmp_path: Path) -> None:
    """Says so and names the option."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        port = one.getsockname()[1]
        code, said = fails("--demo", "--home", str(tmp_path / "home"), "--port", str(port), cwd=tmp_path)
    assert code == 2
    assert f"port {port} is in use" in said
    assert "--port" in said


def test_one_instance_per_home(tmp_path: Path) -> None:
    """A second one names the process of the first."""
    from wirecopy.local.home import Home, only_runner

    with only_runner(Home(tmp_path / "home").make()):
        code, said = fails("--demo", "--home", str(tmp_path / "home"), "--port", str(free_port()), cwd=tmp_path)
    assert code == 2
    assert str(os.getpid()) in said


class TestLeavesNothing:
    """One home, started and ended in every way: the order saves full starts."""

    pytestmark = slow

    def test_kills_and_starts_again(self, fresh: Stack) -> None:
        """Two Ctrl-C, kill -9 of the runner, a closed terminal: nothing stays, and the next start is a whole one."""
        fresh.start()
        _wait_for_components(fresh)
        assert fresh.process is not None
        fresh.process.send_signal(signal.SIGINT)
        time.sleep(1)  # a second wish is one that comes later
        began = time.monotonic()
        assert fresh.stop(signal.SIGINT) == 0
        assert time.monotonic() - began < 3
        assert processes_of(fresh.home) == []
        fresh.start()
        _wait_for_components(fresh)
        fresh.process.kill()
        fresh.process.wait()
        until(lambda: not processes_of(fresh.home), seconds=30, what="the end of what the killed runner had started")
        fresh.start()
        _wait_for_components(fresh)
        assert fresh.stop(signal.SIGHUP) == 0
        assert processes_of(fresh.home) == []
        api = fresh.start().ready()
        assert api.healthy()
        supervisor = psutil.Process(fresh.pid_of("postgres")).ppid()
        os.kill(supervisor, signal.SIGKILL)
        assert fresh.process.wait(60) == 1
        assert "supervisord ended" in fresh.output.read_text()
        assert processes_of(fresh.home) == []


def _wait_for_components(stack: Stack) -> None:
    """Until Airflow's processes are on their way."""
    until(lambda: stack.pid_of("scheduler"), seconds=120, what="the scheduler's process")
