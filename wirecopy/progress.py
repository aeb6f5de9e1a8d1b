"""How far long work is, told to whoever shows it: the command's bars; nobody in Airflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""What is done, how much of it, of how much in all; 0 if that is unknown."""

T = TypeVar("T")


def told(items: Sequence[T], what: str, progress: Progress | None) -> Iterator[T]:
    """*items*, one after the other; it is told how many are done."""
    for done, item in enumerate(items):
        if progress is not None:
            progress(what, done, len(items))
        yield item
    if progress is not None:
        progress(what, len(items), len(items))
