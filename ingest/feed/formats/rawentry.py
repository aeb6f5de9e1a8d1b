"""An entry as its document writes it: unchecked strings. parse.py makes an Entry of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ingest.text.cleaning import fold

MAX_TITLE: Final = 500  # characters
MAX_GUID: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """The fields of one entry, from the reader of its kind of document."""

    guid: str | None = None
    links: tuple[str, ...] = ()  # the best first; some may be relative or invalid
    title: str | None = None  # may hold markup, as all texts here
    summary: str | None = None
    authors: tuple[str | None, ...] = ()
    tags: tuple[str | None, ...] = ()
    dates: tuple[str | None, ...] = ()  # of publication, the best first
    updated: str | None = None
    language: str | None = None
    source: tuple[str | None, str | None] = (None, None)  # name and address of RSS <source url>


def shortened(value: str | None, limit: int) -> str | None:
    """*value* with its white space folded, at most *limit* characters; None if nothing is left."""
    return fold(value)[:limit] or None if value else None
