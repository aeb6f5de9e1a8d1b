"""`wirecopy gaps`: days with fewer articles than usual, and the command that fills them."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final

from cyclopts import Parameter

from wirecopy import steps
from wirecopy.cli.days import check_days
from wirecopy.cli.show.console import ERR, OUT, Json, plain, print_json, print_rows
from wirecopy.explain.wording import counted
from wirecopy.steps.upkeep.gaps import spans_of
from wirecopy.store.query.gaps import WHY

From = Annotated[str | None, Parameter(name=["--from"], help="First day of publication (inclusive).")]
To = Annotated[str | None, Parameter(name=["--to"], help="Last day (inclusive).")]
Feeds = Annotated[list[str] | None, Parameter(name=["--feed"], help="Only this feed id; may be repeated.")]
BySource = Annotated[bool, Parameter(name=["--by-source"], help="A row for each site that a feed links to.")]
EachDay = Annotated[bool, Parameter(name=["--each-day"], help="A row for each day, also for those without a gap.")]

COMMANDS: Final = 5  # that are printed: who has more gaps fills the largest first
NUMBERS: Final = ("articles", "usual", "missing")
FEW_FEEDS: Final = 3  # so many are named in the command; else it fills all


def gaps(
    *,
    from_: From = None,
    to: To = None,
    feed: Feeds = None,
    by_source: BySource = False,
    each_day: EachDay = False,
    json: Json = False,
) -> int:
    """Show days with fewer articles than usual for their weekday, and the command that fills them.

    Without --from and --to it looks at the last 30 days that are over. Usual is the median of the last eight such
    weekdays on which the feed was watched. A day is a gap if nobody read the feed and articles are missing
    (not_watched), if a feed showed more than was seen between two polls (missed), or if there are far fewer than chance
    explains (few). The same numbers are the views gaps and gaps_by_feed.

    ```
    wirecopy gaps
    wirecopy gaps --from 2026-10-01 --to 2026-10-31 --feed bbc-world
    wirecopy gaps --json | jq '.gaps[] | select(.why)'
    wirecopy query "SELECT date, sum(missing) FROM gaps_by_feed WHERE why IS NOT NULL GROUP BY ALL ORDER BY 1"
    ```
    """
    check_days(from_, to)
    found = steps.find_gaps(first=from_, last=to, feeds=feed or (), by_source=by_source)
    lacking = [row for row in found if row["why"]]
    commands = list(_commands(lacking, feed or []))
    if json:
        print_json({"gaps": found, "fill": commands})
        return 0
    shown = [_cells(row["date"], row["date"], [row]) for row in found] if each_day else list(_stretches(lacking))
    if not by_source:
        shown = [(name, *rest) for name, _, *rest in shown]
    if shown:
        names = ("feed", *(("source",) if by_source else ()), "days", *NUMBERS, "why")
        print_rows("gaps", names, shown, numbers=" ".join(NUMBERS))
    _say(found, lacking, commands)
    return 0


def _say(found: list[dict[str, Any]], lacking: list[dict[str, Any]], commands: list[str]) -> None:
    if not found:
        ERR.print(
            "No feed has articles yet, so nothing is known of what is usual: `wirecopy run` takes the first.",
            soft_wrap=True,
        )
    elif not lacking:
        days = counted(len({row["date"] for row in found}), "day")
        ERR.print(f"No gaps in {days}: every feed has about as many articles as usual.", soft_wrap=True)
    for why in sorted({row["why"] for row in lacking}):
        ERR.print(f"{why}: {WHY[why]}", soft_wrap=True)
    for command in commands[:COMMANDS]:
        OUT.print(f"fill them: {plain(command)}", soft_wrap=True)
    if commands:
        ERR.print(
            "or in Airflow: the backfill form of wirecopy_day, with the same days (docs/backfill.md)", soft_wrap=True
        )


def _stretches(lacking: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    """A row for each stretch of days of one feed (and source) that are gaps for one reason."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in lacking:
        groups[row["feed_id"], row["source"] or "", row["why"]].append(row)
    for _, rows in sorted(groups.items()):
        for first, last in spans_of([row["date"] for row in rows]):
            yield _cells(first, last, [row for row in rows if first <= row["date"] <= last])


def _cells(first: date, last: date, rows: list[dict[str, Any]]) -> tuple[object, ...]:
    """One line: the sums over its days."""
    row = rows[0]
    days = f"{first}" if first == last else f"{first} … {last:%m-%d}"
    usual, missing = (_number(sum(one[key] or 0 for one in rows)) for key in ("usual", "missing"))
    return (
        row["feed_id"],
        row["source"] or "",
        days,
        sum(one["articles"] for one in rows),
        usual,
        missing,
        row["why"] or "",
    )


def _number(value: float) -> str:
    """A sum of medians, which may end in .5."""
    return f"{value:.1f}".removesuffix(".0")


def _commands(lacking: list[dict[str, Any]], asked: list[str]) -> Iterator[str]:
    """Commands that fill the gaps, the one with the most missing articles first."""
    feeds = sorted({row["feed_id"] for row in lacking})
    named = asked or (feeds if len(feeds) <= FEW_FEEDS else [])
    spans = spans_of([row["date"] for row in lacking])
    missing = {span: sum(row["missing"] for row in lacking if span[0] <= row["date"] <= span[1]) for span in spans}
    for first, last in sorted(spans, key=lambda span: -missing[span]):
        words = ["wirecopy", "run", "--from", first.isoformat(), "--to", last.isoformat()]
        for name in named:
            words += ["--feed", name]
        yield shlex.join(words)
