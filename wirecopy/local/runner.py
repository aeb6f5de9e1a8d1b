"""The sequence: sweep, start, wait until all is well, watch, stop. Nothing here prints: a `Voice` is told what happens."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Final, Protocol

from wirecopy.errors import WirecopyError
from wirecopy.local import health, leftovers
from wirecopy.local.environment import LOOPBACK
from wirecopy.local.home import Home
from wirecopy.local.supervision import COMPONENTS, Program, Status, Supervisor, component, postgres, python

START_SECONDS: Final = 240.0  # a cold disk and a loaded machine; 25 seconds are usual
LOOK: Final = 0.5  # seconds between two looks
AGAIN: Final = 30.0  # seconds after which a program that was given up is asked for once more
SWEEP: Final = 20.0  # seconds between two looks for a killed scheduler's workers
STOP_SECONDS: Final = 40.0  # supervisord's own waits add up to 20
TAIL: Final = 12  # lines of a log that an error shows
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Voice(Protocol):
    """Who tells the user."""

    def begin(self, what: str) -> None:
        """A stage of the start began."""

    def say(self, line: str) -> None:
        """Something happened that the user should see."""

    def ready(self, address: str, password: str) -> None:
        """Everything is healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run."""

    home: Home
    port: int
    folder: Path  # the user's: where the DAGs' tasks work
    environment: Mapping[str, str]
    besides: tuple[Program, ...] = ()  # the demo newsroom

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def programs(self) -> tuple[Program, ...]:
        return (postgres(self.home), *self.besides, *(component(name, self.folder) for name in COMPONENTS))


class Stopped(Exception):
    """The user asked for the end."""


@dataclass(slots=True)
class Wish:
    """Whether the user wants the end, and how urgently: signals set it, loops ask it."""

    signals: int = 0
    wake: threading.Event = field(default_factory=threading.Event)

    def note(self, number: int, frame: FrameType | None) -> None:
        """A signal came."""
        self.signals += 1
        self.wake.set()

    def pause(self, seconds: float) -> None:
        """Wait; raises Stopped as soon as the user wants the end."""
        if self.wake.wait(seconds):
            raise Stopped


@contextmanager
def listening() -> Iterator[Wish]:
    """Ctrl-C, SIGTERM and the closing of the terminal become a wish, also where a shell started us with SIGINT ignored."""
    wish = Wish()
    before = {number: signal.signal(number, wish.note) for number in SIGNALS}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(plan: Plan, voice: Voice, wish: Wish) -> None:
    """Start everything, stay until the user wants the end, stop everything. Raises WirecopyError if Airflow does not come up or supervisord ends."""
    supervisor = None
    try:
        voice.begin("PostgreSQL")
        supervisor = Supervisor.start(plan.home, plan.programs, plan.environment)
        _start(plan, supervisor, voice, wish)
        voice.ready(plan.address, plan.home.password())
        Watch(plan, supervisor, voice, wish).forever()
    except Stopped:
        voice.begin("stopping")
    finally:
        stop(plan.home, supervisor, wish)


def _start(plan: Plan, supervisor: Supervisor, voice: Voice, wish: Wish) -> None:
    _wait(plan, supervisor, wish, lambda: _absent(supervisor, ["postgres"]))
    database = plan.home.database
    airflow = version("apache-airflow")
    if not database.migrated.exists() or database.migrated.read_text() != airflow:
        voice.begin("tables of the metadata database")
        _migrate(plan, wish)
        database.migrated.write_text(airflow)
    for program in plan.besides:
        voice.begin(program.name)
        supervisor.begin(program.name)
        _wait(plan, supervisor, wish, lambda name=program.name: _absent(supervisor, [name]))  # type: ignore[misc]
    voice.begin(", ".join(COMPONENTS))
    for name in COMPONENTS:
        supervisor.begin(name)
    _wait(plan, supervisor, wish, lambda: _absent(supervisor, COMPONENTS) or health.unhealthy(plan.address))


def _absent(supervisor: Supervisor, names: tuple[str, ...] | list[str]) -> list[str]:
    statuses = supervisor.statuses()
    return [name for name in names if name not in statuses or statuses[name].state != "RUNNING"]


def _wait(plan: Plan, supervisor: Supervisor, wish: Wish, missing: Callable[[], list[str]]) -> None:
    """Until nothing is *missing*; raises WirecopyError, with the log of what is, if that takes too long or a program was given up."""
    give_up = time.monotonic() + START_SECONDS
    while names := missing():
        dead = [status.name for status in supervisor.statuses().values() if status.state == "FATAL"]
        if supervisor.ended:
            raise WirecopyError(_story("supervisord ended", plan.home.logs / "supervisord.out"))
        if dead or time.monotonic() > give_up:
            name = (dead or names)[0]
            raise WirecopyError(_story(f"{name} does not come up", plan.home.logs / f"{name}.log"))
        wish.pause(LOOK)


def _migrate(plan: Plan, wish: Wish) -> None:
    """`airflow db migrate`, which also makes airflow.cfg with its secrets."""
    import subprocess

    log = plan.home.logs / "migrate.log"
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603
            python("-m", "airflow", "db", "migrate"), cwd=plan.home.root, env=dict(plan.environment), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        while process.poll() is None:
            wish.pause(0.1)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise WirecopyError(_story("`airflow db migrate` failed", log))
    (plan.home.root / "airflow.cfg").chmod(0o600)  # has the keys of sessions and connections


def _story(what: str, log: Path) -> str:
    """An error with the end of the log that explains it."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()[-TAIL:]
    except OSError:
        lines = []
    return "\n".join([f"{what}. The end of {log}:", *(f"  {line}" for line in lines)])


@dataclass(slots=True)
class Watch:
    """Stays, and tells of every restart."""

    plan: Plan
    supervisor: Supervisor
    voice: Voice
    wish: Wish
    seen: dict[str, Status] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    again_at: float = 0.0
    sweep_at: float = 0.0

    def forever(self) -> None:
        """Until the user wants the end (Stopped); raises WirecopyError if supervisord itself ends."""
        self.seen = self.supervisor.statuses()
        while True:
            self.wish.pause(LOOK)
            if self.supervisor.ended:
                raise WirecopyError(f"supervisord ended (see {self.plan.home.logs / 'supervisord.log'}): everything was stopped. Start again.")
            for status in self.supervisor.statuses().values():
                self._look_at(status)
            self._revive()
            self._sweep()

    def _look_at(self, status: Status) -> None:
        before = self.seen.get(status.name)
        if status.pid and before and status.pid != before.pid:
            count = self.restarts[status.name] = self.restarts.get(status.name, 0) + 1
            self.voice.say(f"{status.name} ended and was started again (restart {count}, process {status.pid})")
            self.sweep_at = time.monotonic() + LOOK if status.name == "scheduler" else self.sweep_at
        elif status.state == "FATAL" and before and before.state != "FATAL":
            self.voice.say(f"{status.name} keeps ending: see {self.plan.home.logs / (status.name + '.log')}; it is tried again every {AGAIN:.0f} seconds")
        pid = status.pid or (before.pid if before else 0)
        self.seen[status.name] = Status(name=status.name, state=status.state, pid=pid)

    def _revive(self) -> None:
        """Ask once more for what supervisord gave up."""
        if time.monotonic() < self.again_at:
            return
        self.again_at = time.monotonic() + AGAIN
        for status in self.seen.values():
            if status.state == "FATAL":
                self.supervisor.begin(status.name)

    def _sweep(self) -> None:
        """End the idle workers of schedulers that were killed, as long as there may be some."""
        if not self.restarts.get("scheduler") or time.monotonic() < self.sweep_at:
            return
        self.sweep_at = time.monotonic() + SWEEP
        leftovers.end_orphaned_workers(self.plan.home)


def stop(home: Home, supervisor: Supervisor | None, wish: Wish) -> None:
    """End everything in order, or at once after a second signal; whatever is left then is killed."""
    already = wish.signals
    give_up = time.monotonic() + STOP_SECONDS
    if supervisor:
        supervisor.stop()
        while not supervisor.ended and wish.signals <= max(already, 1) and time.monotonic() < give_up:
            time.sleep(0.1)
        supervisor.kill()
    leftovers.end(home, grace=3.0 if wish.signals <= 1 else 0.0)


def parallelism() -> int:
    """Task processes at a time: two per core, since a pull waits for the network half of its time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return min(16, 2 * cores)
