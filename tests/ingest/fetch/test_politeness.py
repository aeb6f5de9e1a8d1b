"""ingest.fetch.ratelimit: slots keep their gap, and hosts in need of rest get it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest

from ingest.errors import ConnectFailed, FetchError, FetchTimeout, HttpStatus
from ingest.fetch.ratelimit import CircuitBreaker, MemoryRateLimiter
from ingest.options import FetchOptions

URL = "http://a.example/x"
SECOND = timedelta(seconds=1)


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_slots_of_a_host_keep_the_gap() -> None:
    """Each waits for its own slot; a host that was quiet is free at once."""
    clock = Clock()
    rate_limiter = MemoryRateLimiter(clock)
    assert [rate_limiter.acquire_slot("a", SECOND).total_seconds() for _ in range(3)] == [0, 1, 2]
    assert rate_limiter.acquire_slot("b", SECOND) == timedelta()
    clock.now += 2.5
    assert rate_limiter.acquire_slot("a", SECOND).total_seconds() == 0.5
    clock.now += 50
    assert rate_limiter.acquire_slot("a", SECOND) == timedelta()


def test_the_gate_is_safe_between_threads() -> None:
    """The fetcher asks from worker threads."""
    rate_limiter, waits = MemoryRateLimiter(Clock()), list[float]()
    threads = [
        threading.Thread(
            target=lambda: waits.extend(rate_limiter.acquire_slot("a", SECOND).total_seconds() for _ in range(200))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [float(number) for number in range(800)]


def test_failures_in_a_row_bring_rest() -> None:
    """Four, and a good answer between them starts the count again."""
    clock = Clock()
    breaker = CircuitBreaker(FetchOptions(), clock)
    for error in [ConnectFailed(URL, "no"), FetchTimeout(URL, "no"), ConnectFailed(URL, "no")]:
        breaker.bad("a", error)
    breaker.good("a")
    for _ in range(3):
        breaker.bad("a", ConnectFailed(URL, "refused"))
    assert breaker.wait("a", URL) == timedelta()
    breaker.bad("a", ConnectFailed(URL, "refused"))
    with pytest.raises(ConnectFailed, match=r"not asked.*refused.*300 s"):
        breaker.wait("a", "http://a.example/other")
    assert breaker.wait("b", URL) == timedelta()
    clock.now += 301
    assert breaker.wait("a", URL) == timedelta()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        pytest.param(HttpStatus(URL, "busy", 429, timedelta(hours=1)), HttpStatus, id="429"),
        pytest.param(HttpStatus(URL, "busy", 503, timedelta(hours=1)), HttpStatus, id="503"),
        pytest.param(HttpStatus(URL, "busy", 429), None, id="429-without-a-time"),
        pytest.param(HttpStatus(URL, "gone", 404, timedelta(hours=1)), None, id="404-is-of-the-page"),
        pytest.param(HttpStatus(URL, "busy", 429, timedelta(0)), None, id="at-once"),
    ],
)
def test_retry_after_brings_rest(error: FetchError, raised: type[Exception] | None) -> None:
    """Only where the status speaks of the host."""
    breaker = CircuitBreaker(FetchOptions(), Clock())
    breaker.bad("a", error)
    if raised is None:
        assert breaker.wait("a", URL) == timedelta()
    else:
        with pytest.raises(raised, match="not asked"):
            breaker.wait("a", URL)


def test_a_short_retry_after_is_waited_for() -> None:
    """Up to the patience of the options."""
    breaker = CircuitBreaker(FetchOptions(max_inline_wait=timedelta(seconds=10)), Clock())
    breaker.bad("a", HttpStatus(URL, "busy", 429, timedelta(seconds=7)))
    assert breaker.wait("a", URL) == timedelta(seconds=7)
