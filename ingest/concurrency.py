"""Work in flight: bounded, in the order of its end, and nothing runs on when the reader stops or a bug shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import aclosing
from typing import Any, Final, TypeVar

T = TypeVar("T")

TICK: Final = 0.5  # seconds between two checks of the age of a piece
_END: Final[Any] = object()


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
            # Finished results are not lost to a bug elsewhere.
            for task in sorted(done, key=lambda task: task.exception() is not None):
                yield task.result()
    finally:
        await cancelled(running)


async def merged(streams: Iterator[Callable[[], AsyncGenerator[T, None]]], at_once: int) -> AsyncGenerator[T, None]:
    """The items of all *streams*, as they come, with *at_once* streams open. *streams* is read as far as needed."""
    running: dict[asyncio.Task[T], AsyncGenerator[T, None]] = {}
    try:
        while True:
            while len(running) < at_once and (start := next(streams, None)):
                _advance(running, start())
            if not running:
                return
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            # Finished items are not lost to a bug elsewhere.
            for task in sorted(done, key=lambda task: task.exception() is not None):
                if (item := task.result()) is _END:
                    del running[task]
                    continue
                yield item
                _advance(running, running.pop(task))
    finally:
        await cancelled(running)
        for stream in running.values():
            await stream.aclose()


async def ticking(stream: AsyncIterator[T], seconds: float) -> AsyncGenerator[T | None, None]:
    """The items of *stream*, and None whenever none came for *seconds*."""
    coming = asyncio.ensure_future(_next(stream))
    try:
        while True:
            await asyncio.wait((coming,), timeout=seconds)
            if not coming.done():
                yield None
            elif (item := coming.result()) is _END:
                return
            else:
                coming = asyncio.ensure_future(_next(stream))
                yield item
    finally:
        await cancelled((coming,))


async def in_pieces(
    stream: AsyncIterator[T], seconds: float, most: int | None = None
) -> AsyncGenerator[tuple[list[T], bool], None]:
    """The items of *stream* in lists, each given when its first item is about *seconds* old or it has *most* items;
    with each, whether it is the last, which may be empty. A stream that breaks gives the items before.
    """
    piece: list[T] = []
    since = 0.0
    try:
        async with aclosing(ticking(stream, min(seconds, TICK))) as items:
            async for item in items:
                if item is not None:
                    since = since if piece else time.monotonic()
                    piece.append(item)
                if piece and (time.monotonic() - since >= seconds or len(piece) == most):
                    given, piece = piece, []
                    yield given, False
    except Exception:
        if piece:
            yield piece, False
        raise
    yield piece, True


def _advance(running: dict[asyncio.Task[T], AsyncGenerator[T, None]], stream: AsyncGenerator[T, None]) -> None:
    running[asyncio.create_task(_next(stream))] = stream


async def _next(stream: AsyncIterator[T]) -> T:
    item: T = await anext(stream, _END)
    return item


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Stop *tasks* and wait until they have."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
