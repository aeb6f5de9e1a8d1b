"""Lists as CSV files that a spreadsheet may open: no text of a feed becomes a formula there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a cell that begins so


def no_formula(value: Any) -> Any:
    """*value*, with a ' before a text that a spreadsheet would compute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv_text(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """The *columns* of *rows*, with a line of their names; times in ISO form."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([no_formula(_plain(row.get(name))) for name in columns])
    return out.getvalue()


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else value
