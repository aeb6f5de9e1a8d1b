"""The news world as data: publishers.toml and events/*.toml, read into records and checked.

A new article is a new `[[article]]` in an events file, a new event is a new file; README.md has the keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from demo.newsroom.texts import TextError, compose, printed

Relation = Literal["original", "verbatim", "cut", "lengthened", "reworded", "independent", "template"]
Format = Literal["rss2", "atom", "rss1"]
PageDate = Literal["jsonld", "meta", "time", "none"]
Quirk = Literal["no-guid", "no-date", "tracking", "missing", "slow"]
Raw = dict[str, Any]  # a TOML table

COPIES: Final = frozenset({"verbatim", "cut", "lengthened", "reworded"})
DATA: Final = Path(__file__).parent
DAYS: Final = timedelta(days=3)  # the length of the world: its start is the anchor less this


class WorldError(Exception):
    """The data files contradict themselves; the message names the file and the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed that a publisher offers."""

    id: str
    publisher: str  # id of its publisher
    path: str
    title: str
    format: Format
    language: str
    tags: tuple[str, ...]
    every: str  # as feeds.toml spells it: "15m"
    encoding: str = "utf-8"
    guid: Literal["link", "id"] = "id"  # RSS 2.0: what its guids are
    generator: str = ""  # the software that it names
    broken: bool = False  # malformed in the middle, wrong encoding declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One publisher: its address, and how its pages look."""

    id: str
    name: str
    address: str  # a loopback address of its own
    language: str
    zone: timezone  # of the dates it prints
    layout: str  # name of a file in templates/
    dates: PageDate  # where its pages show their date
    path: str  # pattern of its article paths: {section}, {slug}, {id}, {date}
    canonical: bool  # whether its pages carry rel=canonical
    nav: tuple[str, ...]
    boilerplate: tuple[str, ...]  # lines that recur on every page
    robots: str
    feeds: tuple[Feed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The article's text from *since* on."""

    since: timedelta  # after the world's start
    headline: str
    paragraphs: tuple[str, ...]  # bare: a copy takes them from here
    summary: str
    dateline: str | None = None  # "PORT ALDEN (Meridian Wire)"
    credit: str | None = None  # the agency named after the last word

    @property
    def printed(self) -> tuple[str, ...]:
        """The paragraphs with dateline and credit, as the page shows them."""
        return printed(self.paragraphs, dateline=self.dateline, credit=self.credit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of one publisher, with the truth about it."""

    slug: str  # unique in the world
    event: str
    publisher: str  # id of its publisher
    language: str
    section: str
    author: str | None
    relation: Relation
    source: str | None  # slug of the article it was made from, or reports the same event as
    feeds: tuple[str, ...]  # ids of the feeds that show it
    quirks: frozenset[Quirk]
    versions: tuple[Version, ...]

    @property
    def published(self) -> timedelta:
        """Time of publication after the world's start."""
        return self.versions[0].since

    def version_at(self, offset: timedelta) -> Version | None:
        """The version shown at *offset* after the start; None before publication."""
        return next((version for version in reversed(self.versions) if version.since <= offset), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All publishers and articles; dates are offsets from the start."""

    publishers: Mapping[str, Publisher]
    articles: Mapping[str, Article]

    @property
    def feeds(self) -> dict[str, Feed]:
        """Every feed by its id."""
        return {feed.id: feed for publisher in self.publishers.values() for feed in publisher.feeds}

    def articles_of(self, feed: Feed) -> list[Article]:
        """The articles that *feed* will ever show, newest first."""
        mine = (article for article in self.articles.values() if feed.id in article.feeds)
        return sorted(mine, key=lambda article: (article.published, article.slug), reverse=True)


def load_world(folder: Path = DATA) -> World:
    """Read and check publishers.toml and events/*.toml of *folder*."""
    publishers = {raw["id"]: _publisher(raw) for raw in _read(folder / "publishers.toml")["publisher"]}
    articles: dict[str, Article] = {}
    for path in sorted((folder / "events").glob("*.toml")):
        sheet = _read(path)
        for raw in sheet["article"]:
            where = f"{path.name}: {raw.get('slug')}"
            try:
                article = _article(raw, sheet, path.stem, publishers, articles)
            except (KeyError, ValueError, TextError) as error:
                raise WorldError(f"{where}: {type(error).__name__}: {error}") from error
            if article.slug in articles:
                raise WorldError(f"{where}: this slug exists already")
            articles[article.slug] = article
    return World(publishers=publishers, articles=articles)


def _read(path: Path) -> Raw:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WorldError(f"{path.name}: {error}") from error


def _publisher(raw: Raw) -> Publisher:
    feeds = tuple(
        Feed(**{"publisher": raw["id"], "title": raw["name"], "language": raw["language"], "every": "15m", **feed}
             | {"tags": tuple(feed.get("tags", ()))})
        for feed in raw["feed"]
    )  # fmt: skip
    simple = {name: raw[name] for name in ("id", "name", "address", "language", "layout", "dates", "path", "robots")}
    return Publisher(
        **simple,
        zone=timezone(timedelta(hours=raw.get("utc_offset", 0))),
        canonical=raw.get("canonical", True),
        nav=tuple(raw["nav"]),
        boilerplate=tuple(raw["boilerplate"]),
        feeds=feeds,
    )


def _article(
    raw: Raw, sheet: Raw, event: str, publishers: Mapping[str, Publisher], earlier: Mapping[str, Article]
) -> Article:
    publisher = publishers[raw["publisher"]]
    relation, source = raw.get("relation", "original"), raw.get("source")
    feeds = tuple(raw.get("feeds", (publisher.feeds[0].id,)))
    quirks = frozenset(raw.get("quirks", ()))
    _check(relation in get_args(Relation), f"relation {relation!r} is none of {get_args(Relation)}")
    _check(quirks <= set(get_args(Quirk)), f"unknown quirks {sorted(quirks)}")
    _check(set(feeds) <= {feed.id for feed in publisher.feeds}, f"{publisher.id} has no feeds {feeds}")
    _check((source is not None) == (relation in COPIES | {"independent"}), f"relation {relation} and source {source!r}")
    parts = earlier[source].versions[0].paragraphs if source else ()
    first = {"since": raw["published"], "headline": raw["headline"], "body": raw.get("body", "@source")}
    return Article(
        slug=raw["slug"],
        event=raw["slug"] if sheet.get("own_events") else event,
        publisher=publisher.id,
        language=str(raw.get("language", sheet.get("language", publisher.language))),
        section=raw.get("section", "news"),
        author=raw.get("author"),
        relation=cast(Relation, relation),
        source=source,
        feeds=feeds,
        quirks=cast("frozenset[Quirk]", quirks),
        versions=tuple(_version(raw | part, sheet, parts) for part in (first, *raw.get("version", ()))),
    )


def _version(raw: Raw, sheet: Raw, source: tuple[str, ...]) -> Version:
    filled = "values" in raw  # a template's blanks
    texts = compose(sheet["template"], values=raw["values"]) if filled else compose(raw["body"], source=source)
    return Version(
        since=_offset(raw["since"]),
        headline=raw["headline"],
        paragraphs=texts,
        summary=raw.get("summary", texts[0]),
        dateline=raw.get("dateline"),
        credit=raw.get("credit"),
    )


def _offset(text: str) -> timedelta:
    """Read "2 15:30", the second day at half past three UTC, as time after the start."""
    match = re.fullmatch(r"([1-9]) (\d\d):(\d\d)", text)
    if match is None:
        raise ValueError(f"a time looks like '2 15:30', not {text!r}")
    day, hours, minutes = map(int, match.groups())
    return timedelta(days=day - 1, hours=hours, minutes=minutes)


def _check(holds: bool, complaint: str) -> None:
    if not holds:
        raise ValueError(complaint)
