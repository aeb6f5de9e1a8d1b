"""The shipped list of news feeds of the world: facts about 100-odd feeds, to choose from and to start with.

The addresses are those that publishers document, or that public lists name; they were written down in November 2026
and not polled then. Feeds move and end: `wirecopy feeds world --add` looks at each before it adds it.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, Final

from ingest.errors import FeedListError

FILE: Final = "data/world.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldFeed:
    """One feed of the shipped list."""

    id: str
    publisher: str
    continent: str  # africa, asia, europe, north-america, oceania, south-america: of the publisher
    country: str  # ISO 3166-1 alpha-2, in capitals, of the publisher
    language: str  # ISO 639-1
    url: str
    homepage: str

    def table(self) -> dict[str, Any]:
        """As keys of feeds.toml."""
        return {"id": self.id, "url": self.url, "publisher": self.publisher, "language": self.language}


def world_feeds() -> tuple[WorldFeed, ...]:
    """The list, by continent and country."""
    text = files("ingest").joinpath(FILE).read_text(encoding="utf-8")
    return tuple(WorldFeed(**row) for row in csv.DictReader(text.splitlines()))


def chosen(
    *, ids: Sequence[str] = (), language: str | None = None, continent: str | None = None, country: str | None = None
) -> tuple[WorldFeed, ...]:
    """The feeds of the list that fit every given filter; FeedListError names near values if one fits no feed."""
    found = whole = world_feeds()
    asked = {"language": [language], "continent": [continent], "country": [country and country.upper()], "id": ids}
    for name in (one.name for one in fields(WorldFeed) if one.name in asked):
        wanted = {one.strip() for one in asked[name] if one}
        _refuse_unknown(name, wanted, {getattr(feed, name) for feed in whole})
        found = tuple(feed for feed in found if not wanted or getattr(feed, name) in wanted)
    return found


def _refuse_unknown(name: str, wanted: Collection[str], known: Collection[str]) -> None:
    for one in sorted(set(wanted) - set(known)):
        close = get_close_matches(one, sorted(known), n=1)
        near = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(sorted(known)[:40])}."
        raise FeedListError(f"the shipped list has no feed of {name} {one!r}. {near}")
