"""`wirecopy run` and `wirecopy rededup`: the steps of the DAGs in a shell."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from wirecopy import steps
from wirecopy.cli.days import check_days, days_of, to_come
from wirecopy.cli.show.console import ERR, OUT, Json, Report, plain, print_counts, print_json, progress_bar
from wirecopy.errors import RunFailed, UsageError
from wirecopy.explain.wording import counted, duration
from wirecopy.feeds.digest import feed_healths
from wirecopy.log import log_to_stderr
from wirecopy.records import Deduped, Kind, Reprocessed
from wirecopy.records import Report as RunReport
from wirecopy.schedule import Interval, intervals_between
from wirecopy.settings import DedupeEngine, load_settings
from wirecopy.store.files.layout import layout_of

From = Annotated[str | None, Parameter(name=["--from"], help="First day (inclusive), or an instant.")]
To = Annotated[str | None, Parameter(name=["--to"], help="Last day (inclusive), or an instant (exclusive).")]
Needed = Annotated[str, Parameter(name=["--from"], help="First day (inclusive).")]
NeededTo = Annotated[str, Parameter(name=["--to"], help="Last day (inclusive).")]
DryRun = Annotated[bool, Parameter(name=["--dry-run"], help="Only count what there is to do.")]
LONG_WORK: Final = "wirecopy.history.warc"  # its messages are shown in any case: a file of an archive takes minutes
Feeds = Annotated[list[str] | None, Parameter(name=["--feed"], help="Only this feed id; may be repeated.")]
Sources = Annotated[
    list[str] | None,
    Parameter(name=["--source"], help="Only this source of history, such as sitemap; may be repeated."),
]
Now = Annotated[bool, Parameter(name=["--now"], help="Ask feeds that are not due, too.")]
Verbose = Annotated[bool, Parameter(name=["--verbose", "-v"], help="Log every feed on stderr.")]
NoDedupe = Annotated[bool, Parameter(name=["--no-dedupe"], help="Only ingest.")]
Again = Annotated[bool, Parameter(name=["--again"], help="Compute the named dates even if they are current.")]
Engine = Annotated[
    Literal["local", "spark"] | None,
    Parameter(name=["--engine"], help="Match dates here, or on the Spark of spark_remote; else as dedupe_engine says."),
]


def run(
    *,
    from_: From = None,
    to: To = None,
    feed: Feeds = None,
    source: Sources = None,
    now: Now = False,
    no_dedupe: NoDedupe = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Take what is new now, or complete past days; then find the copies.

    Without --from and --to it is one live pass: feeds that are due, and entries to be tried again. With them it is
    a past run, cut into UTC days: it takes only what was published inside. Exit 1 if a run needs a person, or if feeds
    were asked and none could be read.

    ```
    wirecopy run
    wirecopy run --now --feed bbc-world
    wirecopy run --from 2026-10-01 --to 2026-10-31
    wirecopy run --from 2026-10-01 --to 2026-10-31 --source sitemap --source wordpress
    wirecopy run --feed bbc-world --verbose
    ```
    """
    if (from_ is None) != (to is None):
        raise UsageError("--from and --to go together: `wirecopy run --from 2026-10-01 --to 2026-10-31`.")
    if source and from_ is None:
        raise UsageError("--source goes with --from and --to: only past runs read sources of history.")
    if now and from_ is not None:
        raise UsageError("--now is for a live run: a past run asks its sources whenever it runs.")
    _log(verbose)
    reports, failures = [], []
    for kind, interval in list(_intervals(from_, to)):
        report, failure = _one_run(kind, interval, feed or [], source or [], due_or_not=now)
        reports.append(report)
        failures += [f"{report['start']} … {report['end']}: {failure}"] if failure else []
        if not json:
            _print_report(report)
        if kind == "live" and not (report["due_feeds"] or report["tried"]):
            _print_next_due(feed or [])
    dedupe = None if no_dedupe else _dedupe(None, None, again=False)
    if json:
        print_json({"runs": reports, "dedupe": dedupe, "problems": failures})
    elif dedupe:
        _print_dedupe(dedupe)
    if failures:
        raise RunFailed("\n".join(failures))
    return 1 if any(map(_read_nothing, reports)) else 0


def reextract(
    *, from_: Needed, to: NeededTo, dry_run: DryRun = False, json: Json = False, verbose: Verbose = False
) -> int:
    """Extract the captured pages of past days again, from raw/ and without network.

    For a new version of wirecopy or of trafilatura, and for what `wirecopy raw import` brought. The same code gives the
    same articles; other code replaces the text that a capture gave before. The days are those of publication by the
    feed, of pages without one those of fetching. The copies of the days that changed are computed again.

    ```
    wirecopy reextract --from 2026-10-01 --to 2026-10-31 --dry-run
    ```
    """
    check_days(from_, to)
    _log(verbose)
    run_id = f"command__reextract__{uuid.uuid4().hex[:8]}"
    with progress_bar() as report:
        result = steps.reprocess(
            action="reextract", first=from_, last=to, dry_run=dry_run, run_id=run_id, report=report
        )
    print_json(result) if json else _print_reextracted(result)
    return 0


def rededup(
    *,
    from_: From = None,
    to: To = None,
    again: Again = False,
    engine: Engine = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Bring matches and clusters up to date, without waiting for quiet days.

    What is out of date is read from the store: dates whose articles changed, or that other parameters or another
    version of the code computed. Each date is kept when it is done: stopped or killed, the same call goes on. In
    Airflow the tasks of dates run on its workers (docs/scale.md); here they run in this process, or on Spark.

    ```
    wirecopy rededup
    wirecopy rededup --from 2026-10-01 --to 2026-10-31 --again
    wirecopy rededup --from 2016-01-01 --to 2025-12-31 --engine spark --verbose
    ```
    """
    if again and (from_ is None or to is None):
        raise UsageError("--again needs --from and --to: name the dates to compute once more.")
    first, last = (day.isoformat() if day else None for day in days_of(from_, to))
    _log(verbose)
    result = _dedupe(first, last, again=again, engine=engine)
    print_json(result) if json else _print_dedupe(result)
    return 0


def _intervals(first: str | None, last: str | None) -> Iterator[tuple[Kind, Interval | None]]:
    if first is None or last is None:
        yield "live", None
    else:
        check_days(first, last)
        now = load_settings().clock()
        for interval in intervals_between(first, last):
            if interval.start > now:
                raise UsageError(
                    f"{to_come(f'{interval.start:%Y-%m-%d}', now)} Without --from and --to it takes what is new now."
                )
            yield "day", interval


def _one_run(
    kind: Kind, interval: Interval | None, feeds: list[str], sources: list[str], *, due_or_not: bool
) -> tuple[RunReport, str | None]:
    """Plan, pull, publish and judge one interval; the report, and why it is red."""
    start, end = (interval.start.isoformat(), interval.end.isoformat()) if interval else (None, None)
    now = load_settings().clock()
    planned = steps.plan(
        kind=kind,
        run_id=f"command__{kind}__{now:%Y-%m-%dT%H:%M:%S}__{uuid.uuid4().hex[:8]}",
        start=start,
        end=end,
        feeds=feeds,
        sources=sources,
        due_or_not=due_or_not,
        shards=1,
    )
    with progress_bar() as report:
        counts = [steps.pull(**shard, progress=_Tried(report)) for shard in planned["shards"]]
    published = steps.publish(run=planned["run"], pulled=counts)
    try:
        steps.verdict(run=planned["run"], report=published)
    except RunFailed as error:
        return published, str(error)
    return published, None


def _print_next_due(feeds: list[str]) -> None:
    """When there is something to do, of a live run for which there was nothing."""
    settings = load_settings()
    known = [one for one in feed_healths(settings, layout_of(settings)) if not feeds or one.feed_id in feeds]
    due = min((one for one in known if one.next_due), key=lambda one: one.next_due or settings.clock(), default=None)
    if due is None or due.next_due is None:
        return
    ERR.print(
        f"Nothing is due before {due.next_due:%Y-%m-%d %H:%M} UTC, in {duration(due.next_due - settings.clock())} "
        f"({plain(due.feed_id)}). --now asks all the same.",
        soft_wrap=True,
    )


class _Tried:
    """Counts the entries tried so far."""

    def __init__(self, report: Report) -> None:
        self.report, self.done = report, 0

    def __call__(self, count: int) -> None:
        self.done += count
        self.report("entries tried", self.done, 0)


def _dedupe(first: str | None, last: str | None, *, again: bool, engine: DedupeEngine | None = None) -> Deduped:
    with progress_bar() as report:
        return steps.dedupe(first=first, last=last, again=again, engine=engine, progress=report)


def _print_report(report: RunReport) -> None:
    title = f"{report['mode']} run {report['start'][:16]} … {report['end'][:16]} UTC"
    entries = report["entries"]
    left = {name: count for name, count in entries.items() if name not in ("entries", "besides_feeds") and count}
    print_counts(
        title,
        {
            "polls": _words(report["polls"]),
            **({"searches": _words(report["searches"])} if report["searches"] else {}),
            "entries seen": report["seen"],
            "  tried": report["tried"],
            **{f"  {n}": c for n, c in left.items()},
            "  unaccounted": report["unaccounted"],
        },
    )
    if report["outcomes"]:
        print_counts("outcomes", report["outcomes"])
    if report["unfinished"]:
        OUT.print(f"searches not finished: {'; '.join(report['unfinished'][:5])}", soft_wrap=True)
    if report["unread"]:
        OUT.print(f"feeds not read: {', '.join(report['unread'])}")
    if _read_nothing(report):
        ERR.print("[yellow]No feed could be read.[/] Look at the network: they are polled again when they are due.")
    OUT.print(f"dates changed: {_dates(report['dates'])}")


def _read_nothing(report: RunReport) -> bool:
    """Whether feeds were asked, and not one could be read."""
    return 0 < report["due_feeds"] == report["unread_feeds"]


def _print_reextracted(result: Reprocessed) -> None:
    if not result["pages"]:
        ERR.print("raw/ holds no page of these days: `wirecopy raw list` shows what there is.")
    if result["dry_run"]:
        OUT.print(f"{result['pages']:,} captured pages of {result['days']:,} day(s) would be extracted again")
        ERR.print("Nothing has changed. Leave --dry-run out to do it.")
        return
    OUT.print(
        f"{result['pages']:,} captured pages extracted again; dates changed: {_dates(result['changed'])}",
        soft_wrap=True,
    )
    if result["outcomes"]:
        print_counts("outcomes", result["outcomes"])
    if result["dedupe"]:
        _print_dedupe(result["dedupe"])


def _print_dedupe(result: Deduped) -> None:
    if result["busy"]:
        ERR.print("Another dedupe runs on this store; it will look once more before it ends.")
    elif not result["dates"]:
        OUT.print("copies: everything is up to date")
    else:
        found = f"{counted(result['matches'], 'match', 'matches')} and {counted(result['copies'], 'copy', 'copies')}"
        withdrawn = f"; {counted(result['withdrawn'], 'earlier match', 'earlier matches')} withdrawn"
        OUT.print(f"copies: {found} on {_dates(result['dates'])}{withdrawn if result['withdrawn'] else ''}")


def _dates(dates: list[str]) -> str:
    """Some dates by name, many by their ends."""
    return ", ".join(dates) or "none" if len(dates) <= 8 else f"{len(dates)} dates from {dates[0]} to {dates[-1]}"


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none due"


def _log(verbose: bool) -> None:
    import logging

    log_to_stderr(logging.INFO if verbose else logging.WARNING)
    logging.getLogger(LONG_WORK).setLevel(logging.INFO)
