"""Blocks of work on threads: kernels release the interpreter's lock. Results are in the order of the blocks."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Block = TypeVar("Block")
Result = TypeVar("Result")

BLOCKS_PER_THREAD = 8  # so that no thread waits long for the last
_limit: int | None = None  # of this process: several tasks of one machine share its processors


def limit_threads(count: int | None) -> None:
    """Use *count* threads from here on; None: as many as there are processors."""
    global _limit
    _limit = count


def threads() -> int:
    """As many as this process may use: its limit, else the processors that it may run on."""
    if _limit:
        return _limit
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cut(end: int, *, begin: int = 0, least: int = 256, most: int = 1 << 15) -> list[tuple[int, int]]:
    """[begin, end) in blocks of *least* to *most*, some for each thread."""
    size = min(max(least, -(-(end - begin) // (BLOCKS_PER_THREAD * threads()))), most)
    return [(low, min(low + size, end)) for low in range(begin, end, size)]


def run(work: Callable[[Block], Result], blocks: Sequence[Block]) -> list[Result]:
    """*work* on each block."""
    if len(blocks) < 2 or threads() < 2:
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(threads(), thread_name_prefix="dedupe") as pool:
        return list(pool.map(work, blocks))
