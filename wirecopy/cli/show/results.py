"""Results of queries as tables, CSV or JSON: rows are tuples beside their names, which may repeat."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console

from wirecopy.cli.show.console import ERR, OUT, for_stdout, harmless, plain
from wirecopy.cli.show.fitting import Fitted, Kind, blocks, fit
from wirecopy.explain.wording import duration
from wirecopy.pages.csvfiles import no_formula
from wirecopy.store.query.read import Answer

SHOWN: Final = 50  # rows of a table on a terminal; the other formats give all
FIRM: Final = ("BOOL", "DATE", "TIME", "INTERVAL")  # how DuckDB's types of what is not cut begin, beside numbers
LONGEST: Final = 1_000  # characters of one value there
NAMED: Final = 6  # columns that are not shown, by name
NUMBERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BIGNUM", "U", "FLOAT", "DOUBLE", "DECIMAL")
NOT_NUMBERS: Final = ("UUID", "UNION")


def print_table(result: Answer, console: Console = OUT) -> None:
    """The first rows of *result*, for people: as a table that fits, or as blocks where none does."""
    names, rows = _cells(result)
    fitted = fit(names, rows, [_kind(one) for one in result.types], console.width)
    if fitted.is_table:
        head, *lines = fitted.lines
        console.print(f"[bold]{plain(head)}[/]", soft_wrap=True)
        console.print("─" * min(max(map(cell_len, fitted.lines)), console.width), style="dim", soft_wrap=True)
        _print_lines(lines, console)
    else:
        _print_lines(fitted.lines, console)
    _print_note(result, fitted)


def print_blocks(result: Answer, console: Console = OUT) -> None:
    """The first rows of *result*, each a block with a line for each column."""
    names, rows = _cells(result)
    _print_lines(blocks(names, rows, console.width), console)
    _print_note(result, None)


def _print_lines(lines: Sequence[str], console: Console) -> None:
    for line in lines:
        console.print(plain(line), soft_wrap=True)


def _print_note(result: Answer, fitted: Fitted | None) -> None:
    """What is not shown, and how to see it."""
    said = []
    if more := sum(1 for _ in result.rows):
        said.append(f"{SHOWN + more:,} rows, the first {SHOWN} are shown: --format csv, json or jsonl gives all.")
    if fitted and fitted.left_out:
        some = ", ".join(fitted.left_out[:NAMED]) + (" …" if len(fitted.left_out) > NAMED else "")
        said.append(
            f"{len(result.names)} columns, {len(fitted.left_out)} are not shown ({plain(some)}): "
            "name the ones that you need, or take --format block."
        )
    for line in said:
        ERR.print(f"[dim]{line}[/]", soft_wrap=True)


def _cells(result: Answer) -> tuple[list[str], list[list[str]]]:
    """Names, and the first rows of cells."""
    names = [harmless(name).replace("\n", " ") for name in result.names]
    return names, [[_cell(value) for value in row] for row in islice(result.rows, SHOWN)]


def _kind(duckdb_type: str) -> Kind:
    """By its type; a list of numbers is a text."""
    if duckdb_type.endswith("]"):
        return "text"
    if duckdb_type.startswith(NUMBERS) and not duckdb_type.startswith(NOT_NUMBERS):
        return "number"
    return "firm" if duckdb_type.startswith(FIRM) else "text"


def print_csv(result: Answer, *, spreadsheet: bool = False) -> None:
    """All of *result* as CSV on stdout; *spreadsheet*: a text that would be a formula there gets a ' before it."""
    writer = csv.writer(sys.stdout)
    for row in chain([result.names], result.rows):
        plain_row = [str(value) if isinstance(value, timedelta) else value for value in row]
        writer.writerow([for_stdout(no_formula(value) if spreadsheet else value) for value in plain_row])


def print_json(result: Answer) -> None:
    """All of *result* as one JSON document on stdout."""
    names = unique_names(result.names)
    found = [dict(zip(names, map(_json_value, row), strict=True)) for row in result.rows]
    print(for_stdout(json.dumps(found, ensure_ascii=False, default=_plain)))


def print_jsonl(result: Answer) -> None:
    """All of *result* as JSON on stdout, a row a line."""
    names = unique_names(result.names)
    for row in result.rows:
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
    if isinstance(value, timedelta):
        return ("−" if value < timedelta() else "") + duration(value)
    return " ".join(harmless(value)[:LONGEST].split())


def _json_value(value: Any) -> Any:
    """JSON has neither NaN nor infinity, and readers fail on them; its keys are texts."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [_json_value(one) for one in value]
    if isinstance(value, dict):
        return {name if isinstance(name, str) else str(name): _json_value(one) for name, one in value.items()}
    return value


def _plain(value: Any) -> Any:
    """Values that JSON has no form for: sums of integers are DuckDB's HUGEINT, which comes as a Decimal."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
