"""`wirecopy doctor`: checks everything that a run needs, and names the next step for each problem."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from wirecopy.cli.checkup import checkup
from wirecopy.cli.findings import Finding, State
from wirecopy.cli.show.console import OUT, plain, print_json, print_rows, progress_bar
from wirecopy.explain.wording import counted

COLOURS: dict[State, str] = {"ok": "green", "note": "yellow", "problem": "bold red"}


def doctor(*, json: Annotated[bool, Parameter(name=["--json"], help="The findings as JSON on stdout.")] = False) -> int:
    """Check what a run needs: versions, settings, feeds, engine, store, feed state, clock, disk, and Airflow.

    One line each: ok, note (works, but look at it) or problem, with the next step. Exit 1 if there is a problem.
    Nothing is changed, and no site is asked. Of a store on a bucket one object is made and removed, to a Spark a
    connection is opened and closed.

    ```
    wirecopy doctor
    ```
    """
    with progress_bar() as report:
        findings = list(checkup(report))
    if json:
        print_json([asdict(finding) for finding in findings])
    elif OUT.is_terminal:
        _print(findings)
    else:
        columns = ("state", "what", "says", "next")
        print_rows("", columns, [(one.state, one.what, one.says, one.next_step) for one in findings])
    return 1 if any(finding.state == "problem" for finding in findings) else 0


def _print(findings: list[Finding]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in findings:
        said = plain(one.says) + (f"\n[bold]→[/] {plain(one.next_step)}" if one.next_step else "")
        table.add_row(f"[{COLOURS[one.state]}]{one.state}[/]", plain(one.what), said)
    OUT.print(table)
    counts = Counter(finding.state for finding in findings)
    OUT.print(", ".join(counted(counts[state], state) if state != "ok" else f"{counts[state]} ok" for state in COLOURS))
