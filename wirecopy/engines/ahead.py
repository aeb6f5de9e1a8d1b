"""Dates that an engine computes on other machines, while the step that holds the lock settles them in their order.

An engine only runs tasks of `dates`, in any order and as often as it likes. What they find arrives as files in
state/found, and whether a file may be used is decided where it is settled. So an engine that loses machines, or runs a
date twice, costs time and changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol

from dedupe.params import Params
from wirecopy.engines.dates import dates_to_sketch
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.store.copies.found import FoundMatches, fitting_days, staged_days, staged_matches
from wirecopy.store.files.layout import Layout

log = get_log(__name__)

Task = Literal["sketch", "match"]

LOOK_EVERY: Final = 1.0  # seconds between two looks at what has arrived: one listing of a small folder


class Engine(Protocol):
    """Runs tasks of dates elsewhere."""

    def run(self, task: Task, days: Sequence[date]) -> None:
        """Do *task* for each of *days*; returns when all are done. Raises EngineError."""
        ...

    def cancel(self) -> None:
        """End what runs, from another thread: nobody waits for it."""
        ...


@dataclass(frozen=True, slots=True)
class Arriving:
    """What an engine has found so far."""

    layout: Layout
    params: Params
    job: Future[None]
    days: frozenset[date]  # that the engine matches
    progress: Progress | None

    def wait(self, day: date) -> FoundMatches | None:
        """The matches of a date, when they are there; None if its articles changed meanwhile. Raises EngineError if the
        engine gave up.
        """
        while True:
            over = self.job.done()  # looked at first: what arrived before the end is seen
            arrived = staged_days(self.layout)
            if self.progress and self.days:
                self.progress("dates matched", len(self.days & arrived), len(self.days))
            if day in arrived:
                return staged_matches(self.layout, day, self.params)
            if over:
                self.job.result()
                return None
            time.sleep(LOOK_EVERY)


@contextmanager
def computed_ahead(
    engine: Engine, layout: Layout, days: Sequence[date], params: Params, progress: Progress | None = None
) -> Iterator[Arriving]:
    """Sketch what *days* need and match them by *engine*, while the block settles them. What an earlier attempt left
    and still fits is not matched again.
    """
    unsketched = dates_to_sketch(layout, days, params)
    if unsketched:
        log.info("sketching dates=%d first=%s last=%s", len(unsketched), unsketched[0], unsketched[-1])
        engine.run("sketch", unsketched)
    kept = fitting_days(layout, days, params)
    wanted = [day for day in days if day not in kept]
    log.info("matching dates=%d, staged before=%d", len(wanted), len(kept))
    with ThreadPoolExecutor(1, thread_name_prefix="engine") as thread:
        job = thread.submit(engine.run, "match", wanted) if wanted else _nothing()
        try:
            yield Arriving(layout, params, job, frozenset(wanted), progress)
        except BaseException:
            if not job.done():
                engine.cancel()
            raise


def _nothing() -> Future[None]:
    done: Future[None] = Future()
    done.set_result(None)
    return done
