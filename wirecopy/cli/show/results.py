"""Results of queries as tables, CSV or JSON: rows are tuples beside their names, which may repeat."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.console import Console

from wirecopy.cli.show.console import ERR, OUT, for_stdout, harmless, plain
from wirecopy.cli.show.fitting import Fitted, Kind, blocks, fit
from wirecopy.explain.wording import duration
from wirecopy.pages.csvfiles import no_formula

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN: Final = 50  # rows of a table on a terminal; the other formats give all
FIRM: Final = ("bool", "date", "time", "duration", "month_day")  # and those of what is not cut, beside numbers
LONGEST: Final = 1_000  # characters of one value there
NAMED: Final = 6  # columns that are not shown, by name
NUMBERS: Final = ("int", "double", "decimal", "uint", "hugeint")  # how Arrow's types of numbers begin

Values = tuple[Any, ...]


def rows_of(result: pa.Table) -> Iterator[Values]:
    """The rows of *result*. A dict would keep one column of each name, and every self-join has two of some."""
    for batch in result.to_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def print_table(result: pa.Table, console: Console = OUT) -> None:
    """The first rows of *result*, for people: as a table that fits, or as blocks where none does."""
    names, rows = _cells(result)
    fitted = fit(names, rows, [_kind(field.type) for field in result.schema], console.width)
    if fitted.is_table:
        head, *lines = fitted.lines
        console.print(f"[bold]{plain(head)}[/]", soft_wrap=True)
        console.print("─" * min(max(map(cell_len, fitted.lines)), console.width), style="dim", soft_wrap=True)
        _print_lines(lines, console)
    else:
        _print_lines(fitted.lines, console)
    _print_note(result, fitted)


def print_blocks(result: pa.Table, console: Console = OUT) -> None:
    """The first rows of *result*, each a block with a line for each column."""
    names, rows = _cells(result)
    _print_lines(blocks(names, rows, console.width), console)
    _print_note(result, None)


def _print_lines(lines: Sequence[str], console: Console) -> None:
    for line in lines:
        console.print(plain(line), soft_wrap=True)


def _print_note(result: pa.Table, fitted: Fitted | None) -> None:
    """What is not shown, and how to see it."""
    said = []
    if result.num_rows > SHOWN:
        said.append(f"{result.num_rows:,} rows, the first {SHOWN} are shown: --format csv, json or jsonl gives all.")
    if fitted and fitted.left_out:
        some = ", ".join(fitted.left_out[:NAMED]) + (" …" if len(fitted.left_out) > NAMED else "")
        said.append(
            f"{result.num_columns} columns, {len(fitted.left_out)} are not shown ({plain(some)}): "
            "name the ones that you need, or take --format block."
        )
    for line in said:
        ERR.print(f"[dim]{line}[/]", soft_wrap=True)


def _cells(result: pa.Table) -> tuple[list[str], list[list[str]]]:
    """Names, and rows of cells."""
    names = [str(harmless(field.name)).replace("\n", " ") for field in result.schema]
    rows = [[_cell(value) for value in row] for row in rows_of(result.slice(0, SHOWN))]
    return names, rows


def _kind(arrow_type: pa.DataType) -> Kind:
    if str(arrow_type).startswith(NUMBERS):
        return "number"
    return "firm" if str(arrow_type).startswith(FIRM) else "text"


def print_csv(result: pa.Table, *, spreadsheet: bool = False) -> None:
    """All of *result* as CSV on stdout; *spreadsheet*: a text that would be a formula there gets a ' before it."""
    writer = csv.writer(sys.stdout)
    for row in chain([result.column_names], rows_of(result)):
        plain_row = [value if (length := length_of(value)) is None else str(length) for value in row]
        writer.writerow([for_stdout(no_formula(value) if spreadsheet else value) for value in plain_row])


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
    """One value in one line: instants in UTC without a zone, intervals as "1 h", numbers with six digits."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M:%S")
    if (length := length_of(value)) is not None:
        return ("−" if length < timedelta() else "") + duration(length)
    return " ".join(harmless(value)[:LONGEST].split())


def length_of(value: Any) -> timedelta | None:
    """An interval of DuckDB as Arrow gives it; a month has 30 days there. None: it is no interval."""
    if isinstance(value, timedelta):
        return value
    if type(value).__name__ == "MonthDayNano":
        return timedelta(days=30 * value.months + value.days, microseconds=value.nanoseconds // 1000)
    return None


def _json_value(value: Any) -> Any:
    """JSON has neither NaN nor infinity, and readers fail on them."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """Values that JSON has no form for: sums of integers are DuckDB's HUGEINT, which comes as a Decimal."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if (length := length_of(value)) is not None:
        return str(length)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
