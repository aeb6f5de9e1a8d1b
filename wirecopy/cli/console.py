"""What the commands print with: results on stdout, progress and messages on stderr."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

OUT = Console(highlight=False, soft_wrap=False)
ERR = Console(stderr=True, highlight=False)

Report = Callable[[str, int, int], None]


def print_json(value: Any) -> None:
    """One JSON document on stdout, for programs."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def print_counts(title: str, counts: Mapping[str, Any], console: Console = OUT) -> None:
    """A heading, then names and numbers, one a line."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="cyan")
    table.add_column(justify="right")
    for name, value in counts.items():
        table.add_row(f"  {name}", f"{value:,}" if isinstance(value, int) else str(value))
    console.print(title, style="bold", soft_wrap=True)
    console.print(table)


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Yields `report(what, done, total)`; draws only on a terminal. A total of 0 means that it is not known."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total or None)
            progress.update(tasks[what], completed=done, total=total or None)

        yield report
