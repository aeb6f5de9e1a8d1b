"""How many articles a day usually has, and which days are thin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final, Literal

WEEKS: Final = 8  # before and after, whose same weekdays are looked at: a quarter, so that a summer is no winter
ENOUGH: Final = 2  # same weekdays from which the median is taken; with fewer it is that of all days
THIN: Final = 0.6  # of the usual: below it a day is worth a look. Holidays are at about a half
LEAST: Final = 5.0  # articles that a usual day has at least; below it every day may be anything

State = Literal["none", "thin", "usual", "ahead", "before", "so far"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One day of the calendar."""

    day: date
    articles: int
    usual: float | None  # median of the same weekdays; None: too little to compare with
    state: State

    @property
    def share(self) -> float | None:
        """Of the usual, 0..; None without a usual."""
        return self.articles / self.usual if self.usual else None

    @property
    def wanting(self) -> bool:
        """Whether a person may want to fill it."""
        return self.state in ("none", "thin")


def usual_of(counts: Mapping[date, int], day: date) -> float | None:
    """The median of the days around *day* that have articles: of the same weekday, else of all."""
    same = (day + timedelta(weeks=weeks) for weeks in range(-WEEKS, WEEKS + 1) if weeks)
    found = [counts[one] for one in same if counts.get(one)]
    if len(found) < ENOUGH:
        found = [count for one, count in counts.items() if count and one != day]
    return float(median(found)) if len(found) >= ENOUGH else None


def day_count(counts: Mapping[date, int], day: date, *, today: date) -> DayCount:
    """*day* as the calendar shows it; *counts* holds articles by date."""
    articles = counts.get(day, 0)
    usual = usual_of({one: count for one, count in counts.items() if one < today}, day)  # today is not over
    return DayCount(day=day, articles=articles, usual=usual, state=_state(counts, day, today, articles, usual))


def _state(counts: Mapping[date, int], day: date, today: date, articles: int, usual: float | None) -> State:
    if day > today:
        return "ahead"
    if day == today:
        return "so far"
    if not articles:
        return "none" if counts and day > min(counts) else "before"
    return "thin" if usual is not None and usual >= LEAST and articles < THIN * usual else "usual"


def stretches(days: list[date]) -> list[tuple[date, date]]:
    """*days* as stretches of days that follow each other: (first, last), ascending."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and found[-1][1] + timedelta(days=1) == day:
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found
