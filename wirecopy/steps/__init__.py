"""One function per task: plain arguments and small JSON in, small JSON out. Light to import; each loads what it needs
when called.
"""

from wirecopy.steps.deduping import dedupe
from wirecopy.steps.planning import plan
from wirecopy.steps.publishing import event_of, publish
from wirecopy.steps.pulling import pull
from wirecopy.steps.verdicts import verdict

__all__ = ["dedupe", "event_of", "plan", "publish", "pull", "verdict"]
