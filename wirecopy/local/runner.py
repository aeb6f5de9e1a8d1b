"""The sequence: sweep, start, wait until all is healthy, watch, stop. Nothing here prints; a `Reporter` does."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

from wirecopy.errors import WirecopyError
from wirecopy.local import health, leftovers
from wirecopy.local import postgres as postgres_server
from wirecopy.local.home import Home
from wirecopy.local.session import Plan, Reporter, Stopped, StopSignal
from wirecopy.local.supervision import COMPONENTS, Supervisor, python, tied
from wirecopy.local.watch import Watch

START_SECONDS: Final = 240.0  # a cold disk and a loaded machine; 25 seconds are usual
LOOK: Final = 0.3  # seconds between two looks
STOP_SECONDS: Final = 40.0  # supervisord's own waits add up to 20
TAIL: Final = 12  # lines of a log that an error shows
# A task reports to the api-server from its first moment on, and one that is started before it listens fails with an
# empty log. So what starts tasks comes last.
LAST: Final = "scheduler"
FIRST_THREE: Final = tuple(name for name in COMPONENTS if name != LAST)


def run(plan: Plan, reporter: Reporter, stop_signal: StopSignal) -> None:
    """Start everything, stay until the user wants the end, stop everything.

    Raises WirecopyError if Airflow does not come up, or if supervisord ends.
    """
    supervisor = None
    try:
        reporter.begin("PostgreSQL")
        supervisor = Supervisor.start(plan.home, plan.programs, plan.environment)
        _start(plan, supervisor, reporter, stop_signal)
        reporter.ready(plan.address, plan.home.password())
        Watch(plan, supervisor, reporter, stop_signal).forever()
    except Stopped:
        reporter.begin("stopping")
    finally:
        stop(plan.home, supervisor, stop_signal)


def _start(plan: Plan, supervisor: Supervisor, reporter: Reporter, stop_signal: StopSignal) -> None:
    database = plan.home.database
    _wait(plan, supervisor, stop_signal, lambda: [] if postgres_server.accepts(database) else ["postgres"])
    airflow = version("apache-airflow")
    if not database.migrated.exists() or database.migrated.read_text() != airflow:
        reporter.begin("tables of the metadata database")
        _migrate(plan, stop_signal)
        database.migrated.write_text(airflow)
    for program in plan.besides:
        reporter.begin(program.name)
        supervisor.begin(program.name)
        _wait(plan, supervisor, stop_signal, lambda name=program.name: _absent(supervisor, [name]))  # type: ignore[misc]
    reporter.begin(", ".join(FIRST_THREE))
    for name in FIRST_THREE:
        supervisor.begin(name)
    _wait(plan, supervisor, stop_signal, lambda: _absent(supervisor, FIRST_THREE) or _deaf(plan))
    reporter.begin(LAST)
    supervisor.begin(LAST)
    _wait(plan, supervisor, stop_signal, lambda: _absent(supervisor, COMPONENTS) or health.unhealthy(plan.address))


def _deaf(plan: Plan) -> list[str]:
    """The api-server, as long as it does not answer."""
    return [name for name in health.unhealthy(plan.address) if name == "api-server"]


def _absent(supervisor: Supervisor, names: tuple[str, ...] | list[str]) -> list[str]:
    statuses = supervisor.statuses()
    return [name for name in names if name not in statuses or statuses[name].state != "RUNNING"]


def _wait(plan: Plan, supervisor: Supervisor, stop_signal: StopSignal, missing: Callable[[], list[str]]) -> None:
    """Until nothing is *missing*.

    Raises WirecopyError, with the end of the log of what is missing, if that takes too long or a program was given up.
    """
    give_up = time.monotonic() + START_SECONDS
    while names := missing():
        dead = [status.name for status in supervisor.statuses().values() if status.state == "FATAL"]
        if supervisor.ended:
            raise WirecopyError(_story("supervisord ended", plan.home.logs / "supervisord.out"))
        if dead or time.monotonic() > give_up:
            name = (dead or names)[0]
            raise WirecopyError(_story(f"{name} does not come up", plan.home.logs / f"{name}.log"))
        stop_signal.pause(LOOK)


def _migrate(plan: Plan, stop_signal: StopSignal) -> None:
    """`airflow db migrate`, which also makes airflow.cfg with its secrets."""
    log = plan.home.logs / "migrate.log"
    log.unlink(missing_ok=True)
    command = tied(log, python("-m", "airflow", "db", "migrate"))
    process = subprocess.Popen(  # noqa: S603
        command, cwd=plan.home.root, env=dict(plan.environment), stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while process.poll() is None:
            stop_signal.pause(0.1)
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


def stop(home: Home, supervisor: Supervisor | None, stop_signal: StopSignal) -> None:
    """End everything in order, or at once after a second signal; whatever is left then is killed."""
    already = stop_signal.signals
    give_up = time.monotonic() + STOP_SECONDS
    if supervisor:
        supervisor.stop()
        while not supervisor.ended and stop_signal.signals <= max(already, 1) and time.monotonic() < give_up:
            time.sleep(0.1)
        supervisor.kill()
    leftovers.end(home, grace=3.0 if stop_signal.signals <= 1 else 0.0)


def parallelism() -> int:
    """Task processes at a time: two per core, since a pull waits for the network half of its time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return min(16, 2 * cores)
