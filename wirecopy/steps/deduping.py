"""dedupe: compute the earliest out-of-date date until there is none. The store shows which dates are out of date.

A date is computed in three tasks: its window is sketched, it is matched (`wirecopy.engines.dates`), and it is settled
(`wirecopy.steps.settling`). The first two may have been done elsewhere: by an engine that this step starts, or by tasks
of Airflow before it. Whatever is missing is done here.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from dedupe.backends import limit_threads
from dedupe.params import Params
from wirecopy.engines.ahead import Engine, computed_ahead
from wirecopy.engines.dates import match_date, match_task, sketch_window
from wirecopy.engines.engines import open_engine
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import CopiesEvent, Deduped, MatchedDate
from wirecopy.settings import DedupeEngine, load_settings
from wirecopy.steps.duedates import DueDates
from wirecopy.steps.migrating import migrate_derived
from wirecopy.steps.settling import settle_date
from wirecopy.store.copies.derived import DEDUPE_LOCK
from wirecopy.store.copies.found import FoundMatches, discard, fitting_days, staged_matches, sweep_found
from wirecopy.store.copies.sketching import InputsChangedError
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.query.read import write_views
from wirecopy.store.staging.wanted import Wanted

log = get_log(__name__)

VARIABLE: Final = "WIRECOPY_DEDUPE_ENGINE"


def dedupe(
    *,
    woken_by: str | None = None,
    first: str | None = None,
    last: str | None = None,
    again: bool = False,
    engine: DedupeEngine | None = None,
    progress: Progress | None = None,
) -> Deduped:
    """Bring matches and clusters up to date; returns counts.

    Without arguments, all out-of-date dates are computed. *woken_by* (a date, ISO) stands for an asset event: today and
    yesterday are computed at once, another date only when its eight days have been quiet. *first* … *last* limit the
    dates; *again* computes these even if they are current. One dedupe runs at a time: if another runs, it gets a note
    to look once more, and this one ends. *engine* is used instead of the setting. Killed, the same call goes on: dates
    that are done stay done. Raises EngineError.
    """
    settings = load_settings()
    limit_threads(settings.dedupe_threads)
    if settings.dedupe_engine == "airflow" and engine is None and not os.environ.get(VARIABLE):
        log.warning("dedupe_engine is airflow, but DAG files read %s only: set it where Airflow runs", VARIABLE)
    layout = layout_of(settings).make()
    lock, wanted = layout.locks / DEDUPE_LOCK, Wanted(layout)
    with open_engine(engine or settings.dedupe_engine, settings) as elsewhere:
        work = _Work(layout, elsewhere, progress)
        with layout.files.locked_now(lock) as mine:
            if mine:
                work.until_current(DueDates(settings, layout, woken_by is not None, first, last, again))
        if not mine:
            wanted.ask(debounced=woken_by is not None)
        while wanted.asked():  # our note, if the other has ended meanwhile, or notes of others while we were at work
            with layout.files.locked_now(lock) as mine:
                if not mine:
                    holder = layout.files.lock_holder(lock)
                    log.info("another dedupe runs (process %s): it will look once more before it ends", holder)
                    break
                while (debounced := wanted.take()) is not None:
                    work.until_current(DueDates(settings, layout, debounced))
    write_views(layout)  # the first dedupe gives tables their first files
    return work.result(busy=not mine, left=DueDates(settings, layout, False).waiting())


def dates_to_match(
    *, woken_by: str | None = None, first: str | None = None, last: str | None = None, again: bool = False
) -> list[str]:
    """The dates (ISO) that `dedupe` would match if it were called with the same arguments: `match` can do each of them
    before, on any machine.
    """
    settings = load_settings()
    layout = layout_of(settings).make()
    with layout.files.locked_now(layout.locks / DEDUPE_LOCK) as mine:
        if mine:  # else the other one does it
            migrate_derived(layout)
            sweep_found(layout, Params())
    due = DueDates(settings, layout, woken_by is not None, first, last, again).now()
    kept = fitting_days(layout, due, Params())
    log.info("to compute dates=%d, of which matched before=%d", len(due), len(kept))
    return [day.isoformat() for day in due if day not in kept]


def match(*, day: str) -> MatchedDate:
    """Sketch and match one date (ISO), beside any others: what it finds waits for `dedupe`."""
    settings = load_settings()
    limit_threads(settings.dedupe_threads)
    layout, chosen = layout_of(settings).make(), date.fromisoformat(day)
    sketch_window(layout, chosen, Params(), among_others=True)
    return match_task(layout, chosen, Params())


def copies_event(done: Deduped, *, run_id: str) -> CopiesEvent:
    """The extra of an asset event about computed copies: small enough for the metadata database."""
    return {
        "run_id": run_id,
        "dates": done["dates"],
        "left": done["left"],
        "counts": {name: done[name] for name in ("matches", "withdrawn", "copies", "clusters")},
    }


class _Work:
    """Computes dates, and counts."""

    def __init__(self, layout: Layout, engine: Engine | None, progress: Progress | None) -> None:
        self._layout, self._engine, self._progress = layout, engine, progress
        self._counts: Counter[str] = Counter(matches=0, withdrawn=0, clusters=0, copies=0)
        self._done: list[str] = []

    def until_current(self, due: DueDates) -> None:
        """The earliest date to compute, until there is none. Raises EngineError."""
        migrate_derived(self._layout, self._progress)
        sweep_found(self._layout, due.params)
        while days := due.now():
            before = len(self._done)
            if self._engine:
                self._elsewhere(self._engine, days, due)
            if len(self._done) == before:  # no engine, or one whose dates have all changed meanwhile
                self._here(days, due)

    def _elsewhere(self, engine: Engine, days: Sequence[date], due: DueDates) -> None:
        """All of *days*, matched by an engine, settled as they arrive."""
        with computed_ahead(engine, self._layout, days, due.params, self._progress) as arriving:
            for number, day in enumerate(days):
                self._settle(day, arriving.wait(day), len(days) - number, due)

    def _here(self, days: Sequence[date], due: DueDates) -> None:
        """The first of *days*; what was matched for it before is used if it still fits."""
        day = days[0]
        found = staged_matches(self._layout, day, due.params)
        self._settle(day, found or find_matches(self._layout, day, due.params, self._progress), len(days), due)

    def _settle(self, day: date, found: FoundMatches | None, left: int, due: DueDates) -> None:
        counts = settle_date(self._layout, found, due.params) if found else None
        if counts is None:
            log.info("articles of the days before %s changed while it was computed: once more", day)
            return
        due.done(day)
        discard(self._layout, day)
        self._counts.update(counts)
        self._done.append(day.isoformat())
        total = len(self._done) + left - 1
        if self._progress:
            self._progress("dates computed", len(self._done), total)
        said = " ".join(f"{name}={count}" for name, count in counts.items())
        log.info("deduped date=%s %s (%d of %d)", day, said, len(self._done), total)

    def result(self, *, busy: bool, left: Sequence[date]) -> Deduped:
        """All that was done; logged too."""
        dates, counts = [day.isoformat() for day in left], self._counts
        log.info(
            "deduped dates=%s matches=%d withdrawn=%d copies=%d clusters=%d waiting=%s",
            ",".join(self._done) or "none",
            counts["matches"],
            counts["withdrawn"],
            counts["copies"],
            counts["clusters"],
            ",".join(dates) or "none",
        )
        return {
            "busy": busy,
            "dates": self._done,
            "left": dates,
            "matches": counts["matches"],
            "withdrawn": counts["withdrawn"],
            "copies": counts["copies"],
            "clusters": counts["clusters"],
        }


def compute_date(layout: Layout, day: date, params: Params, progress: Progress | None = None) -> dict[str, int] | None:
    """Sketches, matches and clusters of one date, here; counts, or None if its inputs changed meanwhile (no match is
    written then).
    """
    found = find_matches(layout, day, params, progress)
    return settle_date(layout, found, params) if found else None


def find_matches(layout: Layout, day: date, params: Params, progress: Progress | None = None) -> FoundMatches | None:
    """Sketch and match one date, here; None if its inputs changed meanwhile."""
    try:
        sketch_window(layout, day, params)
        return match_date(layout, day, params, progress)
    except InputsChangedError:
        return None
