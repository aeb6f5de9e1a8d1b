"""Dates as feeds and pages write them, turned into aware UTC instants, or honestly into None.

feedparser reads BST, CEST and IST as UTC, `GMT+9` as nothing and epoch seconds as years, so every date is read from
its raw string here (reader.py). Believed is what names a full day, uses every word and number of the string, and
can be read one way: a numeric date whose day and month could be swapped is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Final, Literal

from ingest.dates.calendars import GREGORIAN
from ingest.dates.reader import FIRST_YEAR, Reading, readings

Precision = Literal["second", "minute", "day"]

EARLIEST: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
MAX_AHEAD: Final = timedelta(days=1)  # zone mistakes reach 14 h; more is an embargo slip or a wrong clock
MAX_CHARS: Final = 100  # a longer string is prose

_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}|\d{15,16}")
_JOINT: Final = re.compile(r"\s*(?:الموافق ل?|المصادف ل?|مطابق با|[/|،,()=–—]| - )\s*")  # between two calendars' days
_MAX_JOINTS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDate:
    """An instant and how much of it the string really told."""

    value: datetime  # aware, UTC
    precision: Precision  # day: no time of day, or exactly midnight, which is how systems write a bare day
    zoned: bool  # False: the string named no known zone and was taken as UTC
    day: date  # as it is written, in the zone of who wrote it


def parse_date(raw: str | None, *, now: datetime, language: str | None = None) -> ParsedDate | None:
    """The instant that *raw* names; None if it names none, or one before 1990 or more than a day ahead of *now*.

    *language* (a primary tag) decides where two languages call different months alike, and between 6 September and
    9 June.
    """
    text = " ".join((raw or "").split())
    if not text or len(text) > MAX_CHARS:
        return None
    parsed = _parsed(text, now.year, language)
    return parsed if parsed and EARLIEST <= parsed.value <= now + MAX_AHEAD else None


@lru_cache(maxsize=1_024)  # pages name one date in many places
def _parsed(text: str, year: int, language: str | None) -> ParsedDate | None:
    if _EPOCH.fullmatch(text):
        return _from_epoch(text)
    reading = _chosen(readings(text, latest=year + 1), language) or _of_two_calendars(text, year)
    return _as_instant(reading) if reading else None


def _from_epoch(text: str) -> ParsedDate:
    """Seconds, milliseconds or microseconds since 1970, told apart by their digits."""
    digits = len(text.split(".")[0])
    seconds = float(text) / (1 if digits < 12 else 1e3 if digits < 15 else 1e6)
    value = datetime.fromtimestamp(int(seconds), UTC)
    return ParsedDate(value=value, precision="second", zoned=True, day=value.date())


def _chosen(found: list[Reading], language: str | None) -> Reading | None:
    """The one reading, if there is one; *language* tells its own months from others', and day from month."""
    spoken = [one for one in found if language and language in one.languages]
    spoken = spoken or [one for one in found if one.order and language and one.order == _order_of(language)]
    meant = {(one.day, one.time, one.zone): one for one in sorted(spoken or found, key=lambda one: -one.rank)}
    named = len(meant) > 1 and all(one.languages for one in meant.values())
    best = [one for one in meant.values() if one.rank == 0] if named else list(meant.values())
    return best[0] if len(best) == 1 and (spoken or not best[0].doubtful) else None


@cache
def _order_of(language: str) -> str | None:
    """The order of a short date of *language*, `dmy`, wherever it is spoken; None of English, which has two."""
    from babel import Locale, UnknownLocaleError

    try:
        short = str(Locale.parse(language).date_formats["short"])
    except (UnknownLocaleError, ValueError):
        return None
    places = {letter.lower(): short.find(letter) for letter in "dMy"}
    return "".join(sorted(places, key=lambda letter: places[letter])) if language != "en" else None


def _of_two_calendars(text: str, year: int) -> Reading | None:
    """`16 نوفمبر 2026 الموافق 6 جمادى الآخرة 1448`: two calendars that mean the same day, to a day; ours is taken."""
    for joint in list(_JOINT.finditer(text))[:_MAX_JOINTS]:
        parts = (text[: joint.start()], text[joint.end() :])
        both = [one for part in parts if (one := _chosen(readings(part, latest=year + 1), None))]
        ours = [one for one in both if one.calendar == GREGORIAN]
        if len(both) == 2 and len(ours) == 1 and abs(both[0].day - both[1].day) <= timedelta(days=1):
            timed = next((one for one in both if one.time), both[0])
            return Reading(day=ours[0].day, time=timed.time, zone=timed.zone, calendar=GREGORIAN)
    return None


def _as_instant(reading: Reading) -> ParsedDate | None:
    hour, minute, second = reading.time or (0, 0, 0)
    midnight = datetime(reading.day.year, reading.day.month, reading.day.day, tzinfo=reading.zone or UTC)
    local = midnight + timedelta(hours=hour, minutes=minute, seconds=second or 0)
    bare = reading.time is None or (hour, minute, second or 0) == (0, 0, 0)
    precision: Precision = "day" if bare else "minute" if second is None else "second"
    return ParsedDate(value=local.astimezone(UTC), precision=precision, zoned=reading.zone is not None, day=reading.day)
