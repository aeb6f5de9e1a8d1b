"""verdict: whether a published run needs a person, and the next step for that person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dedupe.errors import DedupeError
from ingest.errors import IngestError
from wirecopy.errors import RunFailed, WirecopyError
from wirecopy.log import get_log
from wirecopy.records import Report, Run

log = get_log(__name__)

LONGEST_REASON: Final = 600  # characters: it passes through Airflow's database, and is read in a list


def verdict(*, run: Run | None, report: Report | None, reasons: Sequence[str] = ()) -> Report:
    """Return the run's report, or raise RunFailed with every reason. What could be published is published anyway.

    *reasons* are what tasks that failed have said of it: they come first.
    """
    if problems := [*reasons, *_problems_of(run, report, told=bool(reasons))]:
        raise RunFailed("; ".join(problem.rstrip(".") for problem in problems))
    assert run
    assert report
    if report["due_feeds"] and report["unread_feeds"] == report["due_feeds"]:
        feeds = ", ".join(report["unread"][:5])
        log.warning(
            "none of the %d feeds that were due could be read (%s): look at the network of this machine; later runs "
            "ask again, so nothing is to be done here",
            report["due_feeds"],
            feeds,
        )
    if report.get("unfinished"):
        log.warning(
            "%s … %s is still open: %d searches of the past left something (%s): run this interval again to go on",
            report["start"],
            report["end"],
            report["unfinished_searches"],
            "; ".join(report["unfinished"][:5]),
        )
    log.info("run=%s is complete: %s", run["run_id"], report["outcomes"] or "nothing new")
    return report


def reason_of(error: Exception) -> str:
    """Why a task failed, in one line, for verdict and for the note of its run: our own errors are sentences, of others
    the kind and the first line.
    """
    if isinstance(error, WirecopyError | IngestError | DedupeError):
        return " ".join(str(error).split())[:LONGEST_REASON]
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:LONGEST_REASON]


def _problems_of(run: Run | None, report: Report | None, *, told: bool) -> list[str]:
    """What is wrong and the next step. *told*: the reasons of tasks that failed are told already."""
    if not run:
        return [
            "nothing was planned: mend that, then clear this run with all its tasks"
            if told
            else "plan failed: read its log, mend what it says, then clear this run with all its tasks"
        ]
    if not report:
        return ["publish failed: read its log, then clear it; finished parts wait in state/staging"]
    return _problems(run, report)


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
    if run["mode"] == "past" and report.get("unsearched_feeds", 0) > report.get("searched_feeds", 0) / 2:
        problems.append(
            f"the archives of {report['unsearched_feeds']} of {report['searched_feeds']} feeds could not be reached "
            f"({'; '.join(report['unfinished'][:3])}): mend the network, then run this interval again"
        )
    if report["unaccounted"]:
        problems.append(
            f"{report['unaccounted']} entries were seen and not booked: "
            "this is a bug in wirecopy, please report it with the logs"
        )
    return problems
