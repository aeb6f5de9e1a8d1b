"""What is left behind by a stop, a closed terminal and kills: nothing that stops the next start.

The command, its supervisord and its PostgreSQL are real; in Airflow's place stand small processes (standin/), which
start in seconds. The Airflow of conftest.py is the real one, and has had its kills too.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.airflow.api import until
from tests.airflow.stack import AT_ONCE, COMMAND, ODD, READY_SECONDS, STANDIN, Stack, processes_of
from tests.ports import free_port


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


def _interrupted_twice(stack: Stack) -> None:
    """The second Ctrl-C ends all at once."""
    assert stack.interrupt_twice() < AT_ONCE
    assert processes_of(stack.home) == []


def _killed(stack: Stack) -> None:
    """kill -9 of the command: what it kept ends by itself, but for the worker that nobody keeps."""
    stack.kill_command()
    until(lambda: len(processes_of(stack.home)) == 1, seconds=30, what="the end of what the killed command had kept")


def _terminal_closed(stack: Stack) -> None:
    assert stack.stop(signal.SIGHUP) == 0
    assert processes_of(stack.home) == []


def _supervisord_killed(stack: Stack) -> None:
    """The command says so, ends the rest, and ends."""
    assert stack.process is not None
    os.kill(psutil.Process(stack.pid_of("postgres")).ppid(), signal.SIGKILL)
    assert stack.process.wait(60) == 1
    assert "supervisord ended" in stack.output.read_text()
    assert processes_of(stack.home) == []


ENDS = (_interrupted_twice, _killed, _terminal_closed, _supervisord_killed)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Callable[[Stack], None], Future[None]]]:
    """Every end in a home of its own, all at once: they are waits, supervisord looks once a second."""
    with ThreadPoolExecutor(len(ENDS)) as pool:
        yield {end: pool.submit(_story, tmp_path_factory.mktemp("stopping") / ODD / "home", end) for end in ENDS}


def _story(home: Path, end: Callable[[Stack], None]) -> None:
    stack = Stack(home=home, environment={"PYTHONPATH": str(STANDIN)})
    try:
        stack.start().says("Airflow is ready", seconds=READY_SECONDS)
        assert (home / "scheduler-found").read_text() == "the api-server"  # else its first tasks fail with empty logs
        end(stack)
        left = processes_of(stack.home)
        said = stack.start().says("Airflow is ready", seconds=READY_SECONDS)
        assert (f"ended {len(left)} process(es) that an earlier start had left" in said) == bool(left)
        assert stack.stop() == 0
        assert processes_of(stack.home) == []
    finally:
        stack.kill_everything()


@pytest.mark.slow
@pytest.mark.xdist_group("stopping")
@pytest.mark.parametrize("end", ENDS)
def test_the_next_start_is_a_whole_one(
    stories: dict[Callable[[Stack], None], Future[None]], end: Callable[[Stack], None]
) -> None:
    """Whatever ended the last one: it comes up, is healthy, and a service manager's stop leaves nothing."""
    stories[end].result()
