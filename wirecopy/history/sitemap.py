"""Archive sitemaps as a source of history: most sites list all their pages there, by months, days or numbers."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import ClassVar, Final

from ingest.errors import FetchError, HttpStatus, IngestError, ParseError
from ingest.feed.glance import glance
from ingest.history.siblings import Part, hidden_parts, next_part, parts_of
from ingest.history.sitemaps import is_feed, is_index, is_sitemap, oldest_of, read_index
from ingest.history.sites import links_of_sitemap, sites_of_feed
from ingest.records import Feed, Page, Span, Via
from ingest.serial import from_json, to_json
from ingest.text.sections import Section, section_given, section_of
from ingest.work import Found
from wirecopy.history.askinggetter import AskingGetter
from wirecopy.history.paging.ways import is_wordpress
from wirecopy.history.searched import Ask, Searched, refuses
from wirecopy.history.wordpress.source import lists_a_part
from wirecopy.store.feeds.places import Place

# Where sites keep them that do not name them in robots.txt, by how often 2,195 robots.txt files name each.
USUAL: Final = ("/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/wp-sitemap.xml", "/sitemap.xml.gz")
LOOKS: Final = 6  # documents of one site that a look reads, to say how far back they reach
TRIES: Final = 20  # while none of them is a sitemap: some robots.txt files begin with those of years ago
MAX_ROOTS: Final = 2_000  # that are remembered; the longest of 4,231 robots.txt files names 1,293
DEPTH: Final = 3  # indexes of indexes of indexes
# Parts that list no articles, by the words of their names.
_ASIDE: Final = re.compile(
    r"(?<![a-z])(?:tags?|categor(?:y|ies)|authors?|topics?|keywords?|videos?|images?|photos?|galler(?:y|ies)|users?"
    r"|taxonom(?:y|ies)|people|page-sitemap)(?![a-z])"
)

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Sitemaps(Searched):
    """The sitemaps that robots.txt names, else those at the usual addresses, and all that they lead to."""

    name: ClassVar[str] = "sitemap"
    via: ClassVar[Via] = "sitemap"

    async def look(self, feed: Feed, fetch: AskingGetter) -> Place:
        """One to LOOKS documents of the site that the feed leads to, after the feed itself."""
        problems: list[IngestError] = []
        shown = await fetch.document(feed.url, "feed")
        if await self._is_a_part(feed, shown, fetch):
            return self.nothing(feed, "it is of a part of its site, which the API of WordPress lists (wordpress)")
        for site in sites_of_feed(shown):
            listed = await _listed(site, fetch, problems)
            usual = [f"{site}{path}" for path in USUAL]
            roots, reaches = await _opened(listed or usual, fetch, problems)
            if listed and not roots and all(map(_is_absent, problems)):  # robots.txt is older than the site
                listed = []
                roots, reaches = await _opened(usual, fetch, problems)
            if roots:
                absent = {one.url for one in problems if isinstance(one, HttpStatus) and _is_absent(one)}
                kept = [url for url in listed or roots if url not in absent][:MAX_ROOTS]
                detail = to_json(_Detail(roots=tuple(kept), section=_shown_section(shown, feed, self._past.now)))
                return self.place(feed, kept[0], detail=detail, reaches=reaches)
        for problem in problems:
            if refuses(problem) or (problem.retryable and not _is_absent(problem)):
                raise problem
        return self.nothing(feed, "robots.txt names no sitemap, and there is none at the usual addresses")

    async def _is_a_part(self, feed: Feed, shown: Page, fetch: AskingGetter) -> bool:
        """The feed of a category would get all of the site, unless feeds.toml gives its section."""
        if feed.section is not None or (feed.history is not None and "wordpress" not in feed.history):
            return False
        return is_wordpress(glance(shown, now=self._past.now)) and await lists_a_part(feed, fetch)

    def section(self, feed: Feed, place: Place) -> Section:
        """As feeds.toml says, else as the feed showed when it was looked at."""
        if feed.section is not None:
            return section_given(feed.section)
        return _detail_of(place).section

    async def read(self, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        """Indexes, and the sitemaps that may list pages of the interval."""
        walk = _Walk(Span(start=ask.start, end=ask.end), ask.now)
        walk.add([(url, None) for url in _detail_of(ask.place).roots], depth=0)
        last: Found | None = None  # held back: whether it is the last one shows when nothing lies behind it
        while walk.ahead:
            step = walk.ahead.popleft()
            try:
                page = await fetch.document(step.part.url, "sitemap")
                found = await asyncio.to_thread(walk.opened, page, step)
            except (FetchError, ParseError) as error:
                if not (step.guessed and _is_absent(error)):
                    walk.whole = False
                    yield error
                continue
            except IngestError:  # the budget is spent
                if last:
                    yield last
                raise
            if last:
                yield last
            last = found
        if last:
            yield replace(last, complete=walk.whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detail:
    """What a search needs to know of a place."""

    roots: tuple[str, ...]  # addresses of sitemaps
    section: Section = ()


def _detail_of(place: Place) -> _Detail:
    if place.detail.startswith("["):  # as it was written before feeds had sections: the next look learns it
        return _Detail(roots=tuple(json.loads(place.detail)))
    return from_json(_Detail, place.detail)


def _shown_section(page: Page, feed: Feed, now: datetime) -> Section:
    look = glance(page, now=now)
    links = [one.link for one in look.entries if one.link] or links_of_sitemap(page)
    return section_of(feed.url, look.home, links)


@dataclass(frozen=True, slots=True)
class _Step:
    part: Part
    depth: int
    guessed: bool  # no list names it


@dataclass(slots=True)
class _Walk:
    """The documents that lie ahead, the most probable first."""

    interval: Span
    now: datetime
    ahead: deque[_Step] = field(default_factory=deque)
    seen: set[str] = field(default_factory=set)
    whole: bool = True  # every document so far could be read

    def add(self, listed: Iterable[tuple[str, datetime | None]], *, depth: int, within: Span | None = None) -> None:
        """The parts of one list that may list pages of the interval, and those that it hides. Parts whose own address
        names no days are *within* those of the list.
        """
        parts = [replace(part, span=part.span or within) for part in _of_articles(parts_of(listed))]
        chosen = sorted((part for part in parts if part.may_list(self.interval)), key=_order)
        self._append(chosen, depth, guessed=False)
        self._append(hidden_parts(parts, self.interval), depth, guessed=True)

    def opened(self, page: Page, step: _Step) -> Found:
        """The document of a step; what it leads to lies ahead then."""
        if is_index(page):
            if step.depth < DEPTH:
                self.add(read_index(page, now=self.now), depth=step.depth + 1, within=step.part.span)
            return Found(page=page, reader=None)
        if step.guessed and is_sitemap(page) and (following := next_part(step.part)):
            self._append([following], step.depth, guessed=True)
        reader = "feed" if is_feed(page) else "sitemap" if is_sitemap(page) or not step.guessed else None
        return Found(page=page, reader=reader, span=step.part.span)

    def _append(self, parts: Iterable[Part], depth: int, *, guessed: bool) -> None:
        for part in parts:
            if part.url not in self.seen:
                self.seen.add(part.url)
                self.ahead.append(_Step(part, depth, guessed))


def _order(part: Part) -> tuple[bool, datetime]:
    """Dated ones, then those that were changed soonest after the interval: most pages are never changed again."""
    return part.span is None, part.changed or _NEVER


def _of_articles(parts: list[Part]) -> list[Part]:
    return [part for part in parts if not _ASIDE.search(part.url.lower())] or parts


async def _listed(site: str, fetch: AskingGetter, problems: list[IngestError]) -> list[str]:
    try:
        return list(await fetch.sitemaps(f"{site}/"))
    except IngestError as error:
        problems.append(error)
        return []


async def _opened(
    urls: list[str], fetch: AskingGetter, problems: list[IngestError]
) -> tuple[list[str], date | None]:  # fmt: skip
    """Those of the first *urls* that are sitemaps, and the first day that they name."""
    roots: list[str] = []
    days = list(_first_days(parts_of([(url, None) for url in urls])))
    for number, url in enumerate(urls[:TRIES], 1):
        if roots and number > LOOKS:
            break
        try:
            page = await fetch.document(url, "sitemap")
            days += await asyncio.to_thread(_days_of, page, fetch.past.now)
            roots.append(url)
        except (FetchError, ParseError) as error:
            problems.append(error)
    return roots, min(days, default=None)


def _days_of(page: Page, now: datetime) -> list[date]:
    if is_index(page):
        return list(_first_days(parts_of(read_index(page, now=now))))
    oldest = oldest_of(page, now=now)
    return [oldest.date()] if oldest else []


def _first_days(parts: Iterable[Part]) -> Iterator[date]:
    return (part.span.start.date() for part in parts if part.span and part.span.start)


def _is_absent(error: IngestError) -> bool:
    return isinstance(error, HttpStatus) and error.status in (404, 410)
