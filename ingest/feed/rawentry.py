"""An entry as its document writes it: strings, before anything is believed. parse.py makes an Entry of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a reader of one kind of document found of one entry."""

    guid: str | None = None
    links: tuple[str, ...] = ()  # the best first; relative ones and such as are no links among them
    title: str | None = None  # may hold markup, as all texts here
    summary: str | None = None
    authors: tuple[str | None, ...] = ()
    tags: tuple[str | None, ...] = ()
    dates: tuple[str | None, ...] = ()  # of publication, the best first
    updated: str | None = None
    language: str | None = None
    source: tuple[str | None, str | None] = (None, None)  # name and address of RSS <source url>
