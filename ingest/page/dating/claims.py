"""What a page says of its date, before it is weighed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.dates.parse import ParsedDate

ReadDate = Callable[[str | None], ParsedDate | None]  # a written date as an instant, or None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateClaim:
    """One place of the page, or the feed, that names a publication date."""

    date: ParsedDate
    source: str  # jsonld, meta, time, feed
    raw: str
