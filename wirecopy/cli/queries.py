"""`wirecopy query`: one SELECT over the store."""

from __future__ import annotations

import csv
import json as jsonlib
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from wirecopy.cli.show.console import ERR, OUT, plain
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import query as ask

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["table", "csv", "json", "jsonl"]
SHOWN = 50  # rows of a table on a terminal; the other formats give all
WIDTH = 60  # characters of one cell there


def query(
    sql: str,
    /,
    *,
    format: Annotated[Format | None, Parameter(help="Default: table on a terminal, csv in a pipe.")] = None,
    json: Annotated[bool, Parameter(name=["--json"], help="The same as --format json.")] = False,
) -> int:
    """Ask the store with DuckDB, read-only, in UTC.

    Tables: articles, revisions, clusters, matches, sketches, outcomes, polls. Views: articles_unique, copies,
    cluster_sizes, matches_standing, outcomes_by_feed, revisions_shown, feed_health; changes(since) gives the rows of
    articles since a commit.

    ```
    wirecopy query "SELECT date, count(*) FROM articles GROUP BY ALL ORDER BY ALL"
    wirecopy query "SELECT copy_publisher, count(*) AS copies FROM copies GROUP BY ALL ORDER BY 2 DESC"
    wirecopy query "SELECT feed_id, code, count(*) FROM outcomes GROUP BY ALL" --format csv > outcomes.csv
    ```
    """
    result = ask(Layout(load_settings().root), sql)
    chosen: Format = "json" if json else format or ("table" if OUT.is_terminal else "csv")
    {"table": print_table, "csv": print_csv, "json": _json, "jsonl": _jsonl}[chosen](result)
    return 0


def print_table(result: pa.Table, console: Console = OUT) -> None:
    """The first rows of *result*, for people."""
    table = Table(box=SIMPLE_HEAD)
    for field in result.schema:
        table.add_column(
            field.name,
            justify="right" if str(field.type).startswith(("int", "double", "decimal", "uint", "hugeint")) else "left",
        )
    for row in result.slice(0, SHOWN).to_pylist():
        table.add_row(*(_cell(value) for value in row.values()))
    console.print(table)
    if result.num_rows > SHOWN:
        ERR.print(f"{result.num_rows:,} rows, the first {SHOWN} are shown: --format csv, json or jsonl gives all.")


def _cell(value: Any) -> str:
    text = "" if value is None else str(value).replace("\n", " ")
    return plain(text if len(text) <= WIDTH else text[: WIDTH - 1] + "…")


def print_csv(result: pa.Table) -> None:
    """All of *result* as CSV on stdout."""
    writer = csv.writer(sys.stdout)
    writer.writerow(result.column_names)
    for batch in result.to_batches():
        writer.writerows(row.values() for row in batch.to_pylist())


def _json(result: pa.Table) -> None:
    print(jsonlib.dumps(result.to_pylist(), ensure_ascii=False, default=_plain))


def _jsonl(result: pa.Table) -> None:
    for batch in result.to_batches():
        for row in batch.to_pylist():
            print(jsonlib.dumps(row, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    """What JSON has no form for: sums of integers are DuckDB's HUGEINT, which comes as a Decimal."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
