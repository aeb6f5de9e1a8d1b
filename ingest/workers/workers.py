"""Feed documents read and pages extracted in processes that can be killed: a document that hangs or crashes a parser
costs itself, not the run.

Workers are programs of their own (`python -m ingest.workers.worker_main`), not forks: no lock descriptor of the
parent goes with them, and no `if __name__ == "__main__"` is asked of the caller. They start when there is
work and die with their parent. Any of them takes both kinds of job, and imports for a kind when its first job comes.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from ingest.errors import ExtractCrashed, ExtractTimeout, IngestError, ParseCrashed, ParseTimeout, TdmOptOut
from ingest.options import ExtractOptions
from ingest.records import Article, Entry, Feed, Page, Via
from ingest.text.secrets import hide_secrets
from ingest.work import Reading
from ingest.workers.process import WALL_FACTOR, Died, Kind, OverDeadline, Worker, WorkerStartError

__all__ = ["WorkerPool", "WorkerStartError"]

log = logging.getLogger(__name__)

EXTRACT: Final = "ingest.workers.worker_main:extract"
PARSE: Final = "ingest.workers.worker_main:parse"
# A worker more costs half a second of CPU, as much as 17 pages: it is started when a job has waited this long for
# the others.
SPAWN_AFTER: Final = timedelta(seconds=1)
MOST_DEAD: Final = 3  # idle workers found dead in a row by one job: then it is the machine, and no accident
_OVER: Final = {"extract": ExtractTimeout, "parse": ParseTimeout}
_DIED: Final = {"extract": ExtractCrashed, "parse": ParseCrashed}


def _as_credited(agency: str | None) -> str | None:
    return agency


class WorkerPool:
    """Up to `options.workers` processes that turn feed documents into entries, and pages into articles.

    `target` and `parse_target` name other functions `(page, entry, via) -> Article` and `(page, feed, now) ->
    list[Entry]` as `module:function`.
    """

    def __init__(
        self,
        options: ExtractOptions,
        *,
        publisher_of: Callable[[str], str],
        agency_of: Callable[[str | None], str | None] = _as_credited,
        target: str = EXTRACT,
        parse_target: str = PARSE,
    ) -> None:
        self._options, self._publisher_of, self._agency_of = options, publisher_of, agency_of
        self._kinds = {
            "extract": _kind(target, options.deadline),
            "parse": _kind(parse_target, options.parse_deadline),
        }
        self._workers: set[Worker] = set()
        self._starting = 0
        self._free: asyncio.LifoQueue[Worker | None] = asyncio.LifoQueue()  # None: a free place without a process

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
        article: Article = await self._done("extract", page, entry, via)
        if article.tdm_reservation and self._options.obey_tdm:
            raise TdmOptOut(page.final_url, "the page reserves text and data mining")
        publisher, agency = self._publisher_of(article.source), self._agency_of(article.agency)
        return replace(article, publisher=publisher, agency=agency)

    async def parse(self, page: Page, feed: Feed, *, now: datetime, reading: Reading | None = None) -> list[Entry]:
        """The entries of the feed document *page*, or of a document of history by *reading*.

        Raises ParseError and SitemapIndex as `parse_feed` does, ParseTimeout if the document took too long,
        ParseCrashed if its worker died or a library broke on it.
        """
        plain = replace(feed, headers=dict(feed.headers))
        more = (plain, now) if reading is None else (plain, now, reading)
        entries: list[Entry] = await self._done("parse", page, *more)
        return entries

    async def close(self) -> None:
        """End all workers; those at work are killed. No process is left behind."""
        workers, self._workers = self._workers, set()
        await asyncio.gather(*(worker.end() for worker in workers))

    async def _done(self, name: str, page: Page, *more: object) -> Any:
        """What the target of kind *name* returns for *page* and *more*, or raises."""
        job = (name, (replace(page, headers=dict(page.headers)), *more))
        answer, value = await self._asked(name, pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL), page)
        if answer == "done":
            return value
        if isinstance(value, IngestError):
            raise value
        shown = hide_secrets(page.final_url)
        log.error("a library broke on it: %s url=%s fetch_id=%s\n%s", name, shown, page.fetch_id, value)
        raise _DIED[name](page.final_url, f"a library broke on it: {str(value).strip().splitlines()[-1]}")

    async def _asked(self, name: str, message: bytes, page: Page) -> tuple[str, Any]:
        try:
            for _ in range(MOST_DEAD):
                if answer := await self._ask_one(name, message):
                    return answer
                log.warning("an idle worker had died, another one takes the job url=%s", hide_secrets(page.final_url))
        except OverDeadline as error:
            raise _OVER[name](page.final_url, f"it took {error}, and was stopped") from error
        except Died as error:
            raise _DIED[name](page.final_url, str(error)) from error
        raise WorkerStartError(f"{MOST_DEAD} worker processes died before they took a job: see stderr")

    async def _ask_one(self, name: str, message: bytes) -> tuple[str, Any] | None:
        """The answer of one worker; None if it was dead before it took the job."""
        worker = await self._take()
        try:
            return await worker.ask(name, message)
        finally:
            await self._give_back(worker)

    async def _take(self) -> Worker:
        """An idle worker, or a new one if there is none, or none comes free soon."""
        while True:
            if not self._workers and not self._starting:
                return await self._start()
            may_start = len(self._workers) + self._starting < self._options.workers
            try:
                async with asyncio.timeout(SPAWN_AFTER.total_seconds() if may_start else None):
                    worker = await self._free.get()
            except TimeoutError:
                if len(self._workers) + self._starting < self._options.workers:
                    return await self._start()
                continue
            if worker is not None and worker.alive and worker in self._workers:
                return worker
            if worker is not None:
                self._workers.discard(worker)

    async def _give_back(self, worker: Worker) -> None:
        if (
            worker.alive
            and not worker.busy
            and worker.jobs < self._options.pages_per_worker
            and worker in self._workers
        ):
            self._free.put_nowait(worker)
            return
        self._workers.discard(worker)
        self._free.put_nowait(None)
        await worker.end()

    async def _start(self) -> Worker:
        self._starting += 1
        try:
            worker = await Worker.start(self._kinds, memory_bytes=self._options.memory_bytes)
            self._workers.add(worker)
            return worker
        finally:
            self._starting -= 1
            self._free.put_nowait(None)


def _kind(target: str, deadline: timedelta) -> Kind:
    seconds = deadline.total_seconds()
    return Kind(target=target, cpu_seconds=seconds, wall_seconds=WALL_FACTOR * seconds)
