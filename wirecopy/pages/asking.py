"""What a page is asked with, and its bounded look into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import BoundedSemaphore
from typing import Annotated, Final

from fastapi import Path, Query, Request
from fastapi.exceptions import HTTPException

from wirecopy.errors import StoreError
from wirecopy.settings import Settings
from wirecopy.store.files.layout import layout_of
from wirecopy.store.query.reader import Reader

AT_ONCE: Final = 2  # pages that ask the store at the same time: each may take memory, and has two threads
WAIT_SECONDS: Final = 10.0  # for one's turn
NOT_FOUND, BUSY = 404, 503
LONGEST_NAME: Final = 300  # characters of a publisher, an agency, words to search

FIRST, LAST = date(1900, 1, 1), date(2200, 1, 1)  # weeks around every date between them are dates too

Day = Annotated[date | None, Query(ge=FIRST, le=LAST)]
PathDay = Annotated[date, Path(ge=FIRST, le=LAST)]
Ident = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Days = Annotated[int, Query(ge=1, le=92)]
Name = Annotated[str, Query(max_length=LONGEST_NAME)]
Page = Annotated[int, Query(ge=1, le=1000)]


class NoStoreYet(StoreError):
    """No run has written anything yet."""


class Busy(StoreError):
    """Other pages are asking the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all pages of one app share."""

    load: Callable[[], Settings]  # called for each page: a changed settings file counts at once
    inside_airflow: bool
    gate: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))


def desk_of(request: Request) -> Desk:
    """The desk of the app that got *request*."""
    desk: Desk = request.app.state.desk
    return desk


@contextmanager
def reading(request: Request) -> Iterator[Reader]:
    """A reader of the store for one page. Raises NoStoreYet, Busy."""
    desk = desk_of(request)
    layout = layout_of(desk.load())
    if not layout.files.exists(layout.store):
        raise NoStoreYet(f"{layout.store} does not exist.")
    if not desk.gate.acquire(timeout=WAIT_SECONDS):
        raise Busy("Other pages are asking the store. Try again in a moment.")
    try:
        with Reader(layout) as reader:
            yield reader
    finally:
        desk.gate.release()


def today(request: Request) -> date:
    """The present UTC date."""
    return desk_of(request).load().clock().date()


def day_or_last(reader: Reader, day: date | None) -> date | None:
    """*day*, else the latest date with articles; None without any."""
    return day or reader.last()


def window(last: date, days: int) -> tuple[date, date]:
    """The first and the last of *days* days that end with *last*."""
    return last - timedelta(days=days - 1), last


def missing(sentence: str) -> HTTPException:
    """What to raise where an address names nothing."""
    return HTTPException(NOT_FOUND, sentence)
