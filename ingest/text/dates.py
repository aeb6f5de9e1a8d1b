"""Dates as feeds and pages write them, turned into aware UTC instants, or honestly into None.

feedparser reads BST, CEST and IST as UTC, `GMT+9` as nothing and epoch seconds as years, so every date is read from
its raw string here. Only what names a full day is believed; a numeric date whose day and month could be swapped is
not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from ingest.text.months import MONTHS

Precision = Literal["second", "minute", "day"]

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: epoch zeros and template placeholders
MAX_AHEAD: Final = timedelta(days=1)  # zone mistakes reach 14 h; more is an embargo slip or a wrong clock
MAX_CHARS: Final = 100  # a longer string is prose, and dateutil is slow on prose

_HOURS: Final = {  # names in daily use by feeds; where one name has several meanings, the one of the larger news output
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "MEZ": 1, "WAT": 1,
    "CEST": 2, "MEST": 2,
    "MESZ": 2, "EET": 2, "CAT": 2, "SAST": 2, "EEST": 3, "MSK": 3, "EAT": 3, "TRT": 3, "MSD": 4, "GST": 4, "PKT": 5,
    "IST": 5.5, "NPT": 5.75,
    "BDT": 6, "ICT": 7, "WIB": 7, "WITA": 8, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "WIT": 9, "JST": 9,
    "KST": 9, "ACST": 9.5,
    "AEST": 10, "ACDT": 10.5, "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3, "BRST": -2, "ART": -3, "UYT": -3,
    "CLST": -3, "CLT": -4,
    "VET": -4, "BOT": -4, "COT": -5, "PET": -5, "ECT": -5, "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5,
    "EDT": -4, "CST": -6,
    "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_PLACES: Final = {  # names without a season: the day decides
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
}  # fmt: skip
_ZONE: Final = r"(?P<zone>Z|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][A-Za-z_]*(?:/[A-Za-z_/]+)?(?:\s*[+-]\d{1,2}(?::?\d{2})?)?)"
_CLOCK: Final = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_BASIC_CLOCK: Final = r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?:[.,]\d+)?"
_TAIL: Final = rf"(?:(?:T|,|\s|at|um|à|-)+{_CLOCK}(?:\s*(?:Uhr|uur|hrs?)\b)?)?\s*{_ZONE}?\s*(?:\([^)]*\))?$"
_WORD: Final = r"[^\W\d_]+"
_MONTH: Final = r"(?P<word>[^\W\d_]+\d{0,2})"  # Vietnamese months are numbers: Th09
_SHAPES: Final = tuple(
    re.compile(pattern, re.UNICODE)
    for pattern in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TAIL}",
        rf"(?P<year>\d{{4}})\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일]{_TAIL}",
        rf"(?P<year>\d{{4}})[/.](?P<month>\d{{1,2}})[/.](?P<day>\d{{1,2}}){_TAIL}",
        rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})(?:T?{_BASIC_CLOCK}\s*{_ZONE}?)?(?P<half>)$",
        rf"(?:{_WORD}\d?\.?,?\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|er|º)?[\s-]+(?:de\s+)?{_MONTH}\.?,?[\s-]+(?:de\s+)?(?P<year>\d{{4}}|\d{{2}}){_TAIL}",
        rf"(?:{_WORD}\.?,?\s+)?{_MONTH}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TAIL}",
        rf"(?:{_WORD},?\s+)?{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})$",
        rf"(?:{_WORD}\.?,?\s+)?(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}){_TAIL}",
        rf"(?P<first>\d{{1,2}})[/-](?P<other>\d{{1,2}})[/-](?P<year>\d{{4}}){_TAIL}",
    )
)
_BRACKETED: Final = re.compile(r"(?<=\d|Z)\[[\w/+-]+\]$")  # Java's `+02:00[Europe/Paris]`: the offset says it all
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DEFAULTS: Final = (datetime.fromisoformat("2001-02-03T04:05:06"), datetime.fromisoformat("2004-05-07T08:09:10"))
_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}|\d{15,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDate:
    """An instant and how much of it the string really told."""

    value: datetime  # aware, UTC
    precision: Precision  # day: no time of day, or exactly midnight, which is how systems write a bare day
    zoned: bool  # False: the string named no known zone and was taken as UTC


def parse_date(raw: str | None, *, now: datetime) -> ParsedDate | None:
    """The instant that *raw* names; None if it names none, or one before 1990 or more than a day ahead of *now*."""
    text = _BRACKETED.sub("", " ".join((raw or "").split()))
    if not text or len(text) > MAX_CHARS:
        return None
    parsed = _from_epoch(text) or _from_shapes(text, now) or _from_dateutil(text)
    return parsed if parsed and EARLIEST <= parsed.value <= now + MAX_AHEAD else None


def _from_epoch(text: str) -> ParsedDate | None:
    """Seconds, milliseconds or microseconds since 1970, told apart by their digits."""
    if not _EPOCH.fullmatch(text):
        return None
    digits = len(text.split(".")[0])
    seconds = float(text) / (1 if digits < 12 else 1e3 if digits < 15 else 1e6)
    value = datetime.fromtimestamp(int(seconds), UTC)
    return ParsedDate(value=value, precision="second", zoned=True)


def _from_shapes(text: str, now: datetime) -> ParsedDate | None:
    for shape in _SHAPES:
        if match := shape.match(text):
            try:
                return _from_match(match.groupdict(), now)
            except ValueError:  # 31 February, month 13, an unknown month word
                continue
    return None


def _from_match(part: dict[str, str | None], now: datetime) -> ParsedDate | None:
    year, month, day = _day(part, now)
    hour, minute, second = _time(part)
    zone = _zone(part.get("zone"))
    local = datetime(year, month, day, tzinfo=zone or UTC) + timedelta(
        hours=hour or 0, minutes=minute, seconds=second or 0
    )
    bare = hour is None or (hour, minute, second or 0) == (0, 0, 0)
    precision: Precision = "day" if bare else "minute" if second is None else "second"
    return ParsedDate(value=local.astimezone(UTC), precision=precision, zoned=zone is not None)


def _day(part: dict[str, str | None], now: datetime) -> tuple[int, int, int]:
    """(year, month, day); ValueError if they cannot be told."""
    year = int(part["year"] or 0)
    if len(part["year"] or "") == 2:
        year += 2000 if year <= now.year - 2000 + 1 else 1900
    if part.get("first"):
        return year, *_month_and_day(int(part["first"] or 0), int(part["other"] or 0))
    word = part.get("word")
    month = MONTHS.get(word.lower().rstrip("."), 0) if word else int(part["month"] or 0)
    return year, month, int(part["day"] or 0)


def _month_and_day(first: int, other: int) -> tuple[int, int]:
    """06/09 is June in Boston and September in London: only what can be read one way is read."""
    if first == other or first > 12 >= other:
        return other, first
    if other > 12 >= first:
        return first, other
    raise ValueError("day and month could be swapped")


def _time(part: dict[str, str | None]) -> tuple[int | None, int, int | None]:
    if not part.get("hour"):
        return None, 0, None
    hour, minute = int(part["hour"] or 0), int(part["minute"] or 0)
    seconds = part.get("second")
    second = int(seconds) if seconds else None
    if half := (part.get("half") or "").lower():
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or (second or 0) > 60:
        raise ValueError("no such time of day")
    return hour, minute, second


def _zone(name: str | None) -> tzinfo | None:
    """The zone called *name* (`+0200`, `GMT+9`, `CEST`, `Europe/Berlin`, `ET`); None: unknown."""
    text = (name or "").replace(" ", "")
    if offset := re.fullmatch(r"(?:[A-Za-z]+)?([+-])(\d{1,2}):?(\d{2})?", text):
        sign = -1 if offset[1] == "-" else 1
        delta = sign * timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(delta) if abs(delta) <= timedelta(hours=14) else None
    if text.upper() in _HOURS:
        return timezone(timedelta(hours=_HOURS[text.upper()]))
    place = _PLACES.get(text.upper(), text if "/" in text else "")
    try:
        return ZoneInfo(place) if place else None
    except (OSError, ValueError, KeyError):  # not found is a KeyError, a folder or a bad name one of the others
        return None


def _from_dateutil(text: str) -> ParsedDate | None:
    """Last resort. What two different defaults complete differently was not in the string."""
    from dateutil import parser

    offsets = {name: int(hours * 3600) for name, hours in _HOURS.items()}
    try:
        one, two = (parser.parse(text, default=default, tzinfos=offsets) for default in _DEFAULTS)
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError):  # dateutil's own list of surprises
        return None
    if one.date() != two.date() or _swappable(text) or _another_year(text, one.year):
        return None
    if one.hour != two.hour:
        return ParsedDate(value=datetime(one.year, one.month, one.day, tzinfo=UTC), precision="day", zoned=False)
    zoned = one.tzinfo is not None
    value = (one if zoned else one.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    return ParsedDate(value=value, precision="minute" if one.second != two.second else "second", zoned=zoned)


def _swappable(text: str) -> bool:
    """True for a numeric date such as 06/09/2021, whose order dateutil would guess."""
    return bool(re.search(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", text))


def _another_year(text: str, year: int) -> bool:
    """True if *text* names a year that dateutil passed over: of `06 Th09 2021` it makes a day in 2009."""
    named = _YEAR.findall(text)
    return bool(named) and str(year) not in named
