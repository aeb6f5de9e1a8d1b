"""Extraction in processes that can be killed: a page that hangs or crashes a parser costs itself, not the run.

Workers are programs of their own (`python -m ingest.worker_main`), not forks: no lock descriptor of the parent goes
with them, and no `if __name__ == "__main__"` is asked of the caller. They start when there is work and die with their
parent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pickle
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ingest.errors import ExtractCrashed, ExtractError, ExtractTimeout, Reserved
from ingest.options import ExtractOptions
from ingest.records import Article, Entry, Page, Via

log = logging.getLogger(__name__)

EXTRACT: Final = "ingest.worker_main:extract"
# The deadline counts CPU, so that a busy machine fails no page; this many times as much on the clock ends one that
# waits for something.
WALL_FACTOR: Final = 3
GRACE: Final = timedelta(seconds=5)  # for the kernel's own deadline in the worker to strike first
START_TIMEOUT: Final = timedelta(seconds=60)  # half a second of CPU; a cold disk or a loaded CI machine takes longer
# A worker more costs half a second of CPU, as much as 17 pages: it is started when a page has waited this long for
# the others.
PATIENCE: Final = timedelta(seconds=1)
_DEADLINE_SIGNALS: Final = (-signal.SIGPROF, -signal.SIGALRM, -signal.SIGXCPU)


class WorkerStartError(RuntimeError):
    """A worker process did not come up: the installation is broken, no page is to blame, so it is no IngestError."""


class ExtractionPool:
    """Up to `options.workers` processes that turn pages into articles.

    `target` names another function `(page, entry, via) -> Article` as `module:function`.
    """

    def __init__(self, options: ExtractOptions, *, publisher_of: Callable[[str], str], target: str = EXTRACT) -> None:
        self._options, self._publisher_of, self._target = options, publisher_of, target
        self._workers: set[_Worker] = set()
        self._starting = 0
        self._free: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()  # None: a place came free, nobody in it

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """The worker processes that are running."""
        return tuple(sorted(worker.pid for worker in self._workers if worker.alive))

    async def extract(self, page: Page, entry: Entry, *, via: Via) -> Article:
        """The article on *page*.

        Raises NoText and NotHtml as `extract_article` does, ExtractTimeout if the page took too long,
        ExtractCrashed if its worker died or a library broke on it.
        """
        message = pickle.dumps(
            (replace(page, headers=dict(page.headers)), entry, via), protocol=pickle.HIGHEST_PROTOCOL
        )
        while (answer := await self._ask_one(message, page)) is None:
            log.warning("an idle extraction worker had died, another one takes the page url=%s", page.final_url)
        kind, value = answer
        if kind == "done":
            article: Article = value
            if article.tdm_reservation and self._options.obey_tdm:
                raise Reserved(page.final_url, "the page reserves text and data mining")
            return replace(article, publisher=self._publisher_of(article.source))
        if isinstance(value, ExtractError):
            raise value
        log.error("extraction broke url=%s fetch_id=%s\n%s", page.final_url, page.fetch_id, value)
        raise ExtractCrashed(page.final_url, f"a library broke on it: {str(value).strip().splitlines()[-1]}")

    async def close(self) -> None:
        """End all workers; those at work are killed. No process is left behind."""
        workers, self._workers = self._workers, set()
        await asyncio.gather(*(worker.end() for worker in workers))

    async def _ask_one(self, message: bytes, page: Page) -> tuple[str, Any] | None:
        """The answer of one worker; None if it was dead before it took the page."""
        worker = await self._take()
        try:
            return await worker.ask(message, page)
        finally:
            await self._give_back(worker)

    async def _take(self) -> _Worker:
        """An idle worker, or a new one if there is none, or none comes free soon."""
        while True:
            if not self._workers and not self._starting:
                return await self._start()
            may_start = len(self._workers) + self._starting < self._options.workers
            try:
                async with asyncio.timeout(PATIENCE.total_seconds() if may_start else None):
                    worker = await self._free.get()
            except TimeoutError:
                if len(self._workers) + self._starting < self._options.workers:
                    return await self._start()
                continue
            if worker is not None and worker.alive and worker in self._workers:
                return worker
            if worker is not None:
                self._workers.discard(worker)

    async def _give_back(self, worker: _Worker) -> None:
        if (
            worker.alive
            and not worker.busy
            and worker.pages < self._options.pages_per_worker
            and worker in self._workers
        ):
            self._free.put_nowait(worker)
            return
        self._workers.discard(worker)
        self._free.put_nowait(None)
        await worker.end()

    async def _start(self) -> _Worker:
        self._starting += 1
        try:
            worker = await _Worker.start(self._options, self._target)
            self._workers.add(worker)
            return worker
        finally:
            self._starting -= 1
            self._free.put_nowait(None)


class _Worker:
    """One process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process, options: ExtractOptions) -> None:
        self._process, self._options = process, options
        self.pages = 0
        self.busy = False  # a page was sent and not answered: after that the pipes are out of step

    @classmethod
    async def start(cls, options: ExtractOptions, target: str) -> _Worker:
        cpu = options.deadline.total_seconds()
        setup = {
            "target": target,
            "parent": os.getpid(),
            "cpu_seconds": cpu,
            "wall_seconds": WALL_FACTOR * cpu,
            "memory_bytes": options.memory_bytes,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "ingest.worker_main", json.dumps(setup)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": _import_path()},
        )
        worker = cls(process, options)
        try:
            async with asyncio.timeout(START_TIMEOUT.total_seconds()):
                await worker._receive()
        except (TimeoutError, EOFError) as error:
            await (worker._ended() if isinstance(error, EOFError) else worker._kill())
            raise WorkerStartError(
                f"extraction worker {target} did not start (exit code {process.returncode}): see stderr"
            ) from error
        except BaseException:
            await worker._kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, message: bytes, page: Page) -> tuple[str, Any] | None:
        """(kind, value) for the page in *message*; None if the process was dead before it took the page."""
        self.busy, taken = True, False
        try:
            async with asyncio.timeout((WALL_FACTOR * self._options.deadline + GRACE).total_seconds()):
                await self._send(message)
                taken = (await self._receive())[0] == "taken"
                answer = await self._receive()
        except TimeoutError:
            await self._kill()
            raise ExtractTimeout(page.final_url, self._over()) from None
        except EOFError:
            code = await self._ended()
            if code in _DEADLINE_SIGNALS:
                raise ExtractTimeout(page.final_url, self._over()) from None
            if not taken:
                return None
            raise ExtractCrashed(page.final_url, f"the worker process ended with {_ending(code)}") from None
        except BaseException:  # cancelled in between: the answer would be taken for the next page's
            await self._kill()
            raise
        self.pages, self.busy = self.pages + 1, False
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

    def _over(self) -> str:
        seconds = self._options.deadline.total_seconds()
        return f"extraction took more than {seconds:g} s of CPU or {WALL_FACTOR * seconds:g} s of time"


def _ending(code: int) -> str:
    """An exit code for people: `exit code 3`, `SIGSEGV`."""
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"signal {-code}"


def _import_path() -> str:
    """PYTHONPATH under which the worker finds what we find; our own folder last, for callers that found it by
    other means.
    """
    return os.pathsep.join([*(os.path.abspath(place) for place in sys.path), str(Path(__file__).parents[1])])
