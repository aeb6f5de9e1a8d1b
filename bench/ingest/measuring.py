"""Work in a process of its own: its CPU with that of its children, its wall time, and the memory of them all."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import psutil

EVERY: Final = 0.5  # seconds between two looks at the memory


class Counter(Protocol):
    """A number that the measured process counts up."""

    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """The cost of some work."""

    result: Any
    cpu: float  # seconds, the process itself, its imports included
    children: float  # CPU seconds of processes that it started and waited for
    wall: float  # seconds
    memory: list[tuple[int, float]]  # (pages done, MB of all its processes together), as time goes on

    @property
    def all_cpu(self) -> float:
        """CPU seconds of all processes."""
        return self.cpu + self.children


def measured(work: Callable[..., Any], *arguments: Any) -> Spent:
    """Run `work(counter, *arguments)` in a fresh process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    counter = context.Value("q", 0)
    process = context.Process(target=_run, args=(theirs, counter, work, arguments))
    process.start()
    memory: list[tuple[int, float]] = []
    while not ours.poll(EVERY):
        memory.append((counter.value, resident(process.pid or 0)))
        if not process.is_alive() and not ours.poll():
            raise SystemExit(f"{work.__name__} ended with exit code {process.exitcode}: its error stands above")
    result, cpu, children, wall = ours.recv()
    process.join()
    return Spent(result=result, cpu=cpu, children=children, wall=wall, memory=memory)


def resident(pid: int) -> float:
    """MB that the process and its descendants hold, pages that they share counted in each."""
    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:  # ended while we looked
        pass
    return total / 2**20


def _run(pipe: Any, counter: Counter, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    start = time.monotonic()
    result = work(counter, *arguments)
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, children = (usage.ru_utime + usage.ru_stime for usage in usages)
    pipe.send((result, own, children, time.monotonic() - start))
