"""When an article was published: the page's word against the feed's.

An instant from JSON-LD or meta is the publisher's own record, so it wins. A bare day, or a time without a zone, gives
way to the feed's instant when both can mean the same moment; a page that names no date takes the feed's; guessing
from the page comes last.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from ingest.dates.parse import EARLIEST, MAX_AHEAD, ParsedDate, Precision, parse_date
from ingest.page.dating.address import day_in_address
from ingest.page.dating.beside import is_comment
from ingest.page.dating.claims import DateClaim
from ingest.page.dating.visible import is_another_day, shown_day
from ingest.records import Entry

if TYPE_CHECKING:
    from lxml.html import HtmlElement

DAY: Final = timedelta(days=1)
MAX_OFFSET: Final = timedelta(hours=14)  # zones reach from -12 to +14
OFFSET_STEP: Final = timedelta(minutes=15)
_BOXES: Final = ("div", "section", "article", "aside", "ol", "ul", "li")  # that comments stand in
BUILD_SLACK: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The date that an article is filed under, and its source."""

    value: datetime | None = None  # aware, UTC
    source: str | None = None  # jsonld, meta, feed, time, url, text, htmldate
    precision: Precision | None = None
    raw: str | None = None


def choose_published(
    claims: tuple[DateClaim, ...], entry: Entry, page_time: datetime, url: str, *, now: datetime
) -> Published:
    """The best of the page's *claims* and the feed's date. A stamp of the moment the page was built (*page_time*)
    is no date, and a time element of another day than the address *url* names is another article's.
    """
    feed = feed_claim(entry, now=now)
    address = day_in_address(url)
    believed = [
        claim for claim in claims if not _is_build_stamp(claim, feed, page_time) and not _is_another_day(claim, address)
    ]
    strong = [claim for claim in believed if claim.source != "time"]
    exact = [claim for claim in strong if claim.date.precision != "day"]
    if exact:
        return _exact(exact, feed)
    if strong and (feed is None or abs(strong[0].date.value - feed.date.value) > 2 * DAY):
        return _as_published(strong[0])
    if feed and (feed.date.precision != "day" or not believed):
        return _as_published(feed)
    if believed:
        best = next(
            (c for c in believed if c.date.precision != "day" and (not strong or _same_day(c, strong[0]))), believed[0]
        )
        return _as_published(best)
    return _as_published(feed) if feed else Published(raw=entry.published_raw)


def feed_claim(entry: Entry, *, now: datetime) -> DateClaim | None:
    """The feed's date with its precision, read again from the raw string; if that fails, the entry's own value."""
    if entry.published_at is None or not EARLIEST <= entry.published_at <= now + MAX_AHEAD:
        return None
    parsed = parse_date(entry.published_raw, now=now, language=entry.language)
    if parsed is None or parsed.value != entry.published_at:
        parsed = ParsedDate(value=entry.published_at, precision="second", zoned=True, day=entry.published_at.date())
    return DateClaim(date=parsed, source="feed", raw=entry.published_raw or entry.published_at.isoformat())


def guess_published(
    tree: HtmlElement, heading: HtmlElement | None, url: str, *, now: datetime, language: str | None
) -> Published:
    """The day that the page shows its readers: in its address, near its *heading*, or where htmldate finds one."""
    if (address := day_in_address(url)) and (date := parse_date(address.isoformat(), now=now)):
        return Published(value=date.value, source="url", precision="day", raw=address.isoformat())
    if shown := shown_day(tree, heading, partial(parse_date, now=now, language=language)):
        midnight = datetime.combine(shown[0].day, time(), UTC)
        return Published(value=midnight, source="text", precision="day", raw=shown[1])
    return _htmldate(copy(tree), url, now=now)


def _htmldate(tree: HtmlElement, url: str, *, now: datetime) -> Published:
    """A day that htmldate finds, not in a footer or a comment. Its "today" is its own clock's unless told. Changes
    *tree*.
    """
    from htmldate import find_date

    for node in [one for one in tree.iter() if one.tag == "footer" or (one.tag in _BOXES and is_comment(one))]:
        if node.getparent() is not None:
            node.drop_tree()

    latest = (now + MAX_AHEAD).strftime("%Y-%m-%d")
    try:
        found = find_date(
            tree, url=url, original_date=True, extensive_search=False, min_date="1995-01-01", max_date=latest
        )
    except Exception:  # a guess: whatever goes wrong inside, there is none
        return Published()
    date = parse_date(found, now=now)
    if date is None or (date.day.month, date.day.day) == (1, 1):  # a bare year
        return Published()
    return Published(value=date.value, source="htmldate", precision="day", raw=found)


def _exact(claims: list[DateClaim], feed: DateClaim | None) -> Published:
    """The first claim with a time of day; one without a zone takes the zone from a claim or a feed date that
    means the same moment.
    """
    first = claims[0]
    if not first.date.zoned:
        zoned = [c for c in (*claims, *([feed] if feed and feed.date.precision != "day" else [])) if c.date.zoned]
        first = next((c for c in zoned if _same_moment(c.date.value, first.date.value)), first)
    return _as_published(first)


def _same_moment(zoned: datetime, local: datetime) -> bool:
    """True if *local*, misread as UTC, is *zoned* seen from some time zone (to a minute: feeds and pages round
    differently).
    """
    gap = abs(zoned - local)
    rest = gap % OFFSET_STEP
    return gap <= MAX_OFFSET and min(rest, OFFSET_STEP - rest) <= timedelta(minutes=1)


def _same_day(claim: DateClaim, other: DateClaim) -> bool:
    return abs(claim.date.value - other.date.value) <= DAY


def _is_build_stamp(claim: DateClaim, feed: DateClaim | None, page_time: datetime) -> bool:
    """Some templates print the current time as the publication date; the feed gives them away."""
    return (
        feed is not None
        and abs(page_time - claim.date.value) <= BUILD_SLACK
        and claim.date.value - feed.date.value > timedelta(hours=1)
    )


def _is_another_day(claim: DateClaim, address: date | None) -> bool:
    return claim.source == "time" and address is not None and is_another_day(claim.date.day, address)


def _as_published(claim: DateClaim) -> Published:
    return Published(value=claim.date.value, source=claim.source, precision=claim.date.precision, raw=claim.raw)
