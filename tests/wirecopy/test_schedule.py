"""schedule: which interval a run stands for, and whether it is live or past."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.wirecopy.builders import at
from wirecopy.errors import SettingsError, UsageError
from wirecopy.schedule import Interval, floor_to, interval_of, intervals_between, live_cron, mode_of, parse_instant

MINUTE = 1 / 60


@pytest.mark.parametrize(
    ("kind", "start", "end", "run_after", "expected"),
    [
        pytest.param("live", at(10), at(10.25), at(11), (at(10), at(10.25)), id="airflow-names-it"),
        pytest.param("live", at(10), at(10), at(10 + 20 * MINUTE), (at(10), at(10.25)), id="empty-interval"),
        pytest.param("live", None, None, at(10 + 20 * MINUTE), (at(10), at(10.25)), id="last-complete-quarter"),
        pytest.param("live", None, None, at(10.25), (at(10), at(10.25)), id="complete-at-its-end"),
        pytest.param("day", None, None, at(10, 23), (at(0), at(0, 23)), id="yesterday"),
        pytest.param("day", None, None, at(0, 23), (at(0), at(0, 23)), id="yesterday-at-midnight"),
    ],
)
def test_interval_of(kind, start, end, run_after, expected):
    """The interval that Airflow names, else the last complete one before run_after."""
    text = [value.isoformat() if value else None for value in (start, end)]
    found = interval_of(kind, start=text[0], end=text[1], run_after=run_after)
    assert (found.start, found.end) == expected


@pytest.mark.parametrize(
    ("kind", "length", "late", "expected"),
    [
        pytest.param("live", 0.25, 0, "live", id="just-now"),
        pytest.param("live", 0.25, 5.99, "live", id="late"),
        pytest.param("live", 0.25, 6, "past", id="too-late"),
        pytest.param("live", 4, 7.9, "live", id="two-long-intervals"),
        pytest.param("live", 0.25, -1, "live", id="future"),
        pytest.param("day", 24, 0, "past", id="a-day-is-always-past"),
    ],
)
def test_mode_of(kind, length, late, expected):
    """By the clock: live while the interval ended less than max(two intervals, six hours) ago."""
    interval = Interval(start=at(10 - length), end=at(10))
    assert mode_of(kind, interval, now=at(10 + late)) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param("2026-11-22", "2026-11-22", [(at(0), at(24))], id="one-day"),
        pytest.param("2026-11-22", "2026-11-23", [(at(0), at(24)), (at(24), at(48))], id="days-are-inclusive"),
        pytest.param("2026-11-22T10:00Z", "2026-11-22T12:00Z", [(at(10), at(12))], id="instants-are-half-open"),
        pytest.param(
            "2026-11-22T23:00", "2026-11-23T01:00", [(at(23), at(24)), (at(24), at(25))], id="cut-at-midnight"
        ),
        pytest.param("2026-11-23T00:00+02:00", "2026-11-22", [(at(22), at(24))], id="zones"),
    ],
)
def test_intervals_between(first, last, expected):
    """What `wirecopy run --from --to` takes, cut into UTC days."""
    assert [(one.start, one.end) for one in intervals_between(first, last)] == expected


@pytest.mark.parametrize(
    ("first", "last"), [("2026-11-23", "2026-11-22"), ("2026-13-01", "2026-11-22"), ("yesterday", "2026-11-22")]
)
def test_intervals_that_mean_nothing(first, last):
    """Wrong order and nonsense are errors that show what was written."""
    with pytest.raises(UsageError, match=first):
        list(intervals_between(first, last))


def test_interval_is_half_open():
    """The start belongs to it, the end does not, and no date belongs to none."""
    interval = Interval(start=at(10), end=at(11))
    assert [instant in interval for instant in (at(10), at(11), None, at(11) - timedelta.resolution)] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(("minutes", "cron"), [("15", "*/15 * * * *"), ("60", "0 * * * *"), ("1", "*/1 * * * *")])
def test_live_cron(monkeypatch, minutes, cron):
    """WIRECOPY_LIVE_MINUTES tiles the hour."""
    monkeypatch.setenv("WIRECOPY_LIVE_MINUTES", minutes)
    assert live_cron() == cron


@pytest.mark.parametrize("minutes", ["0", "7", "61", "90", "x", "-15", "1.5", "²"])
def test_live_minutes_that_do_not_tile(monkeypatch, minutes):
    """Any other value is refused with the ones that work."""
    monkeypatch.setenv("WIRECOPY_LIVE_MINUTES", minutes)
    with pytest.raises(SettingsError, match="WIRECOPY_LIVE_MINUTES"):
        live_cron()


def test_instants_are_utc():
    """Without a zone it is UTC; other zones are converted; floors count from midnight."""
    assert parse_instant("2026-11-22T10:00") == parse_instant("2026-11-22T12:00+02:00") == at(10)
    assert floor_to(at(10.9), timedelta(minutes=15)) == at(10.75)
