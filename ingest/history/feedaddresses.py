"""The addresses at which WordPress and Blogger keep older documents of a feed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_FEED: Final = re.compile(r"/feed(?:/(?:rss2?|atom|rdf))?/*$", re.IGNORECASE)
DayForm = Literal["path", "query"]
DAY_FORMS: Final[tuple[DayForm, ...]] = ("path", "query")
MOST_OF_BLOGGER: Final = 150  # entries in one answer: it gives no more


def numbered(url: str, number: int) -> str:
    """The feed at *url*, page *number*, as WordPress counts them."""
    return with_query(url, {"paged": str(number)}) if number > 1 else url


def day_feed(url: str, day: date, form: DayForm) -> str | None:
    """WordPress's feed of the local *day* of the feed at *url*: by path (/2026/10/15/feed/), for that of a whole site,
    or by parameters, for any; None if the address has no place for it.
    """
    if form == "query":
        return with_query(url, {"year": str(day.year), "monthnum": str(day.month), "day": str(day.day)})
    parts = urlsplit(url)
    found = _FEED.search(parts.path)
    if not found or "feed" in dict(parse_qsl(parts.query)):
        return None
    before, after = parts.path[: found.start()], parts.path[found.start() :]
    return urlunsplit(parts._replace(path=f"{before}/{day:%Y/%m/%d}{after}"))


def blogger_page(url: str, start: datetime, end: datetime, first: int) -> str:
    """Blogger's entries of [*start*, *end*), beginning with the *first* (from 1)."""
    return with_query(
        url,
        {
            "published-min": _instant(start),
            "published-max": _instant(end),
            "orderby": "published",
            "max-results": str(MOST_OF_BLOGGER),
            "start-index": str(first),
        },
    )


def blogger_entry(url: str, number: int) -> str:
    """Blogger's entry *number* (from 1, the newest) alone."""
    return with_query(url, {"orderby": "published", "max-results": "1", "start-index": str(number)})


def with_query(url: str, more: Mapping[str, str]) -> str:
    """*url* with these parameters, each in the place of one of its name."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in more]
    return urlunsplit(parts._replace(query=urlencode([*kept, *more.items()], safe=":/"), fragment=""))


def _instant(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
