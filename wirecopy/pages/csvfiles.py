"""Lists as CSV files that a spreadsheet may open: no text of a feed becomes a formula there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

# A spreadsheet would compute a cell that begins so; some take wide forms too, and some pass over what is not shown.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def no_formula(value: Any) -> Any:
    """*value*, with a ' before a text that a spreadsheet would compute."""
    if not isinstance(value, str):
        return value
    begins = UNSEEN.sub("", value).lstrip(" ")
    clean = CONTROLS.sub("\ufffd", value)
    return f"'{clean}" if begins.startswith(FORMULA) else clean


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
