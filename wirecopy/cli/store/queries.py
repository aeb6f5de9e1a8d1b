"""`wirecopy query`: one SELECT over the store."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from cyclopts import Parameter

from wirecopy.cli.show.console import OUT
from wirecopy.cli.show.results import print_blocks, print_csv, print_json, print_jsonl, print_table
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import layout_of
from wirecopy.store.query.read import Limits, answer

Format = Literal["table", "block", "csv", "json", "jsonl"]


def query(
    sql: str,
    /,
    *,
    format: Annotated[
        Format | None,
        Parameter(help="Default: table on a terminal (or block, a line for each value, if none fits), csv in a pipe."),
    ] = None,
    json: Annotated[bool, Parameter(name=["--json"], help="The same as --format json.")] = False,
    spreadsheet: Annotated[
        bool, Parameter(name=["--spreadsheet"], help="CSV in which no text is a formula: it gets a ' before it.")
    ] = False,
) -> int:
    """Ask the store with DuckDB, read-only, in UTC.

    Columns keep their names, also equal ones; as keys of JSON a second `a` is `a_1`.

    Tables: articles, revisions, clusters, matches, sketches, outcomes, polls. Views: articles_unique, copies,
    cluster_sizes, matches_standing, passages, outcomes_by_feed, revisions_shown, feed_health, gaps, gaps_by_feed;
    changes(since) gives the rows of articles since a commit.

    ```
    wirecopy query "SELECT date, count(*) FROM articles GROUP BY ALL ORDER BY ALL"
    wirecopy query "SELECT copy_publisher, count(*) AS copies FROM copies GROUP BY ALL ORDER BY 2 DESC"
    wirecopy query "SELECT feed_id, code, count(*) FROM outcomes GROUP BY ALL" --format csv > outcomes.csv
    ```
    """
    settings = load_settings()
    limits = Limits(memory=settings.query_memory, spill=settings.query_spill)
    with _ended_by_ctrl_c():
        result = answer(layout_of(settings), sql, limits=limits)
    chosen: Format = "json" if json else format or ("table" if OUT.is_terminal else "csv")
    if chosen == "csv":
        print_csv(result, spreadsheet=spreadsheet)
    else:
        {"table": print_table, "block": print_blocks, "json": print_json, "jsonl": print_jsonl}[chosen](result)
    return 0


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Python's own handler of Ctrl-C waits until DuckDB is done, which may be hours; reading can be broken off."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
