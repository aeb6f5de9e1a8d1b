"""The date that the address of a part of an archive seems to name, and the address without it. Pure: no network.

One address proves nothing (`2016_election_sitemap.xml`): siblings.py believes a date if other parts differ in just it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Final

from ingest.history.hints import days
from ingest.records import Span

FIRST_YEAR: Final = 1800  # papers have scanned archives; an earlier number is none of a year
CENTURY: Final = 70  # two digits from here on are of the last one
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip

_Y: Final = r"(?<!\d)(?P<y>1[89]\d\d|20\d\d)"
_M: Final = r"(?P<m>0?[1-9]|1[0-2])"
_D: Final = r"(?P<d>0?[1-9]|[12]\d|3[01])"
_NAME: Final = rf"(?P<name>{'|'.join(sorted({*MONTHS, *FULL}, key=len, reverse=True))})"
_S: Final = r"[-_/.]"
_END: Final = r"(?!\d)"
_SHAPES: Final = [
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"{_Y}{_S}{_M}{_S}{_D}{_END}",  # 2026-10-05, 2026/10/05
        rf"{_Y}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01]){_END}",  # 20261005
        rf"(?<!\d){_D}{_S}{_M}{_S}(?P<y>1[89]\d\d|20\d\d){_END}",  # 05-10-2026
        rf"{_Y}{_S}{_NAME}{_S}{_D}{_END}",  # 2026/oct/5
        rf"(?<!\d){_D}{_S}{_NAME}{_S}(?:(?P<y>1[89]\d\d|20\d\d)|(?P<yy>\d\d)){_END}",  # 05-Oct-2026, 01-Jul-26
        rf"{_Y}{_S}?[hs](?P<half>[12])(?![\da-z])",  # 2026-h1
        rf"{_Y}{_S}?q(?P<quarter>[1-4])(?![\da-z])",  # 2026-q3
        rf"{_Y}{_S}{_NAME}(?![a-z])",  # 2026-october
        rf"(?<![a-z]){_NAME}{_S}?(?P<y>1[89]\d\d|20\d\d){_END}",  # october-2026
        rf"(?<![a-z\d])m{_M}_(?P<y>1[89]\d\d|20\d\d){_END}",  # m10_2026
        rf"{_Y}{_S}{_M}{_END}",  # 2026-10, 2026/9
        rf"{_Y}(?P<m>0[1-9]|1[0-2]){_END}",  # 202610
        rf"(?<!\d){_M}{_S}(?P<y>1[89]\d\d|20\d\d){_END}",  # 10-2026
        rf"(?:^|[-_/~.]){_Y}{_END}",  # 2026
    )
]
_QUERY: Final = re.compile(
    rf"(?<=[?&])(?:(?:yyyy|year|y)=(?P<y>1[89]\d\d|20\d\d)|(?:mm|month|m)={_M}|(?:dd|day|d)={_D})(?=&|$)", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\d+")
_MONTH_NAME: Final = re.compile(rf"(?<![a-z]){_NAME.replace('?P<name>', '?:')}(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedAddress:
    """An address and the date read in it."""

    url: str
    places: tuple[tuple[int, int, str], ...]  # start, end and field of each part of the date in `url`
    fields: Mapping[str, str]  # as written
    span: Span

    @property
    def pattern(self) -> str:
        """The address with {y}, {m}, … for the date and {n} for every other number of path and query."""
        named = [(start, end, f"{{{name}}}") for start, end, name in self.places]
        taken = {at for start, end, _ in self.places for at in range(start, end)}
        others = ((m.start(), m.end(), "{n}") for m in _numbers(self.url) if m.start() not in taken)
        return _replaced(self.url, [*named, *others])

    @property
    def is_padded(self) -> bool:
        """Whether months and days are written with two digits, as far as this one tells."""
        return not any(name in "md" and len(text) == 1 for name, text in self.fields.items())

    @property
    def number(self) -> str | None:
        """The last number behind the date, that of a part of a month; None if there is none."""
        after = max(end for _, end, _ in self.places)
        numbers = [match[0] for match in _numbers(self.url) if match.start() >= after]
        return numbers[-1] if numbers else None

    def with_date(self, day: date, *, padded: bool, number: str | None) -> str:
        """The address with the date of *day* in the place of its own, and *number* in that of `number`."""
        changed = [
            (start, end, _written(name, self.fields[name], day, padded=padded)) for start, end, name in self.places
        ]
        after = max(end for _, end, _ in self.places)
        behind = [match for match in _numbers(self.url) if match.start() >= after]
        if number is not None and behind:
            changed.append((behind[-1].start(), behind[-1].end(), number))
        return _replaced(self.url, changed)


def same_shape(urls: Sequence[str]) -> Iterator[list[DatedAddress]]:
    """All of *urls* with a date written in one way, for each way in which all can be read, the finest first."""
    ways: list[Callable[[str], DatedAddress | None]] = [_in_query, *(partial(_in_path, shape) for shape in _SHAPES)]
    for read in ways:
        found = []
        for url in urls:
            address = read(url)
            if address is None:
                break
            found.append(address)
        else:
            yield found


def numbered(url: str) -> str:
    """The address with {n} for every number of its path and query, and {name} for every month."""
    start = _path_start(url)
    return url[:start] + _NUMBER.sub("{n}", _MONTH_NAME.sub("{name}", url[start:]))


def _in_path(shape: re.Pattern[str], url: str) -> DatedAddress | None:
    """The last date of this shape in the path: what stands before it is the folder of a section."""
    start, end = _path_start(url), url.find("?")
    for match in reversed(list(shape.finditer(url, start, end if end >= 0 else len(url)))):
        written = tuple((name, text) for name, text in match.groupdict().items() if text)
        if span := _span_of(written):
            places = _one_of_equal(tuple((match.start(name), match.end(name), name) for name, _ in written))
            return DatedAddress(url=url, places=places, fields=_fields_of(written), span=span)
    return None


def _in_query(url: str) -> DatedAddress | None:
    """A date in parameters that are named after it; the year may stand in the path."""
    if "?" not in url:
        return None
    asked = [(m.start(name), m.end(name), name) for m in _QUERY.finditer(url) for name in "ymd" if m[name]]
    if asked and not any(name == "y" for _, _, name in asked) and (year := _in_path(_SHAPES[-1], url)):
        asked += year.places
    fields = {name: url[start:end] for start, end, name in asked}
    span = _span_of(tuple(fields.items()))
    return DatedAddress(url=url, places=tuple(asked), fields=fields, span=span) if span else None


@lru_cache(maxsize=20_000)  # an index has 225 parts of one month
def _span_of(written: tuple[tuple[str, str], ...]) -> Span | None:
    """The days of a date by its fields; None if it is none."""
    fields = dict(written)
    year = int(fields.get("y") or 0)
    if short := fields.get("yy"):
        year = int(short) + (1900 if int(short) >= CENTURY else 2000)
    month, day = _month(fields), int(fields.get("d") or 0)
    if year < FIRST_YEAR or (day and not month):
        return None
    first = last = month
    if half := int(fields.get("half") or 0):
        first, last = 6 * half - 5, 6 * half
    elif quarter := int(fields.get("quarter") or 0):
        first, last = 3 * quarter - 2, 3 * quarter
    elif not month:
        first, last = 1, 12
    try:
        return days(date(year, first, day or 1), date(year, last, day or monthrange(year, last)[1]))
    except ValueError:
        return None


# An index has 100,000 addresses of one shape and a few hundred dates: what is equal is kept once.
@lru_cache(maxsize=20_000)
def _fields_of(written: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return dict(written)


@lru_cache(maxsize=20_000)
def _one_of_equal(places: tuple[tuple[int, int, str], ...]) -> tuple[tuple[int, int, str], ...]:
    return places


def _month(fields: Mapping[str, str]) -> int:
    name = fields.get("name")
    return MONTHS.index(name[:3].lower()) + 1 if name else int(fields.get("m") or 0)


def _written(name: str, like: str, day: date, *, padded: bool) -> str:
    """A field of *day* as its siblings write it."""
    if name == "name":
        word = FULL[day.month - 1] if len(like) > 3 or like.lower() == "may" else MONTHS[day.month - 1]
        return word.upper() if like.isupper() else word.capitalize() if like[0].isupper() else word
    numbers = {
        "y": day.year,
        "yy": day.year % 100,
        "m": day.month,
        "d": day.day,
        "half": (day.month + 5) // 6,
        "quarter": (day.month + 2) // 3,
    }
    return f"{numbers[name]:02d}" if name == "yy" or (padded and name in "md") else str(numbers[name])


def _numbers(url: str) -> Iterator[re.Match[str]]:
    return _NUMBER.finditer(url, _path_start(url))


def _path_start(url: str) -> int:
    return url.find("/", url.find("://") + 3)


def _replaced(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text
