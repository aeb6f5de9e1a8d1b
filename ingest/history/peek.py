"""The days that a page claims for itself, read from its bytes without a parser, in a tenth of a millisecond."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

# A key of JSON-LD, Open Graph, Dublin Core or microdata, and the ISO day that follows it within a tag or a line.
_CLAIM: Final = re.compile(
    rb"(?:datePublished|dateCreated|published_time|DC\.date(?:\.issued)?|parsely-pub-date|pubdate|publish[-_]date)"
    rb"[^<>]{1,60}?((?:19|20)\d\d)-([01]\d)-([0-3]\d)",
    re.IGNORECASE,
)


def claimed_days(body: bytes) -> tuple[date, date] | None:
    """The first and last day among the dates of publication that a page names, also those of articles that it lists;
    None: it names none in a way that this would find.
    """
    found = [day for match in _CLAIM.finditer(body) if (day := _day(*map(int, match.groups())))]
    return (min(found), max(found)) if found else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
