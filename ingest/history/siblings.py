"""The parts of an archive, and the dates of their addresses as far as their siblings confirm them. Pure: no network.

A date in an address is believed if other parts differ in just that date, all numbers in its place are dates, and the
months go on to December before the year ends: else they are numbers of parts. Parts named by the first day of their
month or half-year last until the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from ingest.history.archivedates import DatedAddress, numbered, same_shape
from ingest.history.hints import DAY, SLACK, excludes, holds
from ingest.records import Span

_MONTHLY: Final = timedelta(days=27)  # parts that all begin on a first of a month are at least this far apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One document of an archive, as an index or robots.txt lists it."""

    url: str
    changed: datetime | None = None  # lastmod, aware UTC
    span: Span | None = None  # the days that its address names, in local days
    address: DatedAddress | None = None  # None: its address names none that siblings confirm
    family: int = 0  # the same for parts that differ in just their date and numbers

    def may_list(self, interval: Span) -> bool:
        """Whether it may list what was published in *interval*. What was not changed since lists nothing newer."""
        if self.changed and interval.start and self.changed + SLACK <= interval.start:
            return False
        return self.span is None or not excludes(self.span, interval)


def parts_of(listed: Iterable[tuple[str, datetime | None]]) -> list[Part]:
    """The parts in the order of the list, with the dates that siblings confirm; each address once."""
    changes = dict(listed)
    dated: dict[str, Part] = {}
    for number, family in enumerate(_confirmed(changes)):
        until = _ends(family)
        for one in family:
            span = replace(one.span, end=until[one.span.start]) if until and one.span.start else one.span
            dated[one.url] = Part(url=one.url, changed=changes[one.url], span=span, address=one, family=number)
    return [dated.get(url) or Part(url=url, changed=changed) for url, changed in changes.items()]


def hidden_parts(parts: Sequence[Part], interval: Span) -> list[Part]:
    """Parts that no list names, by the pattern of those that it names: of the days of *interval* that no part of the
    family covers, before its last one. An index often lists the last years only, and older parts answer.
    """
    families: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        if part.address:
            families[part.family].append(part)
    return [guess for family in families.values() for guess in _guessed(family, interval)]


def next_part(part: Part) -> Part | None:
    """The part after *part*, by the last number of its address that is no date; None if there is none."""
    if part.address is None or not part.span or not part.span.start:
        return None
    number = part.address.number
    if number is None:
        return None
    following = f"{int(number) + 1:0{len(number)}d}"
    return _at(part.address, part.span.start.date(), padded=part.address.is_padded, number=following)


def _guessed(family: Sequence[Part], interval: Span) -> Iterator[Part]:
    days = list(_uncovered([part.span for part in family if part.span], interval))
    addresses = [part.address for part in family if part.address] if days else []
    padded = all(address.is_padded for address in addresses)
    number = min((address.number for address in addresses if address.number), key=int, default=None)
    if all(address.fields.get("d", "").lstrip("0") == "1" for address in addresses):  # named by the first of a month
        days = [day.replace(day=1) for day in days]
    guesses = (_at(addresses[0], day, padded=padded, number=number) for day in days)
    yield from {guess.url: guess for guess in guesses if guess}.values()


def _uncovered(spans: Sequence[Span], interval: Span) -> Iterator[date]:
    """The days of *interval*, and of the slack around it, in none of *spans*, before the last of them."""
    if interval.start is None or interval.end is None:
        return
    newest = max((span.start for span in spans if span.start), default=interval.start)
    near = [span for span in spans if not excludes(span, interval)]
    at = (interval.start - SLACK).replace(hour=0, minute=0, second=0, microsecond=0)
    while at < min(interval.end + SLACK, newest):
        if not any(holds(span, at) for span in near):
            yield at.date()
        at += DAY


def _at(address: DatedAddress, day: date, *, padded: bool, number: str | None) -> Part | None:
    url = address.with_date(day, padded=padded, number=number)
    there = next((found[0] for found in same_shape([url]) if found[0].fields.keys() == address.fields.keys()), None)
    return Part(url=url, span=there.span, address=there) if there else None


def _confirmed(urls: Iterable[str]) -> list[list[DatedAddress]]:
    """The addresses whose date is confirmed, by family."""
    alike: dict[str, list[str]] = defaultdict(list)  # by what they are without numbers
    for url in urls:
        alike[numbered(url)].append(url)
    families = (next(filter(_are_dates, same_shape(group)), None) for group in alike.values() if len(group) > 1)
    return [family for family in families if family]


def _are_dates(family: Sequence[DatedAddress]) -> bool:
    """Whether the numbers of a family are dates: there are several, and they run on to the end of a year or month."""
    starts = {one.span.start for one in family if one.span.start}
    fields = family[0].fields
    if len(starts) < 2 or not _are_padded_alike(family):
        return False
    if "d" in fields and "name" not in fields and not _run_on(((s.year, s.month), s.day) for s in starts):
        return all(start.day == 1 for start in starts) and _run_on((start.year, start.month) for start in starts)
    return "m" not in fields or "d" in fields or _run_on((start.year, start.month) for start in starts)


def _are_padded_alike(family: Sequence[DatedAddress]) -> bool:
    """2026-09-1 is the first part of September: who writes 09 writes 01 too."""
    written = [one.fields[name] for one in family for name in ("m", "d") if name in one.fields]
    return not (any(text.startswith("0") for text in written) and any(len(text) == 1 for text in written))


def _run_on(counted: Iterable[tuple[Any, int]]) -> bool:
    """Whether in one of the past years (months) the months (days) come to an end. Numbers of parts, 1 to 4, look like
    the first months of a year.
    """
    reached: dict[Any, int] = defaultdict(int)
    for whole, part in counted:
        reached[whole] = max(reached[whole], part)
    past = sorted(reached)[:-1]
    last = 12 if past and isinstance(past[0], int) else 28
    return not past or any(reached[whole] >= last for whole in past)


def _ends(family: Sequence[DatedAddress]) -> dict[datetime, datetime | None]:
    """By its first day, the end of each stretch that is named by that day alone; nothing if addresses name spans."""
    starts = sorted({one.span.start for one in family if one.span.start})
    return dict(zip(starts, [*starts[1:], None], strict=True)) if _are_firsts(family, starts) else {}


def _are_firsts(family: Sequence[DatedAddress], starts: Sequence[datetime]) -> bool:
    """Whether the days in the addresses are the firsts of longer stretches."""
    if "d" not in family[0].fields or any(start.day != 1 for start in starts):
        return False
    return len(starts) > 1 and all(after - before >= _MONTHLY for before, after in pairwise(starts))
