"""One function per task: plain arguments and small JSON in, small JSON out. Light to import; each loads what it needs
when called.
"""

from wirecopy.steps.archiving import export_archive, import_archives
from wirecopy.steps.deduping import dedupe
from wirecopy.steps.forgetting import forget
from wirecopy.steps.maintaining import check_store, health_digest, remove_old_raw, waiting_dates
from wirecopy.steps.planning import plan
from wirecopy.steps.publishing import event_of, publish
from wirecopy.steps.pulling import pull
from wirecopy.steps.reprocessing import reprocess
from wirecopy.steps.verdicts import verdict

__all__ = [
    "check_store",
    "dedupe",
    "event_of",
    "export_archive",
    "forget",
    "health_digest",
    "import_archives",
    "plan",
    "publish",
    "pull",
    "remove_old_raw",
    "reprocess",
    "verdict",
    "waiting_dates",
]
