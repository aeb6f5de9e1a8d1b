"""Politeness towards hosts: a gap between requests, few at once, and a pause for a host that requests it or is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from ingest.errors import ConnectFailed, FetchError, FetchTimeout, HttpStatus
from ingest.options import FetchOptions

Clock = Callable[[], float]


class RateLimiter(Protocol):
    """Hands out the slots of each host.

    Called from worker threads, several at once: a limiter over all processes may wait for its lock.
    """

    def acquire_slot(self, host: str, gap: timedelta, most: timedelta | None = None) -> timedelta | None:
        """Reserve the next slot of *host*, *gap* after the last one; how long to wait until it comes. None, and nothing
        reserved, if that is longer than *most*.
        """
        ...


class MemoryRateLimiter:
    """The rate limiter of one process."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._next: dict[str, float] = {}

    def acquire_slot(self, host: str, gap: timedelta, most: timedelta | None = None) -> timedelta | None:
        """See RateLimiter."""
        with self._lock:
            now = self._clock()
            slot = max(now, self._next.get(host, 0.0))
            if most is not None and slot - now > most.total_seconds():
                return None
            self._next[host] = slot + gap.total_seconds()
            return timedelta(seconds=slot - now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A pause that a host requested (Retry-After)."""

    left: timedelta  # from now
    status: int  # of its answer


class RestCache(Protocol):
    """Keeps pauses over runs and processes. Called from worker threads."""

    def load(self) -> Mapping[str, Rest]:
        """The pauses that are not over, by host."""
        ...

    def save(self, host: str, rest: Rest) -> None:
        """Remember it."""
        ...


@dataclass(slots=True)
class _Health:
    failures: int = 0  # in a row
    until: float = 0.0  # monotonic: no request before
    error: FetchError | None = None  # why


class CircuitBreaker:
    """Hosts in a pause: they answered with Retry-After, or failed several times in a row."""

    def __init__(
        self, options: FetchOptions, clock: Clock = time.monotonic, rests: Mapping[str, Rest] | None = None
    ) -> None:
        """*rests* are the pauses that hosts requested in earlier runs."""
        self._options, self._clock = options, clock
        self._hosts: dict[str, _Health] = {}
        for host, rest in (rests or {}).items():
            self._rest(self._hosts.setdefault(host, _Health()), rest.left, HttpStatus(host, "", rest.status, rest.left))

    def wait(self, host: str, url: str) -> timedelta:
        """The rest of the pause of *host*. If it is longer than `max_inline_wait`, raises the error that caused it."""
        health = self._hosts.get(host)
        left = timedelta(seconds=health.until - self._clock()) if health else timedelta()
        if not health or left <= timedelta():
            return timedelta()
        if left <= self._options.max_inline_wait and not isinstance(health.error, ConnectFailed | FetchTimeout):
            return left
        raise _again(health.error, url, left)

    def good(self, host: str) -> None:
        """Note that *host* answered."""
        if host in self._hosts and self._hosts[host].until <= self._clock():
            del self._hosts[host]

    def bad(self, host: str, error: FetchError) -> Rest | None:
        """Note that *host* failed or requested a pause; returns the pause if later runs are to keep it."""
        health = self._hosts.setdefault(host, _Health())
        if isinstance(error, ConnectFailed | FetchTimeout):
            health.failures += 1
            if health.failures >= self._options.host_failures:
                self._rest(health, self._options.host_rest, error)
        elif isinstance(error, HttpStatus) and error.retry_after and error.status in (429, 503):
            self._rest(health, error.retry_after, error)
            return Rest(left=error.retry_after, status=error.status)
        return None

    def _rest(self, health: _Health, time_off: timedelta, error: FetchError) -> None:
        health.until, health.error = self._clock() + time_off.total_seconds(), error


def _again(error: FetchError | None, url: str, left: timedelta) -> FetchError:
    """The host's error, for another of its URLs, which got no request."""
    seconds = round(left.total_seconds())
    if isinstance(error, HttpStatus):
        reason = f"not asked: the host answered {error.status} and wants to be left alone for {seconds} s more"
        return HttpStatus(url, reason, error.status, left)
    why = error.reason if error else ""
    reason = f"not asked: the host failed several times in a row ({why}) and rests for {seconds} s more"
    return FetchTimeout(url, reason) if isinstance(error, FetchTimeout) else ConnectFailed(url, reason)
