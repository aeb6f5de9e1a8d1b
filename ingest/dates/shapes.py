"""Which rows of symbols are dates: a row has a letter for each word, number and mark (words.py, tokens.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_D: Final = "[12]"
_MONTH: Final = "(?P<M>M)[-/]?(?P<also>M)?"
_DATES: Final = (
    rf"C?(?P<y>[34])C?(?P<mark>[-/.])(?P<m>{_D})(?P=mark)(?P<d>{_D})\.?C?",
    rf"(?:C(?P<y>[1-4])|(?P<bare>[34]))y(?P<m>{_D})-?m(?P<d>{_D})d?",
    rf"C(?P<y>{_D})(?P<mark>[-/.])(?P<m>{_D})(?P=mark)(?P<d>{_D})",
    r"(?P<ymd>8)",
    rf"d?(?P<d>{_D})\.(?P<m>{_D})\.C?(?P<y>4)\.?C?",
    rf"d?(?P<first>{_D})(?P<mark>[-/])(?P<other>{_D})(?P=mark)C?(?P<y>4)C?",
    rf"(?P<one>{_D})(?P<mark>[-/.])(?P<two>{_D})(?P=mark)(?P<three>2)\.?",
    rf"d?(?P<d>{_D})d?m(?P<m>{_D})[-/.]?C?y?(?P<y>4)C?",
    rf"(?P<m>{_D})m(?P<d>{_D})d(?P<y>4)y?",
    rf"d?(?P<d>{_D})(?:\.|-?d)?[-/.]?m?{_MONTH}[-/.]?C?y?(?P<y>[24])-?y?C?\.?",
    rf"{_MONTH}[-/.]?(?P<d>{_D})[.d]?C?(?P<y>4)y?C?\.?",
    rf"C?(?P<y>4)(?:[./]|-?y)?-?C?{_MONTH}[-./]?(?P<d>{_D})(?:\.|-?d)?",
    rf"C?(?P<y>4)-?y?\.?(?P<d>{_D})(?:[-.]|-?d)?{_MONTH}",
)
_CLOCKS: Final = (
    rf"(?P<h>{_D}):(?P<n>2)(?::(?P<s>2))?h?",
    rf"(?P<h>{_D})h(?:(?P<n>{_D})n?(?:(?P<s>{_D})s)?)?",
    rf"(?P<h>{_D})\.(?P<n>2)(?:\.(?P<s>2))?h?",
    rf"(?P<half>A)(?P<h>{_D})|(?P<h>{_D})(?P<half>A)h?",
    r"(?P<hms>[46])",
)
_ZONE: Final = r"(?P<z>[ZO]*)"
_GAP: Final = r"[-/.:]*"


def _shapes() -> Iterator[re.Pattern[str]]:
    """Every date alone, with every clock behind it or before it, and Unix' `Mon Sep 6 16:45:00 PDT 2021`."""
    for day in _DATES:
        yield re.compile(day)
    for clock in (one for alternative in _CLOCKS for one in alternative.split("|")):
        timed = clock if "half" in clock or "hms" in clock else f"(?P<half>A)?{clock}(?P<late>A)?h?"
        if "hms" in clock:
            yield re.compile(rf"(?P<ymd>8){timed}{_ZONE}")
            continue
        for day in _DATES:
            yield re.compile(rf"{day}{_GAP}[ZO]*{timed}{_ZONE}")
            yield re.compile(rf"{timed}{_ZONE}{_GAP}{day}[ZO]*")
    yield re.compile(rf"(?P<M>M)(?P<d>{_D})(?P<h>{_D}):(?P<n>2)(?::(?P<s>2))?{_ZONE}(?P<y>4)")


_SHAPES: Final = tuple(_shapes())


@lru_cache(maxsize=4_096)
def matches(row: str) -> tuple[tuple[tuple[str, int], ...], ...]:
    """For each shape that *row* has: the names of its parts and where in *row* they stand."""
    found = (shape.fullmatch(row) for shape in _SHAPES)
    return tuple(
        tuple((name, match.start(name)) for name, said in match.groupdict().items() if said and name != "z")
        for match in found
        if match
    )
