"""What a feed and its server ask of whoever polls it: pauses, quiet hours and days, and a hub that tells of news.

Cache-Control and Expires: https://www.rfc-editor.org/rfc/rfc9111. ttl, skipHours and skipDays:
https://www.rssboard.org/rss-specification. Hubs: https://www.w3.org/TR/websub/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from ingest.errors import ParseError
from ingest.feed.formats.document import read_document
from ingest.records import Page, PollRequest

MAX_PAUSE: Final = timedelta(hours=6)  # asked for by a feed or server; more would miss entries of a feed that rolls
_MAX_SECONDS: Final = 10**9
_HEAD_CHARS: Final = 20_000  # before the first entry
_ENTRIES: Final = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_NEVER_STORED: Final = re.compile(r"no-cache|no-store|must-revalidate\s*,\s*max-age\s*=\s*0", re.IGNORECASE)
_TTL: Final = re.compile(r"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_SKIP_HOURS: Final = re.compile(r"<skipHours>(.*?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS: Final = re.compile(r"<skipDays>(.*?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR: Final = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY: Final = re.compile(r"<day>\s*(\w+)\s*</day>", re.IGNORECASE)
_LINK: Final = re.compile(r"<(?:\w+:)?link\b[^>]*>", re.IGNORECASE)
_REL_HUB: Final = re.compile(r"\brel\s*=\s*[\"']?hub\b", re.IGNORECASE)
_HREF: Final = re.compile(r"\bhref\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_JSON_HUB: Final = re.compile(r'"hubs"\s*:\s*\[\s*\{[^}]*"url"\s*:\s*"([^"]+)"')
_LINK_HEADER: Final = re.compile(r"<([^>]+)>\s*;[^,]*\brel\s*=\s*\"?hub\b", re.IGNORECASE)
_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def request_of_headers(headers: Mapping[str, str], *, now: datetime) -> PollRequest:
    """What the answer's *headers*, names in lower case, ask for; *now* is when it was fetched."""
    hub = _LINK_HEADER.search(headers.get("link", ""))
    return PollRequest(pause=min(_fresh_for(headers, now), MAX_PAUSE), hub=hub[1] if hub else None)


def poll_request(page: Page) -> PollRequest:
    """What the feed document *page* and its server ask for; the longer pause, at most six hours."""
    asked = request_of_headers(page.headers, now=page.fetched_at)
    try:
        text = read_document(page).text
    except ParseError:
        return asked
    head = _ENTRIES.split(text[:_HEAD_CHARS], maxsplit=1)[0]
    ttl = timedelta(minutes=int(found[1])) if (found := _TTL.search(head)) else timedelta()
    return PollRequest(
        pause=min(max(asked.pause, ttl), MAX_PAUSE),
        quiet_hours=_quiet_hours(head),
        quiet_days=_quiet_days(head),
        hub=asked.hub or _hub(head),
    )


def _fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long the answer is fresh: max-age, which goes before Expires."""
    control = headers.get("cache-control", "")
    if _NEVER_STORED.search(control):
        return timedelta()
    if found := _MAX_AGE.search(control):
        age = headers.get("age", "")
        spent = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
        return timedelta(seconds=max(0, min(int(found[1]), _MAX_SECONDS) - spent))
    try:
        until = parsedate_to_datetime(headers.get("expires", ""))
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(until - now, timedelta())
    except (ValueError, TypeError, IndexError, OverflowError):  # `Expires: 0` and the like
        return timedelta()


def _quiet_hours(head: str) -> frozenset[int]:
    """Hours of the day in GMT; 24 is midnight in some feeds. All of them are none."""
    said = _SKIP_HOURS.search(head)
    hours = frozenset(int(hour) % 24 for hour in _HOUR.findall(said[1]) if int(hour) <= 24) if said else frozenset()
    return hours if len(hours) < 24 else frozenset()


def _quiet_days(head: str) -> frozenset[int]:
    """Days of the week, Monday 0. All of them are none."""
    said = _SKIP_DAYS.search(head)
    names = [name.lower() for name in _DAY.findall(said[1])] if said else []
    days = frozenset(_WEEK.index(name) for name in names if name in _WEEK)
    return days if len(days) < len(_WEEK) else frozenset()


def _hub(head: str) -> str | None:
    for link in _LINK.findall(head):
        if _REL_HUB.search(link) and (href := _HREF.search(link)):
            return href[1]
    found = _JSON_HUB.search(head)
    return found[1] if found else None
