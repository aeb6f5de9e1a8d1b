"""publish: everything that finished parts hold goes into the store, under its lock; then the feeds' state."""

from __future__ import annotations

from collections.abc import Sequence

from wirecopy.errors import RunFailed
from wirecopy.log import get_log
from wirecopy.records import Event, Report, Run
from wirecopy.runs.summary import summarize
from wirecopy.settings import load_settings
from wirecopy.steps.committing import commit_finished
from wirecopy.store.articles.commit import committing
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.files.rows import RunStamp
from wirecopy.store.query.read import write_views
from wirecopy.store.staging.leftovers import sweep_staging
from wirecopy.store.staging.parts import unreadable_parts
from wirecopy.store.staging.plans import delete_plan
from wirecopy.store.staging.touched import Touched, delete_touched, touched_by

log = get_log(__name__)


def publish(*, run: Run | None, pulled: Sequence[dict[str, int]] = ()) -> Report:
    """Commit all finished parts (also those that a killed run left) and book what dead attempts had in work.

    Returns the run's summary as small JSON. Idempotent: publishing again, or a part twice, changes nothing.
    """
    if not run:
        raise RunFailed("plan failed, so there is nothing to publish: read its log, mend what it says and clear it.")
    settings = load_settings()

    layout = layout_of(settings).make()
    with committing(layout):
        commit_finished(settings, layout, run["plan"], ended=True)
        touched = touched_by(layout, run["plan"])
        if len(pulled) >= run["shards"]:  # else failed shards may still be cleared
            delete_plan(layout, run["plan"])
            delete_touched(layout, run["plan"])
        sweep_staging(layout)
        write_views(layout)
    return _report(layout, run, touched, shards_done=len(pulled))


def event_of(report: Report) -> Event:
    """The extra of a run's asset event: small enough for the metadata database."""
    return {
        "run_id": report["run_id"],
        "mode": report["mode"],
        "start": report["start"],
        "end": report["end"],
        "dates": report["dates"],
        "outcomes": report["outcomes"],
    }


def _report(layout: Layout, run: Run, touched: Touched, *, shards_done: int) -> Report:
    sums = summarize(layout, RunStamp.of(run).day, run["plan"])
    report: Report = {
        "run_id": run["run_id"],
        "mode": run["mode"],
        "start": run["start"],
        "end": run["end"],
        "due_feeds": run["due_feeds"],
        "shards": run["shards"],
        "shards_done": shards_done,
        "dates": sorted(day.isoformat() for day in touched.dates),
        "unaccounted": touched.unaccounted + max(0, -sums["entries"]["besides_feeds"]),
        "set_aside": unreadable_parts(layout, run["plan"]),
        **sums,
    }
    log.info(
        "published run=%s polls=%s entries=%s outcomes=%s dates=%s",
        run["run_id"],
        report["polls"],
        report["entries"],
        report["outcomes"],
        ",".join(report["dates"]) or "none",
    )
    log.info(
        "sums run=%s seen=%d tried=%d left=%d unaccounted=%d",
        run["run_id"],
        report["seen"],
        report["tried"],
        report["left"],
        report["unaccounted"],
    )
    if not run["shards"]:
        log.info(
            "nothing was due in %s … %s: no feed to poll, no entry to try again, no capture to use",
            run["start"],
            run["end"],
        )
    return report
