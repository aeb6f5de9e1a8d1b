"""A host's time of a run: what counts, and what happens when it is up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ingest.errors import Deferred
from ingest.fetch.hosttime import HostTime
from ingest.fetch.ratelimit import MemoryRateLimiter
from ingest.pull import Work
from ingest.stalls import MOST_STALLS
from tests.ingest.pulling import Desk, codes, document, entry, task

SECOND = timedelta(seconds=1)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_only_time_with_a_request_under_way_counts() -> None:
    """Two at once count once, and between two nothing does."""
    clock = Clock()
    time = HostTime(10 * SECOND, clock)
    with time.busy("a", "u"):
        clock.now += 2
        with time.busy("a", "u"):
            clock.now += 2
        clock.now += 2
    clock.now += 1000
    assert time.left("a", "u") == 4 * SECOND
    assert time.left("b", "u") == 10 * SECOND


def test_when_it_is_up_nothing_more_is_asked() -> None:
    """The error says whose time it was; other hosts have theirs."""
    clock = Clock()
    time = HostTime(10 * SECOND, clock)
    with time.busy("a", "u"):
        clock.now += 11
    with pytest.raises(Deferred, match="a had its 10 s"), time.busy("a", "https://a/x"):
        pass
    with time.busy("b", "u"):
        assert time.left("b", "u") == 10 * SECOND


def test_without_a_limit_nothing_is_up() -> None:
    """As in a check of feeds."""
    clock = Clock()
    time = HostTime(None, clock)
    with time.busy("a", "u"):
        clock.now += 10_000
    assert time.left("a", "u") is None


def test_a_slot_beyond_the_time_is_not_taken() -> None:
    """So that who asks often, and has little time, does not push it away for ever."""
    clock = Clock()
    limiter = MemoryRateLimiter(clock)
    assert limiter.acquire_slot("a", 30 * SECOND, 5 * SECOND) == timedelta()
    for _ in range(5):
        assert limiter.acquire_slot("a", 30 * SECOND, 5 * SECOND) is None
    clock.now += 26
    assert limiter.acquire_slot("a", 30 * SECOND, 5 * SECOND) == 4 * SECOND


@pytest.mark.asyncio
async def test_pages_that_stall_extraction_do_not_hold_up_the_others(site: Any, other_site: Any) -> None:
    """Twelve poison pages of one host: a few take a worker, the rest is deferred unasked; the other host goes on."""
    bad = [entry(site.url(f"/bad{number}")) for number in range(12)]
    good = [entry(other_site.url(f"/good{number}")) for number in range(12)]
    site.pages.update({f"/bad{number}": "poison" for number in range(12)} | {"/bad": document(*bad)})
    other_site.pages.update({f"/good{number}": "good" for number in range(12)} | {"/good": document(*good)})
    results = await Desk(extract_seconds=0.05).run(Work(feeds=[task(site, "bad"), task(other_site, "good")]))
    found = {result.poll.feed_id: codes(result) for result in results if result.poll}
    assert found["good"] == ["article"] * 12
    assert set(found["bad"]) == {"crashed", "deferred"}
    assert MOST_STALLS <= found["bad"].count("crashed") <= 6
    assert sum(path.startswith("/bad") and path != "/bad" for path, _, _ in site.hits) <= 6
