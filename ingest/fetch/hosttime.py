"""How long one host may keep a run busy: what is left of it then waits for a later run, and holds up nobody."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from ingest.errors import Deferred


@dataclass(slots=True)
class _Host:
    active: int = 0  # requests that wait for their turn, or are under way
    since: float = 0.0  # monotonic: when the first of them began
    used: float = 0.0  # seconds, before that
    over: bool = False


class HostTime:
    """The seconds in which a request to a host waited for its turn or was under way, per host, up to *most*.

    Time in which nothing was asked of it (its pages are extracted, other hosts are asked) does not count.
    """

    def __init__(self, most: timedelta | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._hosts: dict[str, _Host] = defaultdict(_Host)

    @contextmanager
    def busy(self, host: str, url: str) -> Iterator[None]:
        """A request to *host*, from its wait to its answer; raises Deferred if the time is up."""
        found = self._hosts[host]
        self.left(host, url)
        if not found.active:
            found.since = self._clock()
        found.active += 1
        try:
            yield
        finally:
            found.active -= 1
            if not found.active:
                found.used += self._clock() - found.since

    def left(self, host: str, url: str) -> timedelta | None:
        """What *host* has left; None: no end. Raises Deferred if it has nothing left."""
        if self._most is None:
            return None
        found = self._hosts[host]
        spent = found.used + (self._clock() - found.since if found.active else 0.0)
        if found.over or spent > self._most.total_seconds():
            raise self.up(host, url)
        return timedelta(seconds=self._most.total_seconds() - spent)

    def up(self, host: str, url: str) -> Deferred:
        """The time of *host* is up, or would be before its next turn: nothing more is asked of it in this run."""
        self._hosts[host].over = True
        seconds = round(self._most.total_seconds()) if self._most else 0
        return Deferred(url, f"{host} had its {seconds} s of this run; the next run goes on with it")
