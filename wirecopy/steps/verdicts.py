"""verdict: whether a published run needs a person, and the next step for that person."""

from __future__ import annotations

from wirecopy.errors import RunFailed
from wirecopy.log import get_log
from wirecopy.records import Report, Run

log = get_log(__name__)


def verdict(*, run: Run | None, report: Report | None) -> Report:
    """Return the run's report, or raise RunFailed with every reason. What could be published is published anyway."""
    if not run:
        raise RunFailed("plan failed: read its log, mend what it says and clear it")
    if not report:
        raise RunFailed("publish failed: read its log, then clear it; finished parts wait in state/staging")
    problems = _problems(run, report)
    if problems:
        raise RunFailed("; ".join(problems))
    if report["due_feeds"] and report["unread_feeds"] == report["due_feeds"]:
        feeds = ", ".join(report["unread"][:5])
        log.warning(
            "none of the %d feeds that were due could be read (%s): look at the network of this machine; later runs "
            "ask again, so nothing is to be done here",
            report["due_feeds"],
            feeds,
        )
    log.info("run=%s is complete: %s", run["run_id"], report["outcomes"] or "nothing new")
    return report


def _problems(run: Run, report: Report) -> list[str]:
    problems = []
    failed = report["shards"] - report["shards_done"]
    if failed > 0:
        problems.append(
            f"{failed} of {report['shards']} pull tasks failed: read their logs, then clear them "
            "with all that follows; the rest is published"
        )
    if report["crashed"]:
        pages = ", ".join(report["crashed"][:3])
        problems.append(
            f"{report['crashed_pages']} page(s) took their process with them ({pages}): "
            "they are tried again by the retry queue, the rest is published"
        )
    if report["set_aside"]:
        problems.append(
            f"{report['set_aside']} finished part(s) cannot be read and were set aside in state/staging: "
            "run this interval again, then remove them"
        )
    if run["mode"] == "past" and report["due_feeds"] and report["unread_feeds"] > report["due_feeds"] / 2:
        feeds = ", ".join(report["unread"][:5])
        problems.append(
            f"{report['unread_feeds']} of {report['due_feeds']} feeds could not be read ({feeds}): "
            "mend them or the network, then run this interval again"
        )
    if report["unaccounted"]:
        problems.append(
            f"{report['unaccounted']} entries were seen and not booked: "
            "this is a bug in wirecopy, please report it with the logs"
        )
    return problems
