"""Results of queries as tables, CSV or JSON: rows are tuples beside their names, which may repeat."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from wirecopy.cli.show.console import ERR, OUT, for_stdout, plain
from wirecopy.pages.csvfiles import no_formula

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN: Final = 50  # rows of a table on a terminal; the other formats give all
WIDTH: Final = 60  # characters of one cell there
NUMBERS: Final = ("int", "double", "decimal", "uint", "hugeint")  # how Arrow's types of numbers begin

Values = tuple[Any, ...]


def rows_of(result: pa.Table) -> Iterator[Values]:
    """The rows of *result*. A dict would keep one column of each name, and every self-join has two of some."""
    for batch in result.to_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def print_table(result: pa.Table, console: Console = OUT) -> None:
    """The first rows of *result*, for people."""
    table = Table(box=SIMPLE_HEAD)
    for field in result.schema:
        table.add_column(plain(field.name), justify="right" if str(field.type).startswith(NUMBERS) else "left")
    for row in rows_of(result.slice(0, SHOWN)):
        table.add_row(*map(_cell, row))
    console.print(table)
    if result.num_rows > SHOWN:
        ERR.print(f"{result.num_rows:,} rows, the first {SHOWN} are shown: --format csv, json or jsonl gives all.")


def print_csv(result: pa.Table, *, spreadsheet: bool = False) -> None:
    """All of *result* as CSV on stdout; *spreadsheet*: a text that would be a formula there gets a ' before it."""
    writer = csv.writer(sys.stdout)
    for row in chain([result.column_names], rows_of(result)):
        writer.writerow([for_stdout(no_formula(value) if spreadsheet else value) for value in row])


def print_json(result: pa.Table) -> None:
    """All of *result* as one JSON document on stdout."""
    names = unique_names(result.column_names)
    found = [dict(zip(names, map(_json_value, row), strict=True)) for row in rows_of(result)]
    print(for_stdout(json.dumps(found, ensure_ascii=False, default=_plain)))


def print_jsonl(result: pa.Table) -> None:
    """All of *result* as JSON on stdout, a row a line."""
    names = unique_names(result.column_names)
    for row in rows_of(result):
        found = dict(zip(names, map(_json_value, row), strict=True))
        print(for_stdout(json.dumps(found, ensure_ascii=False, default=_plain)))


def unique_names(names: Sequence[str]) -> list[str]:
    """*names* as the keys of an object: a second `a` is `a_1`, or what is free, as DuckDB does in its tables."""
    found: dict[str, None] = {}
    for name in names:
        candidate, number = name, 0
        while candidate in found or (number and candidate in names):
            number += 1
            candidate = f"{name}_{number}"
        found[candidate] = None
    return list(found)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value).replace("\n", " ")
    return plain(text if len(text) <= WIDTH else text[: WIDTH - 1] + "…")


def _json_value(value: Any) -> Any:
    """JSON has neither NaN nor infinity, and readers fail on them."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """Values that JSON has no form for: sums of integers are DuckDB's HUGEINT, which comes as a Decimal."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
