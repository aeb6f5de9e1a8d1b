"""`wirecopy status`: last runs, lag, retries, and dates that are out of date."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from ingest.errors import FeedListError
from wirecopy.alarms.open import line_of, open_alarms
from wirecopy.cli.show.console import OUT, plain, print_counts, print_json
from wirecopy.explain.wording import counted, duration, instant_or_none
from wirecopy.feeds.digest import feed_healths, odd_feeds, retry_counts
from wirecopy.runs.summary import NOT_TRIED
from wirecopy.settings import Settings, load_settings
from wirecopy.settingvalues import write_duration
from wirecopy.steps import waiting_dates
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.query.read import rows
from wirecopy.store.staging.journals import unbooked_entries
from wirecopy.store.staging.parts import waiting_parts

RUNS = 10
NUMBERS = ("polls", "entries", "left", "tried", "stored", "revised", "pending")

# Entries that were left alone, by the table that counts them: live feeds are polled, the past is searched.
_LEFT_BY = {"polls": "undated", "searches": "too_old"}  # the table → the reason that it does not have
_LEFT = {table: " + ".join(name for name in NOT_TRIED if name != missing) for table, missing in _LEFT_BY.items()}
_RUN = "any_value(mode) AS mode, any_value(interval_start) AS start, any_value(interval_end) AS stop"
TOTALS = """
SELECT count(*) AS articles, max(published_at) AS newest, count(DISTINCT date) AS dates,
       (SELECT count(*) FROM clusters WHERE role = 'copy') AS copies, (SELECT max(polled_at) FROM polls) AS last_at
FROM articles
"""
LAST_RUNS = f"""
WITH looks AS (SELECT run_id, mode, interval_start, interval_end, polled_at, polled_at AS looked_at, entries, taken,
                      {_LEFT["polls"]} AS "left" FROM polls
               UNION ALL
               SELECT run_id, mode, interval_start, interval_end, NULL, searched_at, entries, taken,
                      {_LEFT["searches"]} FROM searches),
     polled AS (SELECT run_id, {_RUN}, max(looked_at) AS last_at, count(polled_at) AS polls,
                       sum(entries)::BIGINT AS entries, sum("left")::BIGINT AS "left", sum(taken)::BIGINT AS taken
                FROM looks GROUP BY run_id),
     booked AS (SELECT run_id, {_RUN}, max(tried_at) AS last_at, count(*) AS tried, count_if(code = 'stored') AS stored,
                       count_if(code = 'revised') AS revised, count_if(NOT terminal) AS pending
                FROM outcomes GROUP BY run_id)
SELECT run_id, coalesce(p.mode, b.mode) AS mode, coalesce(p.start, b.start) AS start, coalesce(p.stop, b.stop) AS stop,
       greatest(p.last_at, b.last_at) AS last_at, coalesce(polls, 0) AS polls, coalesce(entries, 0) AS entries,
       coalesce("left", 0) AS "left",
       coalesce(tried, 0) AS tried, coalesce(stored, 0) AS stored, coalesce(revised, 0) AS revised,
       coalesce(pending, 0) AS pending,
       coalesce(abs(entries - "left" - taken) + greatest(taken - coalesce(tried, 0), 0), 0) AS unaccounted
FROM polled p FULL JOIN booked b USING (run_id) ORDER BY last_at DESC, run_id LIMIT {RUNS}
"""  # noqa: S608 -- no input of a user in it


def status(*, json: Annotated[bool, Parameter(name=["--json"], help="One JSON document on stdout.")] = False) -> int:
    """Show the last runs, the lag, the retry queue, feeds that fail, and dates whose copies are out of date.

    Of each run: entries seen in feeds, of them left (known, too old, outside its interval, …), entries tried (the rest,
    and those of the retry queue), and what became of them. Entries that were seen and have no outcome would be a bug,
    and are named.

    Exit 1 if an alarm is open, dates are out of date, feeds fail or entries are unaccounted for, so that a monitor can
    ask: also when nothing runs any more, which nobody inside could tell.

    ```
    wirecopy status --json
    ```
    """
    settings = load_settings()
    layout = layout_of(settings)
    layout.require(layout.store)
    found = _collect(settings, layout)
    print_json(found) if json else _print(found)
    lost = any(run["unaccounted"] for run in found["runs"])
    lost = lost or found["unbooked_entries"] > 0
    return 1 if lost or found["out_of_date"] or found["failing_feeds"] or found["alarms"] else 0


def _collect(settings: Settings, layout: Layout) -> dict[str, Any]:
    now = settings.clock()
    totals = rows(layout, TOTALS)[0]
    return {
        "store": str(layout.store),
        "articles": totals["articles"],
        "dates": totals["dates"],
        "copies": totals["copies"],
        "newest_article": totals["newest"],
        "runs": rows(layout, LAST_RUNS),
        **_lag(totals["last_at"], now),
        **retry_counts(layout, now),
        **_feeds(settings, layout),
        "waiting_parts": waiting_parts(layout),
        "unbooked_entries": unbooked_entries(layout),
        "out_of_date": waiting_dates(),
    }


def _feeds(settings: Settings, layout: Layout) -> dict[str, Any]:
    """What is odd about feeds, and alarms. A store can be looked at without its feed list, as on another machine."""
    try:
        healths = feed_healths(settings, layout)
    except FeedListError as error:
        return {**odd_feeds(()), "alarms": [], "feed_list_problem": str(error).splitlines()[0]}
    alarms = open_alarms(settings, layout, healths=healths)
    return {**odd_feeds(healths), "alarms": alarms, "feed_list_problem": None}


def _lag(last: datetime | None, now: datetime) -> dict[str, Any]:
    """How old the newest poll is."""
    return {"last_poll": last, "lag_seconds": round((now - last).total_seconds()) if last else None}


def _print(found: dict[str, Any]) -> None:
    lag = found["lag_seconds"]
    print_counts(
        found["store"],
        {
            "articles": found["articles"],
            "dates": found["dates"],
            "copies": found["copies"],
            "newest article": instant_or_none(found["newest_article"]),
            "last poll": f"{instant_or_none(found['last_poll'])} ({duration(timedelta(seconds=lag))} ago)"
            if lag is not None
            else "never",
            "retries waiting": found["retries"],
            "  due now": found["retries_due"],
            "exhausted": found["exhausted"],
            "parts not yet published": found["waiting_parts"],
        },
    )
    OUT.print(_runs(found["runs"]))
    _print_sums(found["runs"], found["unbooked_entries"])
    if found["feed_list_problem"]:
        OUT.print(f"[yellow]feeds unknown[/]: {plain(found['feed_list_problem'])}", soft_wrap=True)
    for feed, why in found["failing_feeds"].items():
        OUT.print(f"[yellow]failing feed[/] {plain(feed)}: {plain(why)}", soft_wrap=True)
    for what in ("resting", "silent", "gap", "outage"):
        if names := found[f"{what}_feeds"]:
            OUT.print(f"[yellow]{what}[/]: {plain(', '.join(names))} (`wirecopy feeds list` says more)", soft_wrap=True)
    for alarm in found["alarms"]:
        OUT.print(f"[red]alarm[/] {plain(line_of(alarm))}", soft_wrap=True)
    stale = found["out_of_date"]
    OUT.print(
        f"[yellow]out of date[/]: {', '.join(stale)} (`wirecopy rededup` computes them)"
        if stale
        else "copies are up to date"
    )


def _print_sums(runs: list[dict[str, Any]], unbooked: int) -> None:
    lost = [run for run in runs if run["unaccounted"]]
    if unbooked:
        OUT.print(
            f"[yellow]{counted(unbooked, 'entry', 'entries')}[/] that a killed run had taken are not booked yet: "
            "the next run (`wirecopy run`) books them and tries them again",
            soft_wrap=True,
        )
    if runs and not lost and not unbooked:
        OUT.print("every entry seen is accounted for: seen = left + tried")
    for run in lost:
        OUT.print(
            f"[red]{run['unaccounted']} entries have no outcome[/] in run {plain(run['run_id'])}: "
            "this is a bug in wirecopy, please report it with the logs",
            soft_wrap=True,
        )


def _runs(runs: list[dict[str, Any]]) -> Table:
    """Narrow enough for 80 columns: run ids are in --json only."""
    table = Table(title="last runs (UTC)", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("interval", "mode", *NUMBERS):
        table.add_column(name, justify="right" if name in NUMBERS else "left", no_wrap=True)
    for run in runs:
        interval = f"{run['start']:%m-%d %H:%M} +{write_duration(run['stop'] - run['start'])}"
        table.add_row(interval, run["mode"], *(f"{run[name]:,}" for name in NUMBERS))
    return table
