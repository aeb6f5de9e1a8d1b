"""Days of the calendars that newspapers print, as days of the Gregorian one.

Each conversion is a library's: jdatetime (Solar Hijri of Iran and Afghanistan), hijridate (Umm al-Qura), pyluach
(Hebrew), nepali-datetime (Bikram Sambat). Buddhist years, Minguo years and Japanese eras differ from ours in the year
alone; the Ethiopian calendar is a leap year every fourth.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

GREGORIAN, BUDDHIST, MINGUO, JALALI, HIJRI = "gregorian", "buddhist", "minguo", "jalali", "hijri"
HEBREW, ETHIOPIAN, NEPALI = "hebrew", "ethiopian", "nepali"
REIWA, HEISEI, SHOWA = "reiwa", "heisei", "showa"

# The Gregorian year that precedes each count's year 1.
_YEARS_BEFORE: Final = {GREGORIAN: 0, BUDDHIST: -543, MINGUO: 1911, REIWA: 2018, HEISEI: 1988, SHOWA: 1925}
_ETHIOPIAN_FIRST: Final = date(8, 8, 27)  # 1 Meskerem of the year 1: 29 August of the year 8 in the Julian calendar


def to_gregorian(calendar: str, year: int, month: int, day: int) -> date:
    """The day; ValueError if *calendar* has no such day or its library does not reach it."""
    if calendar in _YEARS_BEFORE:
        return date(year + _YEARS_BEFORE[calendar], month, day)
    try:
        return _CONVERTERS[calendar](year, month, day)
    except (OverflowError, KeyError, IndexError) as error:  # what the libraries raise outside of their tables
        raise ValueError(f"no day {year}-{month}-{day} in the {calendar} calendar") from error


def _from_jalali(year: int, month: int, day: int) -> date:
    from jdatetime import date as jalali_date

    return date.fromordinal(jalali_date(year, month, day).togregorian().toordinal())


def _from_hijri(year: int, month: int, day: int) -> date:
    from hijridate import Hijri

    return date.fromordinal(Hijri(year, month, day).to_gregorian().toordinal())


def _from_hebrew(year: int, month: int, day: int) -> date:
    """*month* counts from Nisan, as pyluach does."""
    from pyluach.dates import HebrewDate

    return date.fromordinal(HebrewDate(year, month, day).to_pydate().toordinal())


def _from_nepali(year: int, month: int, day: int) -> date:
    from nepali_datetime import date as nepali_date

    return date.fromordinal(nepali_date(year, month, day).to_datetime_date().toordinal())


def _from_ethiopian(year: int, month: int, day: int) -> date:
    """Twelve months of 30 days, then five days, in every year before a year that 4 divides six."""
    last = 30 if month <= 12 else 6 if year % 4 == 3 else 5
    if not (year > 0 and 1 <= month <= 13 and 1 <= day <= last):
        raise ValueError("no such day")
    return _ETHIOPIAN_FIRST + timedelta(days=365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1)


_CONVERTERS: Final[dict[str, Callable[[int, int, int], date]]] = {
    JALALI: _from_jalali,
    HIJRI: _from_hijri,
    HEBREW: _from_hebrew,
    NEPALI: _from_nepali,
    ETHIOPIAN: _from_ethiopian,
}
