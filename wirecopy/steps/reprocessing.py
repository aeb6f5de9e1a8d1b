"""reprocess: extract captured pages again, or compute copies again, for a range of days. A dry run only counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from wirecopy.errors import UsageError
from wirecopy.log import get_log
from wirecopy.schedule import Interval, intervals_between
from wirecopy.settings import load_settings
from wirecopy.steps.deduping import dedupe
from wirecopy.steps.planning import plan
from wirecopy.steps.publishing import publish
from wirecopy.steps.pulling import pull
from wirecopy.steps.verdicts import verdict

log = get_log(__name__)

Action = Literal["reextract", "rededup"]


def reprocess(*, action: Action, first: str, last: str, dry_run: bool, run_id: str) -> dict[str, Any]:
    """Do *action* for the days *first* … *last* (ISO, inclusive); what was done, or with *dry_run* what would be.

    reextract: every captured page of each day, without network, by today's code; then the copies of what changed.
    rededup: matches and clusters of each day, even if they are current.
    """
    days = list(intervals_between(first, last))
    found = _count(action, days, first, last)
    log.info("%s %s %s … %s: %s", "would" if dry_run else "will", action, first, last, found)
    if dry_run:
        return {"dry_run": True, **found}
    if action == "rededup":
        return {"dry_run": False, **found, "dedupe": dedupe(first=first, last=last, again=True)}
    reports = [_reextract(day, f"{run_id}__{day.start:%Y-%m-%d}") for day in days]
    changed = sorted({changed for report in reports for changed in report["dates"]})
    until = (date.fromisoformat(changed[-1]) + timedelta(days=7)).isoformat() if changed else last
    copies = dedupe(first=changed[0], last=until) if changed else None
    return {"dry_run": False, **found, "changed": changed, "dedupe": copies}


def _reextract(day: Interval, run_id: str) -> dict[str, Any]:
    """One day: plan, pull, publish, verdict. Raises RunFailed as a run does."""
    planned = plan(kind="day", run_id=run_id, start=day.start.isoformat(), end=day.end.isoformat(), again=True)
    counts = [pull(**shard) for shard in planned["shards"]]
    return verdict(run=planned["run"], report=publish(run=planned["run"], pulled=counts))


def _count(action: Action, days: list[Interval], first: str, last: str) -> dict[str, int]:
    """What there is to do, without doing it."""
    from wirecopy.store.layout import Layout
    from wirecopy.store.unbooked import captured_pages

    layout = Layout(load_settings().root).make()
    if action == "reextract":
        return {"days": len(days), "pages": sum(len(captured_pages(layout, day)) for day in days)}
    if action == "rededup":
        begin, end = (datetime.fromisoformat(text).date() for text in (first, last))
        return {"dates": sum(begin <= day <= end for day in layout.dates("articles"))}
    raise UsageError(f"{action!r} is neither reextract nor rededup.")
