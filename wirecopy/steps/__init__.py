"""One function per task: plain arguments and small JSON in, small JSON out.

Light to import, because DAG files are parsed every few seconds: a step's module is loaded when the step is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wirecopy.steps.connecting import store_connection, use_connection
    from wirecopy.steps.deduping import copies_event, dates_to_match, dedupe, match
    from wirecopy.steps.forgetting import forget
    from wirecopy.steps.migrating import migrate_store
    from wirecopy.steps.planning import plan
    from wirecopy.steps.publishing import event_of, publish
    from wirecopy.steps.pulling import pull
    from wirecopy.steps.summaries import counters, gauges, summary
    from wirecopy.steps.upkeep.alarming import book_alarms, book_run, booked_runs, notifiers, watch
    from wirecopy.steps.upkeep.archiving import export_archive, import_archives
    from wirecopy.steps.upkeep.copying import copy_store
    from wirecopy.steps.upkeep.gaps import find_gaps
    from wirecopy.steps.upkeep.indexing import index_texts
    from wirecopy.steps.upkeep.looking import find_places
    from wirecopy.steps.upkeep.maintaining import check_store, health_digest, remove_old_raw, waiting_dates
    from wirecopy.steps.upkeep.reprocessing import reprocess
    from wirecopy.steps.verdicts import reason_of, verdict

_MODULES: Final = {
    "book_alarms": "upkeep.alarming",
    "book_run": "upkeep.alarming",
    "booked_runs": "upkeep.alarming",
    "check_store": "upkeep.maintaining",
    "copies_event": "deduping",
    "copy_store": "upkeep.copying",
    "counters": "summaries",
    "dates_to_match": "deduping",
    "dedupe": "deduping",
    "event_of": "publishing",
    "export_archive": "upkeep.archiving",
    "find_gaps": "upkeep.gaps",
    "find_places": "upkeep.looking",
    "forget": "forgetting",
    "gauges": "summaries",
    "health_digest": "upkeep.maintaining",
    "import_archives": "upkeep.archiving",
    "match": "deduping",
    "index_texts": "upkeep.indexing",
    "migrate_store": "migrating",
    "notifiers": "upkeep.alarming",
    "plan": "planning",
    "publish": "publishing",
    "pull": "pulling",
    "reason_of": "verdicts",
    "remove_old_raw": "upkeep.maintaining",
    "reprocess": "upkeep.reprocessing",
    "store_connection": "connecting",
    "summary": "summaries",
    "use_connection": "connecting",
    "verdict": "verdicts",
    "waiting_dates": "upkeep.maintaining",
    "watch": "upkeep.alarming",
}

__all__ = [
    "book_alarms",
    "book_run",
    "booked_runs",
    "check_store",
    "copies_event",
    "copy_store",
    "counters",
    "dates_to_match",
    "dedupe",
    "event_of",
    "export_archive",
    "find_gaps",
    "find_places",
    "forget",
    "gauges",
    "health_digest",
    "import_archives",
    "index_texts",
    "match",
    "migrate_store",
    "notifiers",
    "plan",
    "publish",
    "pull",
    "reason_of",
    "remove_old_raw",
    "reprocess",
    "store_connection",
    "summary",
    "use_connection",
    "verdict",
    "waiting_dates",
    "watch",
]


def __getattr__(name: str) -> Any:
    """The step *name* (https://peps.python.org/pep-0562/)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
