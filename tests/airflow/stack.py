"""A local Airflow in tests: started by the command as a user would, and looked at from outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import psutil

from demo.newsroom.site import Site
from demo.newsroom.truth import Truth
from demo.newsroom.world import load_world
from tests.airflow.api import Api, until
from tests.ports import free_port
from wirecopy.local.environment import MARK
from wirecopy.local.home import Home
from wirecopy.local.supervision import Supervisor

ROOT = Path(__file__).resolve().parents[2]
POISON = Path(__file__).parent / "poison"
STANDIN = Path(__file__).parent / "standin"  # processes in Airflow's place, for `environment`
ODD = "a home of 100% length, too long for a socket, with spaces in its name"
COMMAND = (str(Path(sys.executable).parent / "wirecopy"), "airflow")
READY_SECONDS = 240.0
STOP_SECONDS = 60.0
AT_ONCE = 3.0  # seconds after a second Ctrl-C: an orderly end may take ten


def processes_of(home: Path) -> list[psutil.Process]:
    """Everything that runs for *home*: by AIRFLOW_HOME or our mark in the environment, or PostgreSQL in its folder."""
    return [process for process in psutil.process_iter() if _belongs(process, home, Home(home).database.data)]


def _belongs(process: psutil.Process, home: Path, data: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
        return str(home) in (environment.get("AIRFLOW_HOME"), environment.get(MARK)) or process.cwd() == str(data)
    except (psutil.Error, OSError):
        return False


def holds(process: psutil.Process, path: Path) -> bool:
    """Whether a process has a file open."""
    with suppress(psutil.Error, OSError):
        return any(one.path == str(path) for one in process.open_files())
    return False  # it ended while it was looked at


def was_started_with(process: psutil.Process, words: str) -> bool:
    """Whether *words* are in its command line."""
    with suppress(psutil.Error, OSError):
        return words in " ".join(process.cmdline())
    return False


def parents_of(pids: Iterable[int]) -> set[int]:
    """The parents of those of *pids* that still run."""
    found = set()
    for pid in pids:
        with suppress(psutil.Error, OSError):
            found.add(psutil.Process(pid).ppid())
    return found


def listens_on(process: psutil.Process) -> set[str]:
    """The addresses at which a process waits for connections."""
    with suppress(psutil.Error, OSError):
        return {one.laddr.ip for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN}
    return set()


@dataclass
class Stack:
    """One `wirecopy airflow --demo` and what it holds."""

    home: Path
    port: int = field(default_factory=lambda: free_port(""))
    environment: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("--demo",)
    process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> Path:
        """What the command printed, both streams."""
        return self.home.with_name(self.home.name + ".out")

    @property
    def data(self) -> Path:
        """The demo's data folder."""
        return self.home / "demo" / "data"

    def start(self) -> Stack:
        """Start the command, in a session of its own as from a terminal."""
        (self.home / "demo").mkdir(parents=True, exist_ok=True)
        if not (self.home / "demo" / "port").exists():
            (self.home / "demo" / "port").write_text(str(free_port("")))
        command = [*COMMAND, *self.arguments, "--home", str(self.home), "--port", str(self.port)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WIRECOPY_", "AIRFLOW"))}
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=self.home,
                env=clean | {"PYTHONPATH": str(POISON), "POISON": str(self.poison)} | self.environment,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self

    def ready(self) -> Api:
        """The API, when the command says that everything is healthy."""
        self.says("Airflow is ready", seconds=READY_SECONDS)
        password = json.loads((self.home / "passwords.json").read_text())["admin"]
        api = Api(address=f"http://127.0.0.1:{self.port}", password=password)
        api.login()
        return api

    def says(self, text: str, *, seconds: float = 60) -> str:
        """All output, when *text* stands in it."""

        def look() -> str | None:
            said = self.output.read_text(errors="replace")
            assert self.process is not None
            assert text in said or self.process.poll() is None, said
            return said if text in said else None

        return until(look, seconds=seconds, what=f"{text!r} in {self.output}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def interrupt_twice(self) -> float:
        """Ctrl-C, and once more after a second: the seconds from that one to the end."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        time.sleep(1)  # a second wish is one that comes later
        began = time.monotonic()
        assert self.stop(signal.SIGINT) == 0
        return time.monotonic() - began

    def kill_command(self) -> None:
        """kill -9 of the command alone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_everything(self) -> None:
        """After a failed test."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for process in processes_of(self.home):
            process.kill()
        for folder in (
            Home(self.home).database.base,
            Home(self.home).run,
        ):  # outside of the home if it is root's, or long
            shutil.rmtree(folder, ignore_errors=True)

    def pid_of(self, name: str) -> int:
        """Process id of a supervised program, 0 while it does not run."""
        status = self._supervisor().statuses().get(name)
        return status.pid if status and status.state in ("STARTING", "RUNNING") else 0

    def kill(self, name: str) -> int:
        """kill -9 of a supervised program; its new process id, once it has one."""
        before = self.pid_of(name)
        os.kill(before, signal.SIGKILL)
        return until(lambda: (pid := self.pid_of(name)) != before and pid, seconds=60, what=f"a new {name}")

    def _supervisor(self) -> Supervisor:
        assert self.process is not None
        return Supervisor(Home(self.home), self.process)

    @property
    def poison(self) -> Path:
        """Write a part of a page's address here, and every worker that extracts the page dies (see poison/)."""
        return self.home.with_name(self.home.name + ".poison")

    @cached_property
    def site(self) -> Site:
        """The newsroom as the stack serves it: its third day is the one on which it was started."""
        port = int((self.home / "demo" / "port").read_text())
        agency = next(iter(load_world().publishers.values())).address
        with _direct().open(f"http://{agency}:{port}/_newsroom/status", timeout=10) as answer:
            anchor = datetime.fromisoformat(json.load(answer)["anchor"])
        return Site(world=load_world(), anchor=anchor, port=port)

    def truth(self, day: str) -> list[Truth]:
        """What was published on *day* and can be had."""
        return [
            one for one in self.site.truth() if one.ends == "article" and one.published_at.date().isoformat() == day
        ]

    def set_newsroom_clock(self, now: str) -> None:
        """Move the newsroom's time: an ISO instant, or "real"."""
        self._control("PUT", "now", {"now": now})

    def switch(self, *publishers: str, off: bool) -> None:
        """Publishers off the net, or on again; all of them if none is named."""
        for publisher in publishers or self.site.world.publishers:
            self._control("POST", "fault", {"publisher": publisher, "off": off})

    def _control(self, method: str, name: str, wish: dict[str, object]) -> None:
        site = self.site
        agency = next(iter(site.world.publishers.values())).address
        address = f"http://{agency}:{site.port}/_newsroom/{name}"
        request = urllib.request.Request(address, data=json.dumps(wish).encode(), method=method)
        _direct().open(request, timeout=10).close()


def _direct() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
