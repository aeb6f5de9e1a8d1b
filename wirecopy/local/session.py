"""The arguments of a local Airflow: the plan, the reporter for the user, and the user's stop signal."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final, Protocol

from wirecopy.local.environment import LOOPBACK
from wirecopy.local.home import Home
from wirecopy.local.supervision import COMPONENTS, Program, component, postgres

ONE_WISH: Final = 0.5  # seconds: a terminal that closes, and `make`, may send the same signal twice
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Reporter(Protocol):
    """Reports to the user."""

    def begin(self, what: str) -> None:
        """A stage of the start began."""

    def say(self, line: str) -> None:
        """Something happened that the user should see."""

    def ready(self, address: str, password: str) -> None:
        """Everything is healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The programs to run, and where."""

    home: Home
    port: int
    folder: Path  # the user's: where the DAGs' tasks work
    environment: Mapping[str, str]
    besides: tuple[Program, ...] = ()  # the demo newsroom

    @property
    def address(self) -> str:
        """Where the web page is."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def programs(self) -> tuple[Program, ...]:
        """All supervised programs, in the order of their start."""
        return (postgres(self.home), *self.besides, *(component(name, self.folder) for name in COMPONENTS))


class Stopped(Exception):
    """The user requested the end."""


@dataclass(slots=True)
class StopSignal:
    """The user's stop signal and its urgency: signal handlers set it, loops check it."""

    signals: int = 0
    last_at: float = -ONE_WISH
    wake: threading.Event = field(default_factory=threading.Event)

    def note(self, number: int, frame: FrameType | None) -> None:
        """A signal came."""
        now = time.monotonic()
        self.signals += now - self.last_at >= ONE_WISH
        self.last_at = now
        self.wake.set()

    def pause(self, seconds: float) -> None:
        """Wait; raises Stopped as soon as the user wants the end."""
        if self.wake.wait(seconds):
            raise Stopped


@contextmanager
def listening() -> Iterator[StopSignal]:
    """Ctrl-C, SIGTERM and the closing of the terminal become a stop signal, also where a shell started us with SIGINT
    ignored; but `nohup` is obeyed.
    """
    stop_signal = StopSignal()
    wanted = [number for number in SIGNALS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop_signal.note) for number in wanted}
    try:
        yield stop_signal
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
