"""Dates as the world's papers print them (dates.tsv), and what our reader, dateparser and dateutil make of them."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.markdown import table
from ingest.dates import parse
from ingest.dates.parse import ParsedDate

PRINTED: Final = Path(__file__).with_name("dates.tsv")
NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
NONE: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDate:
    """One line of dates.tsv."""

    language: str
    calendar: str
    raw: str
    instant: str  # as dates.tsv says in its first line


def read_dates() -> list[PrintedDate]:
    """Every line of dates.tsv."""
    lines = (line.split("\t") for line in PRINTED.read_text("utf-8").splitlines() if not line.startswith("#"))
    return [PrintedDate(language=one, calendar=two, raw=raw, instant=instant) for one, two, raw, instant in lines]


def as_written(parsed: ParsedDate | None) -> str:
    """*parsed* as dates.tsv writes instants."""
    if parsed is None:
        return NONE
    if parsed.precision == "day":
        return parsed.day.isoformat()
    return f"{parsed.value:%Y-%m-%dT%H:%M:%S}" + ("Z" if parsed.zoned else "")


def measured_dates(printed: Sequence[PrintedDate]) -> dict[str, float]:
    """Shares of *printed* that our reader reads rightly, and that it does not read wrongly."""
    counted = Counter(_judged(one, _ours) for one in printed)
    return {"right": counted["right"] / len(printed), "not_wrong": 1 - counted["wrong"] / len(printed)}


def date_section() -> str:
    """The table of readers as Markdown."""
    printed = read_dates()
    readers = {"wirecopy": _ours, "dateparser": _dateparser, "dateutil": _dateutil}
    rows = [[name, *_row(printed, read)] for name, read in readers.items()]
    languages = {one.language for one in printed}
    calendars = {one.calendar for one in printed if one.instant != NONE}
    said = f"{len(printed)} dates in {len(languages)} languages and {len(calendars)} calendars."
    head = ["reader", "right", "not read", "wrong", "CPU per date"]
    return "\n".join(["## dates", "", said, "", table(head, rows), "", ""])


def _row(printed: Sequence[PrintedDate], read: Callable[[str], str]) -> list[str]:
    for one in printed:  # languages are loaded when they are first met
        read(one.raw)
    started = time.process_time()
    counted = Counter(_judged(one, read) for one in printed)
    micros = 1e6 * (time.process_time() - started) / len(printed)
    return [*(str(counted[key]) for key in ("right", "none", "wrong")), f"{micros:.0f} µs"]


def _judged(one: PrintedDate, read: Callable[[str], str]) -> str:
    """right, none or wrong. What must not be read is right when it is not."""
    found = read(one.raw)
    return "right" if found == one.instant else "none" if found == NONE else "wrong"


def _ours(raw: str) -> str:
    parse._parsed.cache_clear()
    return as_written(parse.parse_date(raw, now=NOW))


def _dateparser(raw: str) -> str:
    import dateparser

    settings = {"RELATIVE_BASE": NOW.replace(tzinfo=None), "STRICT_PARSING": True}
    return _instant(dateparser.parse(raw, settings=settings))


def _dateutil(raw: str) -> str:
    from dateutil import parser

    try:
        with warnings.catch_warnings(action="ignore"):  # of zones that it does not know
            return _instant(parser.parse(raw))
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError):
        return NONE


def _instant(found: datetime | None) -> str:
    if found is None:
        return NONE
    if (found.hour, found.minute, found.second) == (0, 0, 0):
        return found.date().isoformat()
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if found.tzinfo else found.strftime("%Y-%m-%dT%H:%M:%S")
