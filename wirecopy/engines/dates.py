"""The two tasks of a date that any machine can do: sketch it, match it. Neither needs a lock or another task's result.

matches(D) follows from the articles of eight dates, so all dates can be matched at once when they are sketched. What
joins them, clusters over dates, is `wirecopy.steps.settling`. This module is all that an executor of Spark loads: it
needs dedupe, the store's files and copies, and of other packages numpy, numba, datasketch, pyarrow and pydantic.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from datetime import date
from typing import Final

from dedupe.corpus.context import Library
from dedupe.matching.matching import match_library
from dedupe.params import Params
from wirecopy.errors import StoreConflict
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import MatchedDate, SketchedDate
from wirecopy.store.copies import derived, sketching
from wirecopy.store.copies.found import FoundMatches, stage
from wirecopy.store.copies.sketching import InputsChangedError, SketchedDay
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import values, with_ids
from wirecopy.store.files.rows import match_row

log = get_log(__name__)


SKETCH_LOCKS: Final = 64  # for all dates together: neighbours have different ones, and the folder of locks stays small


def dates_to_sketch(layout: Layout, days: Sequence[date], params: Params) -> list[date]:
    """The dates whose sketches are missing or old among those that matching *days* reads, ascending."""
    needed = {one for day in days for one in derived.window_of(day, params.window_days)}
    return [day for day in sorted(needed) if sketching.needs_sketches(layout, day, params)]


def sketch_window(layout: Layout, day: date, params: Params, *, among_others: bool = False) -> int:
    """Sketch all that matching *day* reads, itself first; how many dates. *among_others*: tasks of other dates do the
    same now, and no date is sketched twice. Raises InputsChangedError if another process was faster all the same.
    """
    made = 0
    for one in reversed(dates_to_sketch(layout, [day], params)):
        lock = layout.locks / f"sketch-{one.toordinal() % SKETCH_LOCKS}.lock"
        with layout.files.locked(lock) if among_others else nullcontext():
            made += sketch_task(layout, one, params)["made"]
    return made


def match_date(layout: Layout, day: date, params: Params, progress: Progress | None = None) -> FoundMatches:
    """The matches of a date. It writes nothing, and takes no lock. Raises InputsChangedError if its eight dates are
    not sketched, or articles were replaced meanwhile.
    """
    window = derived.window_of(day, params.window_days)
    known = [sketching.known_sketches(layout, one, params) for one in window]
    hashes = {one.day: one.inputs for one in known if one is not None}  # of a day that forget emptied too
    sketched = [one for one in known if one is not None and one.facts.num_rows]
    texts = sketching.StoredTexts(layout, sketched)
    with sketching.open_token_store(layout, sketched, params) as token_store:
        library = Library(sketching.list_sketched(sketched), token_store, texts, params)
        matches = match_library(library, date=day, progress=progress)
    days = _days_of(sketched, {name for match in matches for name in (match.left_id, match.right_id)})
    return FoundMatches(
        day=day,
        inputs=derived.window_hash(hashes, window, params.hash),
        rows=derived.matches_table(match_row(match, days) for match in matches),
    )


def _days_of(sketched: Sequence[SketchedDay], ids: Collection[str]) -> dict[str, date]:
    """The dates of some articles."""
    return {name: one.day for one in sketched for name in values(with_ids(one.facts, ids), "article_id")}


def sketch_task(layout: Layout, day: date, params: Params) -> SketchedDate:
    """`sketching.sketch_date` as a task that any number of machines may do at once."""
    try:
        made = sketching.sketch_date(layout, day, params)
    except StoreConflict:  # another attempt was faster; what it wrote is the same, or is looked at again
        made = False
    return {"date": day.isoformat(), "made": made}


def match_task(layout: Layout, day: date, params: Params) -> MatchedDate:
    """`match_date` as a task: its rows wait in state/found for the step that settles them. A date that changed
    meanwhile, or is not sketched, leaves none.
    """
    began = time.process_time()
    try:
        found = match_date(layout, day, params)
    except InputsChangedError as error:
        log.info("articles of %s changed while %s was matched: it is matched again", error, day)
        return _matched(day, None, 0, 0, began)
    stage(layout, found)
    return _matched(day, found.inputs, found.rows.num_rows - found.withdrawn, found.withdrawn, began)


def _matched(day: date, inputs: str | None, matches: int, withdrawn: int, began: float) -> MatchedDate:
    return {
        "date": day.isoformat(),
        "inputs": inputs,
        "matches": matches,
        "withdrawn": withdrawn,
        "cpu": round(time.process_time() - began, 2),
    }
