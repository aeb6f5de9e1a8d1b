"""Finds and ends processes that an earlier start of the same home left running, by a mark in their environment."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from wirecopy.local.environment import MARK
from wirecopy.local.home import Home

if TYPE_CHECKING:
    import psutil

GRACE: Final = 12.0  # seconds for an orderly end: a supervisord that lost its runner is stopping its programs
KILLED: Final = 5.0  # seconds for the kernel to remove killed processes
IDLE: Final = "LocalExecutor: <idle>"  # the title of an executor's worker that has nothing to do


def find(home: Home) -> list[psutil.Process]:
    """Processes of *home* except ourselves and our parents.

    All that we ever started carry the mark, and PostgreSQL's work in its folder.
    """
    import psutil

    me = psutil.Process()
    spared = {me.pid, *(parent.pid for parent in me.parents())}
    return [process for process in psutil.process_iter() if process.pid not in spared and _is_of(process, home)]


def _is_of(process: psutil.Process, home: Home) -> bool:
    import psutil

    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return bool(process.environ().get(MARK) == str(home.root) or process.cwd() == str(home.database.data))
    except (psutil.Error, OSError):  # gone meanwhile, or another user's
        return False


def end(home: Home, *, grace: float = GRACE) -> int:
    """End them: SIGTERM first, after *grace* seconds SIGKILL; returns how many there were."""
    import psutil

    found = find(home)
    supervisors = [process for process in found if "supervisor.supervisord" in _command(process)]
    if grace:
        # supervisord first: it would restart the programs that we end.
        _send(supervisors or found, grace)
        _send(find(home), min(grace, KILLED))
    for _ in range(3):  # a process forked meanwhile is found in the next round
        rest = find(home)
        for process in rest:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not psutil.wait_procs(rest, timeout=KILLED)[0] and not rest:
            break
    return len(found)


def orphaned_workers(home: Home) -> list[psutil.Process]:
    """Idle workers of a killed scheduler: they would wait for ever for work on a pipe that only they hold open."""
    return [process for process in find(home) if IDLE in _command(process) and _is_orphan(process)]


def end_orphaned_workers(home: Home) -> int:
    """Kill them (the handler that they inherited ignores SIGTERM), not those with a task. Returns how many."""
    import psutil

    found = orphaned_workers(home)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(found)


def _is_orphan(process: psutil.Process) -> bool:
    """Whether it has no scheduler above it: its parent is gone, and the process that adopts orphans has no mark."""
    import psutil

    try:
        parent = process.parent()
        return parent is None or parent.pid == 1 or MARK not in parent.environ()
    except (psutil.Error, OSError):
        return False


def _send(processes: Iterable[psutil.Process], timeout: float) -> None:
    import psutil

    asked = [process for process in processes if process.pid != os.getpid()]
    for process in asked:
        with contextlib.suppress(psutil.Error):
            # PostgreSQL takes SIGTERM for "when the last client has gone".
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    psutil.wait_procs(asked, timeout=timeout)


def _command(process: psutil.Process) -> str:
    import psutil

    try:
        return " ".join(process.cmdline())
    except (psutil.Error, OSError):
        return ""
