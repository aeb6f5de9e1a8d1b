"""The sequence: sweep, start, wait until all is healthy, watch, stop. Nothing here prints: a `Voice` reports."""

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
from wirecopy.local.session import Plan, Stopped, Voice, Wish
from wirecopy.local.supervision import COMPONENTS, Supervisor, python, tied
from wirecopy.local.watch import Watch

START_SECONDS: Final = 240.0  # a cold disk and a loaded machine; 25 seconds are usual
LOOK: Final = 0.3  # seconds between two looks
STOP_SECONDS: Final = 40.0  # supervisord's own waits add up to 20
TAIL: Final = 12  # lines of a log that an error shows


def run(plan: Plan, voice: Voice, wish: Wish) -> None:
    """Start everything, stay until the user wants the end, stop everything.

    Raises WirecopyError if Airflow does not come up, or if supervisord ends.
    """
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
    database = plan.home.database
    _wait(plan, supervisor, wish, lambda: [] if postgres_server.accepts(database) else ["postgres"])
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
        wish.pause(LOOK)


def _migrate(plan: Plan, wish: Wish) -> None:
    """`airflow db migrate`, which also makes airflow.cfg with its secrets."""
    log = plan.home.logs / "migrate.log"
    log.unlink(missing_ok=True)
    command = tied(log, python("-m", "airflow", "db", "migrate"))
    process = subprocess.Popen(  # noqa: S603
        command, cwd=plan.home.root, env=dict(plan.environment), stdin=subprocess.DEVNULL, start_new_session=True
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
