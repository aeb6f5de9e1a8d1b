"""Which days are thin."""

from __future__ import annotations

from datetime import date, timedelta

from wirecopy.pages.usual import day_count, stretches, usual_of

MONDAY = date(2026, 11, 2)
TODAY = date(2026, 12, 1)


def counts(**changed: int) -> dict[date, int]:
    """Four weeks of 100 articles, of 40 on Sundays; *changed*: articles by day of November."""
    days = (MONDAY + timedelta(days=number) for number in range(28))
    plain = {day: 40 if day.weekday() == 6 else 100 for day in days}
    return plain | {date(2026, 11, int(name[1:])): count for name, count in changed.items()}


def state(day: int, **changed: int) -> str:
    return day_count(counts(**changed), date(2026, 11, day), today=TODAY).state


def test_a_day_is_held_against_its_own_weekday() -> None:
    """A Sunday of 40 is usual, a Monday of 40 is thin; a gap does not lower what is usual."""
    assert usual_of(counts(d9=0), date(2026, 11, 16)) == 100
    assert [state(15), state(16, d16=40), state(16, d16=61), state(16, d16=0)] == ["usual", "thin", "usual", "none"]


def test_days_that_say_nothing() -> None:
    """Before the first article nothing is missing, today is not over, tomorrow is to come; few are never thin."""
    found = [day_count(counts(), day, today=TODAY).state for day in (date(2026, 11, 1), TODAY, date(2026, 12, 2))]
    assert found == ["before", "so far", "ahead"]
    few = dict.fromkeys(counts(), 4) | {date(2026, 11, 16): 1}
    assert day_count(few, date(2026, 11, 16), today=TODAY).state == "usual"
    assert day_count({}, MONDAY, today=TODAY).usual is None


def test_stretches() -> None:
    """Days that follow each other are one."""
    days = [date(2026, 11, day) for day in (30, 3, 2, 2)] + [date(2026, 12, 1)]
    assert stretches(days) == [(date(2026, 11, 2), date(2026, 11, 3)), (date(2026, 11, 30), date(2026, 12, 1))]
