"""The day in the address of a page."""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import unquote, urlsplit

_IN_PATH: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[/_.-]?)(?P<month>0[1-9]|1[0-2]|(?<=\D)[1-9])(?P=mark)"
    r"(?P<day>0[1-9]|[12]\d|3[01]|(?<=\D)[1-9])(?!\d)"
    r"|(?<!\d)(?P<day2>0[1-9]|[12]\d|3[01])[_.-](?P<month2>0[1-9]|1[0-2])[_.-](?P<year2>(?:19|20)\d\d)(?!\d)"
)


def day_in_address(url: str) -> date | None:
    """The day in the path of *url*, `/2026/11/16/` or `…-16-11-2026`; None if there is none, or two."""
    found = {day for match in _IN_PATH.finditer(unquote(urlsplit(url).path)) if (day := _day(match))}
    return found.pop() if len(found) == 1 else None


def _day(match: re.Match[str]) -> date | None:
    part = match.groupdict()
    try:
        return date(*(int(part[name] or part[f"{name}2"] or 0) for name in ("year", "month", "day")))
    except ValueError:  # 31 February
        return None
