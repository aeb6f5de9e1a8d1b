"""reprocess: extract captured pages again, or compute copies again, for a range of days. A dry run only counts."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Literal

from wirecopy.errors import RunFailed, UsageError
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import Report, Reprocessed
from wirecopy.schedule import Interval, intervals_between
from wirecopy.settings import load_settings
from wirecopy.steps.deduping import dedupe
from wirecopy.steps.planning import plan
from wirecopy.steps.publishing import publish
from wirecopy.steps.pulling import pull
from wirecopy.steps.verdicts import verdict
from wirecopy.store.archive.unprocessed import captured_pages
from wirecopy.store.files.layout import layout_of

log = get_log(__name__)

Action = Literal["reextract", "rededup"]


def reprocess(
    *,
    action: Action,
    first: str,
    last: str,
    dry_run: bool,
    run_id: str,
    find_copies: bool = True,
    report: Progress | None = None,
) -> Reprocessed:
    """Do *action* for the days *first* … *last* (ISO, inclusive); what was done, or with *dry_run* what would be.

    reextract: every captured page of each day, without network, by today's code; then the copies of what changed.
    rededup: matches and clusters of each day, even if they are current. *report* hears of pages done. Without
    *find_copies* the caller does that for the result's span. Raises RunFailed if a day needs a person, when all
    days are done.
    """
    days = list(intervals_between(first, last))
    if action == "rededup":
        return _with_copies(_rededup(first, last, dry_run=dry_run), find_copies)
    if action != "reextract":
        raise UsageError(f"{action!r} is neither reextract nor rededup.")
    pages = _pages(days)
    found: Reprocessed = {"dry_run": dry_run, "days": len(days), "pages": sum(pages)}
    will = "would" if dry_run else "will"
    log.info("%s extract again %s … %s: days=%d pages=%d", will, first, last, len(days), sum(pages))
    if dry_run:
        return found
    busy = [day for day, count in zip(days, pages, strict=True) if count]
    return _with_copies({**found, **_reextract(busy, run_id, _Done(report, sum(pages)), find_copies)}, find_copies)


def _rededup(first: str, last: str, *, dry_run: bool) -> Reprocessed:
    begin, end = (datetime.fromisoformat(text).date() for text in (first, last))
    dates = sum(begin <= day <= end for day in layout_of(load_settings()).make().dates("articles"))
    found: Reprocessed = {"dry_run": dry_run, "dates": dates}
    log.info("%s compute again %s … %s: dates=%d", "would" if dry_run else "will", first, last, dates)
    return found if dry_run else {**found, "span": {"first": first, "last": last, "again": True}}


def _with_copies(done: Reprocessed, find_copies: bool) -> Reprocessed:
    """*done* with the copies of its span, which is left to the caller if it wants that."""
    if not find_copies or "span" not in done:
        return done
    span = done.pop("span")
    return {**done, "dedupe": dedupe(**span) if span else None}


def _pages(days: list[Interval]) -> list[int]:
    """Captured pages of each day."""
    layout = layout_of(load_settings()).make()
    return [len(captured_pages(layout, day)) for day in days]


def _reextract(days: list[Interval], run_id: str, done: _Done, find_copies: bool) -> Reprocessed:
    """Day by day, then the copies of the changed dates. A day that needs a person holds up no other."""
    outcomes: Counter[str] = Counter()
    dates: set[str] = set()
    problems = []
    for day in days:
        report, problem = _one_day(day, f"{run_id}__{day.start:%Y-%m-%d}", done)
        outcomes.update(report["outcomes"])
        dates |= set(report["dates"])
        problems += [f"{day.start:%Y-%m-%d}: {problem}"] if problem else []
    changed = sorted(dates)
    until = (date.fromisoformat(changed[-1]) + timedelta(days=7)).isoformat() if changed else ""
    found: Reprocessed = {"dry_run": False, "outcomes": dict(sorted(outcomes.items())), "changed": changed}
    found["span"] = {"first": changed[0], "last": until, "again": False} if changed else None
    if problems:
        _with_copies(found, find_copies)
        raise RunFailed("\n".join(problems))
    return found


def _one_day(day: Interval, run_id: str, done: _Done) -> tuple[Report, str | None]:
    """Plan, pull, publish, verdict; the report, and why it is red."""
    planned = plan(
        kind="day", run_id=run_id, start=day.start.isoformat(), end=day.end.isoformat(), again=True, shards=1
    )
    counts = [pull(**shard, progress=done) for shard in planned["shards"]]
    published = publish(run=planned["run"], pulled=counts)
    try:
        return verdict(run=planned["run"], report=published), None
    except RunFailed as error:
        return published, str(error)


class _Done:
    """Counts the pages done, over all days."""

    def __init__(self, report: Progress | None, total: int) -> None:
        self._report, self._total, self._pages = report, total, 0

    def __call__(self, count: int) -> None:
        self._pages += count
        if self._report:
            self._report("pages extracted", self._pages, self._total)
