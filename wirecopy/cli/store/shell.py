"""`wirecopy shell`: a prompt over the store's tables and views, read-only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from wirecopy.cli.show.console import ERR, OUT, plain
from wirecopy.cli.show.results import print_csv, print_table
from wirecopy.errors import StoreError, UsageError
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.query.read import Limits, answer, statements_of

FIRST, MORE = "wirecopy> ", "      ... "
LEAVE: Final = frozenset({".quit", ".exit", "exit", "quit"})
HELP: Final = """A query ends with a semicolon, as in: FROM cluster_sizes ORDER BY articles DESC LIMIT 10;
.tables  what there is to ask     .schema TABLE  its columns     .quit  or Ctrl-D leaves"""


def shell() -> int:
    """Ask the store at a prompt: DuckDB's SQL over its tables and views, read-only, in UTC.

    Each query sees the store as it is at that moment, also while runs write it. Without a terminal the statements are
    read from stdin, and answered in CSV; one that fails ends it with exit 2.

    ```
    wirecopy shell
    wirecopy shell < report.sql > report.csv
    ```
    """
    settings = load_settings()
    layout, limits = layout_of(settings), Limits(memory=settings.query_memory, spill=settings.query_spill)
    answer(layout, "SELECT 1")  # without a store, say so now
    talking = sys.stdin.isatty()
    if talking:
        import readline  # noqa: F401 - `input` then has a history and arrow keys

        ERR.print(HELP)
    for statement in _statements(talking):
        try:
            _answer(layout, statement, limits)
        except (UsageError, StoreError) as error:
            if not talking:
                raise
            ERR.print(f"[bold red]error:[/] {plain(str(error))}", soft_wrap=True)
    return 0


def _answer(layout: Layout, statement: str, limits: Limits) -> None:
    if statement.startswith("."):
        statement = _command(statement)
        if not statement:
            return
    result = answer(layout, statement, limits=limits)
    print_table(result) if OUT.is_terminal else print_csv(result)


def _command(line: str) -> str:
    """The query that a line beginning with a dot stands for; "" if it has been answered."""
    word, *rest = line.rstrip(";").split()
    if word == ".tables":
        return "SELECT table_name AS name FROM information_schema.tables ORDER BY ALL"
    if word in (".schema", ".columns") and len(rest) == 1 and rest[0].isidentifier():
        return f"SELECT column_name, column_type FROM (DESCRIBE {rest[0]})"  # noqa: S608 - one plain name
    ERR.print(HELP)
    return ""


def _statements(talking: bool) -> Iterator[str]:
    """Statements as they are finished: at a semicolon outside of quotes, or at the end of a line that begins with a
    dot. What stands at the end of a file without one is a statement too.
    """
    lines: list[str] = []
    while True:
        try:
            line = input((MORE if lines else FIRST) if talking else "")
        except EOFError:
            break
        except KeyboardInterrupt:  # drops the unfinished statement, as in other shells
            lines = []
            ERR.print()
            continue
        if not lines and line.strip().lower().rstrip(";") in LEAVE:
            return
        lines.append(line)
        text = "\n".join(lines).strip()
        if text.startswith("."):
            lines = []
            yield text
        elif text.endswith(";") and text.count("'") % 2 == 0:
            lines = []
            yield from statements_of(text)
        elif not text:
            lines = []
    if talking:
        ERR.print()
    elif "\n".join(lines).strip():
        yield from statements_of("\n".join(lines).strip())
