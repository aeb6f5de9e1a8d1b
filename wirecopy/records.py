"""What crosses a task of a run as small JSON: its plan, its shards, its report. Times are ISO 8601 with their zone."""

from __future__ import annotations

from typing import Literal, TypedDict

Kind = Literal["live", "day"]
Mode = Literal["live", "past"]


class Run(TypedDict):
    """One data interval `[start, end)` and the plan that was made for it."""

    run_id: str
    plan: str  # uuid hex: names the files in state/staging
    kind: Kind
    mode: Mode
    start: str
    end: str
    due_feeds: int
    shards: int  # 0: there is nothing to do


class Shard(TypedDict):
    """The arguments of one mapped pull task."""

    run: Run
    shard: int  # from 0
    of: int


class Planned(TypedDict):
    """What plan returns."""

    run: Run
    shards: list[Shard]


class Sums(TypedDict):
    """The polls and outcomes of one plan, counted."""

    seen: int  # entries of the feeds, and those taken from elsewhere: tried + left
    tried: int  # the sum of `outcomes`
    left: int  # known, too old, outside of the interval, repeated, deferred
    polls: dict[str, int]  # by code
    entries: dict[str, int]
    outcomes: dict[str, int]  # by code
    unread: list[str]  # feeds that could not be read, with their codes: the first few
    unread_feeds: int
    crashed: list[str]  # links whose pages took a process with them: the first few
    crashed_pages: int


class Report(Sums):
    """What publish returns and verdict judges."""

    run_id: str
    mode: Mode
    start: str
    end: str
    due_feeds: int
    shards: int
    shards_done: int
    dates: list[str]  # whose articles changed, ISO, ascending
    unaccounted: int  # entries seen and not booked: 0, or there is a bug
    set_aside: int  # finished parts that could not be read


class Event(TypedDict):
    """What an asset event says of a run: small enough for Airflow's metadata database."""

    run_id: str
    mode: Mode
    start: str
    end: str
    dates: list[str]
    outcomes: dict[str, int]
