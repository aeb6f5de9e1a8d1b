"""From one list of WordPress's posts to the next: by page numbers, and by dates where the numbers cannot be trusted.

A post that is deleted while we read moves all that follow by one, and a page that was asked for by number misses one.
So the count that each answer names is compared; where it changed, or is not named at all, the next list is asked for
from the date of the last post on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ingest.errors import ParseError
from ingest.feed.formats.document import read_document
from ingest.records import Page

ZONE: Final = timedelta(hours=15)  # old versions read the bounds as local time, and zones reach 14 hours


class ClosedError(Exception):
    """A feed has no list of posts that can be used; the message says why."""


def list_of(page: Page) -> list[dict[str, Any]]:
    """Raises ClosedError if the answer is no list: some sites answer every address with a page for people."""
    try:
        posts = json.loads(read_document(page).text, strict=False)
    except (ValueError, RecursionError, ParseError):
        posts = None
    if not isinstance(posts, list):
        raise ClosedError(f"{page.final_url} is no list of posts")
    return [post for post in posts if isinstance(post, dict) and isinstance(post.get("link"), str)]


def posts_in(page: Page) -> list[dict[str, Any]]:
    """`list_of`, without any if it is none: whoever reads it for its entries tells that."""
    try:
        return list_of(page)
    except ClosedError:
        return []


def utc_of(post: Mapping[str, Any]) -> datetime | None:
    """When *post* was published."""
    try:
        return datetime.fromisoformat(str(post.get("date_gmt"))).replace(tzinfo=UTC)
    except ValueError:
        return None


@dataclass(slots=True)
class Walk:
    """What is asked for next: page *number* of what was published in [*after*, *before*), UTC."""

    start: datetime
    end: datetime
    after: datetime = field(init=False)
    before: datetime = field(init=False)
    number: int = 1
    done: bool = False  # nothing lies behind what was read
    _seen: set[str] = field(default_factory=set)  # links
    _last: datetime | None = None  # of the posts that were read by ascending dates
    _total: str | None = None  # as the last answer to this question names it

    def __post_init__(self) -> None:
        self.after, self.before = self.start, self.end

    def read(self, listed: Sequence[Mapping[str, Any]], page: Page) -> None:
        """Decide what comes after an answer."""
        links, dates = {str(post["link"]) for post in listed}, [utc_of(post) for post in listed]
        known = [date for date in dates if date]
        new, self._seen = links - self._seen, self._seen | links
        total, pages = page.headers.get("x-wp-total"), page.headers.get("x-wp-totalpages", "")
        if self._is_local(known):
            self._seen = set()
            self._ask_from(self.start - ZONE, self.end + ZONE)
        elif total and pages.isascii() and pages.isdigit() and self._total in (None, total):
            is_new = bool(new) or self.number == 1
            self._total, self.done = total, is_new and self.number >= int(pages)
            if is_new:
                self.number += 1
                self._last = known[-1] if known == sorted(known) and known else None
            else:  # no notice is taken of page numbers
                self._ask_behind(known)
        elif self._total:
            self._ask_from(self._last or self.after, self.before)  # what this answer lists may have moved
        else:
            self.done = not new
            self._ask_behind(known if len(known) == len(dates) else [])

    def _is_local(self, dates: Sequence[datetime]) -> bool:
        """Whether the server took the bounds for local time."""
        outside = any(not self.after <= date < self.before for date in dates)
        return outside and (self.after, self.before) == (self.start, self.end)

    def _ask_from(self, after: datetime, before: datetime) -> None:
        self.after, self.before, self.number, self._total = after, before, 1, None

    def _ask_behind(self, dates: Sequence[datetime]) -> None:
        """From the last date on; by number if that is no step, or the dates do not ascend."""
        if dates and list(dates) == sorted(dates) and dates[-1] > self.after:
            self._ask_from(dates[-1], self.before)
        else:
            self.number += 1
