"""Watches Airflow: reports restarts, revives programs that were given up or hang, trims logs, ends orphans."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field
from typing import Final

from wirecopy.errors import WirecopyError
from wirecopy.local import health, leftovers
from wirecopy.local.hung import UNHEALTHY_AFTER, Hung
from wirecopy.local.session import Plan, Reporter, StopSignal
from wirecopy.local.supervision import Status, Supervisor

LOOK: Final = 0.5  # seconds between two looks
AGAIN: Final = 30.0  # seconds after which a program that was given up is started once more
SWEEP: Final = 20.0  # seconds between two looks at logs and at a killed scheduler's workers
EXAMINE: Final = 15.0  # seconds between two questions for the health of all


@dataclass(slots=True)
class Watch:
    """Watches the programs and reports every restart."""

    plan: Plan
    supervisor: Supervisor
    reporter: Reporter
    stop_signal: StopSignal
    seen: dict[str, Status] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    again_at: float = 0.0
    sweep_at: float = 0.0
    examine_at: float = 0.0
    hung: Hung = field(default_factory=Hung)

    def forever(self) -> None:
        """Until the user wants the end (Stopped); raises WirecopyError if supervisord itself ends."""
        self.seen = self.supervisor.statuses()
        while True:
            self.stop_signal.pause(LOOK)
            if self.supervisor.ended:
                raise WirecopyError(
                    f"supervisord ended (see {self.plan.home.logs / 'supervisord.log'}): "
                    "everything was stopped. Start again."
                )
            for status in self.supervisor.statuses().values():
                self._look_at(status)
            self._revive()
            self._examine()
            self._sweep()

    def _look_at(self, status: Status) -> None:
        before = self.seen.get(status.name)
        if status.pid and before and status.pid != before.pid:
            count = self.restarts[status.name] = self.restarts.get(status.name, 0) + 1
            self.reporter.say(f"{status.name} ended and was started again (restart {count}, process {status.pid})")
            self.sweep_at = time.monotonic() + LOOK if status.name == "scheduler" else self.sweep_at
        elif status.state == "FATAL" and before and before.state != "FATAL":
            log = self.plan.home.logs / f"{status.name}.log"
            self.reporter.say(f"{status.name} keeps ending: see {log}; it is tried again every {AGAIN:.0f} seconds")
        pid = status.pid or (before.pid if before else 0)
        self.seen[status.name] = Status(name=status.name, state=status.state, pid=pid)

    def _revive(self) -> None:
        """Start the programs again that supervisord gave up."""
        if time.monotonic() < self.again_at:
            return
        self.again_at = time.monotonic() + AGAIN
        for status in self.seen.values():
            if status.state == "FATAL":
                self.supervisor.begin(status.name)

    def _examine(self) -> None:
        """Now and then, kill programs that are alive but unhealthy for minutes; supervisord restarts them."""
        if time.monotonic() < self.examine_at:
            return
        self.examine_at = time.monotonic() + EXAMINE
        running = {status.name: status.pid for status in self.seen.values() if status.state == "RUNNING"}
        for name in self.hung.look(health.unhealthy(self.plan.address), running, time.monotonic()):
            minutes = UNHEALTHY_AFTER / 60
            self.reporter.say(f"{name} has not been well for {minutes:.0f} minutes: it is ended and started again")
            with contextlib.suppress(ProcessLookupError):
                os.kill(running[name], signal.SIGKILL)

    def _sweep(self) -> None:
        """Now and then: trim the logs, and end the idle workers of schedulers that were killed."""
        if time.monotonic() < self.sweep_at:
            return
        self.sweep_at = time.monotonic() + SWEEP
        self.plan.home.trim_logs()
        if self.restarts.get("scheduler"):
            leftovers.end_orphaned_workers(self.plan.home)
