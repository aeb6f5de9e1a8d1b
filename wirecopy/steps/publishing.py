"""publish: everything that finished parts hold goes into the store, under its lock; then the feeds' state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wirecopy.errors import RunFailed
from wirecopy.log import get_log
from wirecopy.settings import load_settings
from wirecopy.steps.committing import commit_finished
from wirecopy.steps.summing import summarize

if TYPE_CHECKING:
    from wirecopy.store.layout import Layout
    from wirecopy.store.touched import Touched

log = get_log(__name__)


def publish(*, run: dict[str, Any] | None, pulled: Sequence[dict[str, int]] = ()) -> dict[str, Any]:
    """Commit all finished parts (also those that a killed run left) and book what dead attempts had in work.

    Returns the run's summary as small JSON. Idempotent: publishing again, or a part twice, changes nothing.
    """
    if not run:
        raise RunFailed("plan failed, so there is nothing to publish: read its log, mend what it says and clear it.")
    settings = load_settings()
    from wirecopy.store.commit import committing
    from wirecopy.store.files import sweep_staging
    from wirecopy.store.layout import Layout
    from wirecopy.store.plans import forget_plan
    from wirecopy.store.read import write_views
    from wirecopy.store.touched import forget_touched, touched_by

    layout = Layout(settings.root).make()
    with committing(layout):
        commit_finished(settings, layout, run["plan"])
        touched = touched_by(layout, run["plan"])
        if len(pulled) >= run["shards"]:  # else somebody may clear the failed shards
            forget_plan(layout, run["plan"])
            forget_touched(layout, run["plan"])
        sweep_staging(layout)
        write_views(layout)
    return _report(layout, run, touched, shards_done=len(pulled))


def event_of(report: dict[str, Any]) -> dict[str, Any]:
    """What an asset event says of a run: small enough for the metadata database."""
    return {name: report[name] for name in ("run_id", "mode", "start", "end", "dates", "outcomes")}


def _report(layout: Layout, run: dict[str, Any], touched: Touched, *, shards_done: int) -> dict[str, Any]:
    from wirecopy.store.rows import stamp_of

    sums = summarize(layout, stamp_of(run).day, run["plan"])
    report = {
        **{name: run[name] for name in ("run_id", "mode", "start", "end", "due_feeds", "shards")},
        "shards_done": shards_done, "dates": sorted(day.isoformat() for day in touched.dates),
        "unaccounted": touched.unaccounted + max(0, -sums["entries"]["besides_feeds"]),
        "set_aside": len(list(layout.staging.glob(f"{run['plan']}.*.unreadable"))),
        **sums,
    }  # fmt: skip
    log.info(
        "published run=%s polls=%s entries=%s outcomes=%s dates=%s",
        run["run_id"], report["polls"], report["entries"], report["outcomes"], ",".join(report["dates"]) or "none",
    )  # fmt: skip
    log.info(
        "sums run=%s seen=%d tried=%d left=%d unaccounted=%d",
        run["run_id"], report["seen"], report["tried"], report["left"], report["unaccounted"],
    )  # fmt: skip
    if not run["shards"]:
        log.info(
            "nothing was due in %s … %s: no feed to poll, no entry to try again, no capture to use",
            run["start"],
            run["end"],
        )
    return report
