"""The readings of a written date: which days, times and zones it can mean if all of its words and numbers are used.

A date becomes a row of symbols, one for each word, number and mark: `16 ноября 2026 г., 14:30` is `2M4y2:2`.
shapes.py says which rows are dates. A word with two meanings (`mar.` is March and Tuesday) gives two rows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from itertools import islice, product
from typing import Final

from ingest.dates.calendars import BUDDHIST, GREGORIAN, HIJRI, JALALI, MINGUO, NEPALI, to_gregorian
from ingest.dates.shapes import matches
from ingest.dates.tokens import Token, normal, tokens
from ingest.dates.words import Word

FIRST_YEAR: Final = 1990  # before the web: epoch zeros and template placeholders
_MAX_ROWS: Final = 48  # combinations of meanings that are looked at
_SHORT: Final = 3  # letters: `lip` is July in Polish and June in Croatian, and either may have meant it
_BUDDHIST: Final = ("th",)  # languages that shorten Buddhist years: 16 พ.ย. 69
_NOON, _DAY = 12, 24  # hours
_ORDERS: Final = ("dmy", "mdy", "ymd")
_LAST_DAY: Final = 31  # a two-digit year up to it may be a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to understand a date. Equal ones are one."""

    day: date  # local
    time: tuple[int, int, int | None] | None  # hour 0..24, minute, second
    zone: tzinfo | None
    calendar: str
    languages: frozenset[str] = frozenset()  # in which its month is called so; empty: anybody's, or a number
    order: str | None = None  # dmy, mdy or ymd of a numeric date that can be read in several; None: any other
    doubtful: bool = False  # only a language that writes so makes it believed
    rank: int = 0  # of the month among the meanings of its word: 0 is the one to believe, if any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row of symbols that is a date: its parts by name, and what stands beside them."""

    part: dict[str, Token]
    marks: tuple[str, ...]  # of calendars
    zones: tuple[tzinfo | None, ...]
    weekdays: frozenset[int]
    said: int  # words, numbers and marks that it gives a meaning to
    indian: bool  # its digits are Devanagari


@dataclass(frozen=True, slots=True, kw_only=True)
class _MonthAndDay:
    """Of some calendar; the rest as Reading has it."""

    month: int
    day: int
    languages: frozenset[str] = frozenset()
    order: str | None = None
    rank: int = 0


def readings(raw: str, *, latest: int) -> list[Reading]:
    """Every way in which all of *raw* is a date of the years 1990 to *latest*: in English, else in any language."""
    text = normal(raw)
    indian = any("DEVANAGARI" in unicodedata.name(char, "") for char in raw if char.isdecimal())
    for widely in (False, True):
        said = tokens(text, widely=widely)
        found = [(row.said, one) for row in _rows(said or [], indian) for one in _of_row(row, latest)]
        if found:
            most = max(count for count, _ in found)  # `am` is no small word of German where a clock stands before it
            return list(dict.fromkeys(one for count, one in found if count == most))
    return []


def _rows(said: Sequence[Token], indian: bool) -> Iterator[_Row]:
    choices = [list(dict.fromkeys(word.symbol for word in token.choices)) for token in said]
    for symbols in islice(product(*choices), _MAX_ROWS):
        kept = [at for at, symbol in enumerate(symbols) if symbol not in ("", "W")]
        words = [(symbol, word) for symbol, token in zip(symbols, said, strict=True) for word in token.choices]
        for places in matches("".join(symbols[at] for at in kept)):
            yield _Row(
                part={name: said[kept[at]] for name, at in places},
                marks=tuple(word.calendar for symbol, word in words if symbol == word.symbol == "C"),
                zones=tuple(word.zone for kind in "OZ" for symbol, word in words if symbol == word.symbol == kind),
                weekdays=frozenset(word.value for symbol, word in words if symbol == word.symbol == "W"),
                said=sum(symbol != "" for symbol in symbols),
                indian=indian,
            )


def _of_row(row: _Row, latest: int) -> Iterator[Reading]:
    try:
        time = _time(row.part)
    except ValueError:  # 25:00, or no hour of the afternoon
        return
    days = list(_days(row, latest))
    fitting = [one for one in days if one.day.weekday() in row.weekdays] or days  # a wrong weekday is no news
    zone = next((zone for zone in row.zones if zone), None)  # offsets first
    for one in fitting:
        yield replace(one, time=time, zone=zone)


def _days(row: _Row, latest: int) -> Iterator[Reading]:
    """The days that the row's numbers can be, without a time."""
    if "one" in row.part:
        yield from _short_days(row.part, latest)
        return
    for calendar, year in _years(row, latest):
        for number in _months_and_days(row, calendar):
            try:
                found = to_gregorian(calendar, year, number.month, number.day)
            except ValueError:  # 31 February, month 13
                continue
            if FIRST_YEAR <= found.year <= latest:
                yield Reading(
                    day=found,
                    time=None,
                    zone=None,
                    calendar=calendar,
                    languages=number.languages,
                    order=number.order,
                    rank=number.rank,
                )


def _short_days(part: dict[str, Token], latest: int) -> Iterator[Reading]:
    """`28.09.19` in every order that gives a day. A year that stands first and may be a day is doubtful: what else the
    numbers say may be a day to come.
    """
    for order in _ORDERS:
        number = dict(zip(order, (part[name].number for name in ("one", "two", "three")), strict=True))
        if order == "ymd" and part["one"].choices[0].symbol != "2":
            continue
        try:
            found = date(_century(number["y"], latest), number["m"], number["d"])
        except ValueError:
            continue
        if FIRST_YEAR <= found.year <= latest:
            doubtful = order == "ymd" and number["y"] <= _LAST_DAY
            yield Reading(day=found, time=None, zone=None, calendar=GREGORIAN, order=order, doubtful=doubtful)


def _century(year: int, latest: int) -> int:
    """26 is 2026, 98 is 1998; a year soon to come is of this century, and then not believed."""
    return year + (2000 if year <= _LAST_DAY or year <= latest - 2000 else 1900)


def _years(row: _Row, latest: int) -> Iterator[tuple[str, int]]:
    """The calendars that the row can be of, with its year: the mark says it, or the month, or the year itself."""
    if packed := row.part.get("ymd"):
        yield GREGORIAN, packed.number // 10_000
        return
    token = row.part.get("y") or row.part["bare"]
    year, digits = token.number, int(token.choices[0].symbol)
    if row.marks:
        yield from ((calendar, year) for calendar in row.marks)
    elif digits == 3:
        yield MINGUO, year
    elif digits == 2:
        yield GREGORIAN, year + (2000 if year <= latest - 2000 else 1900)
        if any(word.language in _BUDDHIST for word in row.part["M"].choices):
            yield BUDDHIST, year + 2500
    else:
        named = {word.calendar for word in row.part["M"].choices if word.symbol == "M"} if "M" in row.part else set()
        numeric = {BUDDHIST, JALALI, HIJRI, *([NEPALI] if row.indian else [])}
        yield from ((calendar, year) for calendar in (GREGORIAN, *sorted((named or numeric) | {BUDDHIST})))


def _months_and_days(row: _Row, calendar: str) -> Iterator[_MonthAndDay]:
    part = row.part
    if "ymd" in part:
        yield _MonthAndDay(month=part["ymd"].number // 100 % 100, day=part["ymd"].number % 100)
    elif "first" in part:  # 06/09 is June in Boston and September in London
        told = not ("half" in part or "late" in part)  # `6/9/2026 2:30 PM` is American on any site
        yield _MonthAndDay(month=part["other"].number, day=part["first"].number, order="dmy" if told else None)
        if calendar == GREGORIAN:  # no other is written so
            yield _MonthAndDay(month=part["first"].number, day=part["other"].number, order="mdy" if told else None)
    elif "M" in part:
        months = _months(part, calendar)
        first = 1 if len(months) > 1 and len(part["M"].text.strip(".")) <= _SHORT else 0
        for rank, (month, languages) in enumerate(months, start=first):
            yield _MonthAndDay(month=month, day=part["d"].number, languages=languages, rank=rank)
    else:
        yield _MonthAndDay(month=part["m"].number, day=part["d"].number)


def _months(part: dict[str, Token], calendar: str) -> list[tuple[int, frozenset[str]]]:
    """The months that a word is in *calendar*, with the languages that say so; a second word must agree."""
    named = _by_month(part["M"], GREGORIAN if calendar == BUDDHIST else calendar)
    also = _by_month(part["also"], GREGORIAN) if "also" in part else named
    return [(month, languages) for month, languages in named.items() if month in also]


def _by_month(token: Token, calendar: str) -> dict[int, frozenset[str]]:
    found: dict[int, frozenset[str]] = {}
    for word in token.choices:
        if word.symbol == "M" and word.calendar == calendar:
            found[word.value] = found.get(word.value, frozenset()) | {word.language.partition("_")[0]}
    return found


def _time(part: dict[str, Token]) -> tuple[int, int, int | None] | None:
    """(hour, minute, second); None if there is no clock. ValueError if there is no such time of day."""
    if packed := part.get("hms"):
        digits = f"{packed.number:0{packed.choices[0].symbol}d}"
        hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:]) if digits[4:] else None
    elif "h" in part:
        hour, minute = part["h"].number, part["n"].number if "n" in part else 0
        second = part["s"].number if "s" in part else None
    else:
        return None
    for name in ("half", "late"):
        hour = _of_day(hour, part[name].choices) if name in part else hour
    if hour > _DAY or minute > 59 or (second or 0) > 60:
        raise ValueError("no such time of day")
    return hour, minute, second


def _of_day(hour: int, choices: tuple[Word, ...]) -> int:
    """*hour* in the part of the day that is named: `2 pm` is 14, `रात 2` stays 2. ValueError if it has no such hour."""
    wanted = (hour % _NOON, hour % _NOON + _NOON) if hour <= _NOON else (hour,)
    for first, last in (word.hours for word in choices if word.symbol == "A"):
        for one in wanted:
            if first <= one < last or first <= one + _DAY < last:
                return one
    raise ValueError("no such hour in that part of the day")
