"""One worker process and the pipes to it; workers.py gives it jobs.

There are two deadlines. The kernel enforces the first inside the worker, on CPU and wall time of one job
(worker_main.py). We enforce the second: a process that outlives it gets SIGKILL, whatever it does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pickle
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self

# The deadline counts CPU, so that a busy machine fails no page; this many times as much on the clock ends one that
# waits for something.
WALL_FACTOR: Final = 3
GRACE: Final = timedelta(seconds=5)  # for the kernel's own deadline in the worker to strike first
# Half a second of CPU, and as much again for what a first page needs; a cold disk or a loaded CI machine takes longer.
START_TIMEOUT: Final = timedelta(seconds=60)
_DEADLINE_SIGNALS: Final = (-signal.SIGPROF, -signal.SIGALRM, -signal.SIGXCPU)


class WorkerStartError(RuntimeError):
    """A worker process did not come up: the installation is broken, no page is to blame, so it is no IngestError."""


class OverDeadline(Exception):
    """The process was killed because its job took too long; the message has the limit."""


class Died(Exception):
    """The process died of its job; the message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of job."""

    target: str  # module:function
    cpu_seconds: float
    wall_seconds: float


class Worker:
    """A process that takes one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process, kinds: Mapping[str, Kind]) -> None:
        self._process, self._kinds = process, kinds
        self.jobs = 0
        self.busy = False  # a job was sent and not answered: after that the pipes are out of step

    @classmethod
    async def start(cls, kinds: Mapping[str, Kind], *, memory_bytes: int | None) -> Self:
        """A process that is ready; raises WorkerStartError."""
        listed = {name: asdict(kind) for name, kind in kinds.items()}
        setup = {"kinds": listed, "parent": os.getpid(), "memory_bytes": memory_bytes}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "ingest.workers.worker_main", json.dumps(setup)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": _import_path()},
        )
        worker = cls(process, kinds)
        try:
            async with asyncio.timeout(START_TIMEOUT.total_seconds()):
                await worker._receive()
        except (TimeoutError, EOFError) as error:
            await (worker._ended() if isinstance(error, EOFError) else worker._kill())
            raise WorkerStartError(
                f"a worker process did not start (exit code {process.returncode}): see stderr"
            ) from error
        except BaseException:
            await worker._kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """False once the process has ended and was waited for."""
        return self._process.returncode is None

    async def ask(self, name: str, message: bytes) -> tuple[str, Any] | None:
        """(kind of answer, value) for the job of kind *name* in *message*; None if the process was dead before it
        took the job. Raises OverDeadline, Died and WorkerStartError.
        """
        self.busy = True
        try:
            if not await self._took(name, message):
                return None
            answer = await self._answer(self._kinds[name])
        except BaseException:  # cancelled in between: the answer would be taken for the next job's
            await self._kill()
            raise
        self.jobs, self.busy = self.jobs + 1, False
        return answer

    async def end(self) -> None:
        """Let an idle process go by closing its stdin, kill a busy one; wait until it is gone."""
        if self.busy or self._process.stdin is None:
            await self._kill()
            return
        self._process.stdin.close()
        try:
            async with asyncio.timeout(GRACE.total_seconds()):
                await self._process.wait()
        except TimeoutError:
            await self._kill()

    async def _took(self, name: str, message: bytes) -> bool:
        """Whether the process has the job and everything it needs for it; False if it is dead."""
        try:
            async with asyncio.timeout(START_TIMEOUT.total_seconds()):
                await self._send(message)
                state, problem = await self._receive()
        except TimeoutError:
            raise WorkerStartError(f"a worker process was not ready for {name} in {START_TIMEOUT}") from None
        except EOFError:
            await self._ended()
            return False
        if state == "broken":
            raise WorkerStartError(f"a worker process cannot {name}: {problem}")
        return True

    async def _answer(self, kind: Kind) -> tuple[str, Any]:
        try:
            async with asyncio.timeout(kind.wall_seconds + GRACE.total_seconds()):
                return await self._receive()
        except TimeoutError:
            raise OverDeadline(_limits(kind)) from None
        except EOFError:
            code = await self._ended()
            if code in _DEADLINE_SIGNALS:
                raise OverDeadline(_limits(kind)) from None
            raise Died(f"the worker process ended with {_ending(code)}") from None

    async def _send(self, message: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(len(message).to_bytes(4, "big") + message)
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise EOFError from None

    async def _receive(self) -> tuple[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            size = int.from_bytes(await stdout.readexactly(4), "big")
            answer: tuple[str, Any] = pickle.loads(await stdout.readexactly(size))  # noqa: S301  our own worker
        except (asyncio.IncompleteReadError, ConnectionResetError):
            raise EOFError from None
        return answer

    async def _ended(self) -> int:
        """The exit code of a process that closed its pipe.

        It is waited for, not killed: Popen.kill() reaps a process that is just dying, and asyncio then reports 255
        instead of the signal that says whether the deadline or a crash ended it.
        """
        try:
            async with asyncio.timeout(GRACE.total_seconds()):
                return await self._process.wait()
        except TimeoutError:
            return await self._kill()

    async def _kill(self) -> int:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await asyncio.shield(self._process.wait())


def _limits(kind: Kind) -> str:
    return f"more than {kind.cpu_seconds:g} s of CPU or {kind.wall_seconds:g} s of time"


def _ending(code: int) -> str:
    """An exit code for people: `exit code 3`, `SIGSEGV`."""
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"signal {-code}"


def _import_path() -> str:
    """PYTHONPATH under which the worker finds what we find; our own folder last, for callers that found it by
    other means.
    """
    return os.pathsep.join([*(os.path.abspath(place) for place in sys.path), str(Path(__file__).parents[2])])
