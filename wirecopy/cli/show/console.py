"""The consoles of the command: results on stdout, progress and messages on stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.errors import MarkupError
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table


class Terminal(Console):
    """A console to which nothing from outside can do harm, even where a text was put between markup as it is."""

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich's, without what would steer the terminal; a text that breaks the markup is printed as a text."""
        shown = [harmless(one) if isinstance(one, str) else one for one in objects]
        try:
            super().print(*shown, **options)
        except MarkupError:
            super().print(*(escape(one) if isinstance(one, str) else one for one in shown), **options)


# Control characters but for tab and line feed, and what turns the direction of all that follows: an article must not
# steer the terminal of the person who reads it.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

ROOMY = 100  # cells of a terminal from which columns stand two blanks apart

OUT = Terminal(highlight=False, soft_wrap=False)
ERR = Terminal(stderr=True, highlight=False)

Report = Callable[[str, int, int], None]
Json = Annotated[bool, Parameter(name=["--json"], help="One JSON document on stdout.")]


def harmless(text: object) -> str:
    """*text* for a terminal: characters that would control the terminal become a replacement character."""
    return STEERING.sub("\ufffd", str(text))


def plain(text: object) -> str:
    """*text* to be put between rich's markup: harmless, and no markup itself."""
    return escape(harmless(text))


def for_stdout(value: object) -> object:
    """*value* as stdout may get it: a terminal harmless, a pipe (which may go to a file) as it is."""
    return harmless(value) if isinstance(value, str) and sys.stdout.isatty() else value


def print_json(value: Any) -> None:
    """One JSON document on stdout, for programs."""
    print(for_stdout(json.dumps(value, ensure_ascii=False, default=str)))


def print_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: str = "") -> None:
    """A table on a terminal; in a pipe the names of the columns and a line per row, cut by tabs and never wrapped.

    *numbers* names the columns that stand right-aligned.
    """
    if not OUT.is_terminal:
        for row in (columns, *rows):
            print("\t".join(" ".join(harmless(value).split()) for value in row))
        return
    between = (0, 1, 0, 0) if OUT.width < ROOMY else (0, 1)
    table = Table(
        title=plain(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False, padding=between
    )
    for name in columns:
        table.add_column(name, justify="right" if name in numbers.split() else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(plain, row))
    OUT.print(table)


def print_counts(title: str, counts: Mapping[str, Any], console: Console = OUT) -> None:
    """A heading, then names and numbers, one a line."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="cyan")
    table.add_column(justify="right")
    for name, value in counts.items():
        table.add_row(f"  {name}", f"{value:,}" if isinstance(value, int) else plain(value))
    console.print(plain(title), style="bold", soft_wrap=True)
    console.print(table)


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Yields `report(what, done, total)`; draws only on a terminal. A total of 0 means that it is unknown."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]left"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                for before in progress.tasks:  # a step that begins says that those before it are done
                    progress.update(before.id, completed=before.total or before.completed)
                tasks[what] = progress.add_task(what, total=total or None)
            progress.update(tasks[what], completed=done, total=total or None)

        yield report
