"""Work in flight: bounded, in the order of its end, and nothing runs on when the reader stops or a bug shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


async def as_finished(jobs: Iterator[Callable[[], Coroutine[Any, Any, T]]], at_once: int) -> AsyncGenerator[T, None]:
    """Results as they come, with *at_once* jobs running. *jobs* is read no further than needed."""
    running: set[asyncio.Task[T]] = set()
    try:
        while True:
            while len(running) < at_once and (job := next(jobs, None)):
                running.add(asyncio.create_task(job()))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            # What is finished is not lost to a bug elsewhere.
            for task in sorted(done, key=lambda task: task.exception() is not None):
                yield task.result()
    finally:
        await cancelled(running)


async def together(workers: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    """All of them; the first to fail stops the rest, and its error is raised as it is."""
    tasks = [asyncio.create_task(worker()) for worker in workers]
    try:
        for task in asyncio.as_completed(tasks):
            await task
    finally:
        await cancelled(tasks)


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Stop *tasks* and wait until they have."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
