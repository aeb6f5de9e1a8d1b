"""A site's archive pages by day or month, at addresses that the user wrote down: archive = "https://…/{yyyy}/{mm}/{dd}/".

The days of a site are local, so the neighbours of a UTC day are asked too; the page of an article decides its date.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Final

from ingest.errors import BudgetSpent, HttpStatus, IngestError, ParseError
from ingest.history.archivepage import more_of_it
from ingest.records import Feed, Page, Span, Via
from ingest.text.secrets import hide_secrets
from ingest.text.sections import Section, section_given
from ingest.work import Found, Getter
from wirecopy.history.asking import ask
from wirecopy.history.askinggetter import AskingGetter
from wirecopy.history.searched import Ask, Searched
from wirecopy.store.feeds.places import Place

READER: Final = "archive page"
DAY: Final = timedelta(days=1)
MOST_PAGES: Final = 20  # of one day: 1,000 articles at 50 a page
_NONE_THAT_DAY: Final = frozenset((404, 410))


class ArchivePages(Searched):
    """The archive pages of a site, whose addresses feeds.toml gives."""

    name: ClassVar[str] = "template"
    via: ClassVar[Via] = "template"

    def is_wanted(self, feed: Feed) -> bool:
        """Nobody guesses such addresses."""
        return feed.archive is not None and super().is_wanted(feed)

    def section(self, feed: Feed, place: Place) -> Section:
        """As feeds.toml says: who writes an archive down may mean one of the section."""
        return section_given(feed.section or ())

    async def look(self, feed: Feed, fetch: AskingGetter) -> Place:
        """Where feeds.toml says: no request."""
        return self.place(feed, hide_secrets(feed.archive or "", feed.secret))

    async def read(self, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        """The pages of the interval. The address may have changed in feeds.toml since it was remembered."""
        async for found in read_archive(ask.feed.archive or ask.url, ask.start, ask.end, fetch):
            yield found


async def read_archive(
    template: str, start: datetime, end: datetime, fetch: Getter
) -> AsyncGenerator[Found | IngestError, None]:
    """The archive pages that may list what was published in [*start*, *end*), UTC; the last one marked complete."""
    waiting: Found | None = None  # until it is clear whether it was the last
    missing: IngestError | None = None
    for url, span in pages_of(template, start, end):
        try:
            async for found in _with_further(url, span, fetch):
                if waiting:
                    yield waiting
                waiting = found
        except IngestError as error:
            if not (isinstance(error, HttpStatus) and error.status in _NONE_THAT_DAY):
                if waiting:
                    yield waiting
                raise
            missing = error  # nothing on that day, or a wrong template
    if waiting:
        yield replace(waiting, complete=True)
    elif missing:
        yield missing


def pages_of(template: str, start: datetime, end: datetime) -> Iterator[tuple[str, Span]]:
    """(address, the time that it covers) of each page: by its placeholders one a day, a month or a year."""
    first, last = (start - DAY).date(), (end - timedelta(microseconds=1) + DAY).date()
    spans: dict[str, tuple[date, date]] = {}
    for number in range((last - first).days + 1):
        day = first + DAY * number
        url = filled(template, day)
        spans[url] = spans.get(url, (day, day))[0], day
    for url, (one, other) in spans.items():
        whole = "d}" in template  # else the page covers its whole month or year, not only the days that are asked for
        yield url, Span(start=_midnight(one), end=_midnight(other) + DAY) if whole else Span()


def filled(template: str, day: date) -> str:
    """The address of *day*'s page."""
    for name, value in (
        ("{yyyy}", f"{day.year}"), ("{mm}", f"{day.month:02}"), ("{m}", f"{day.month}"),
        ("{dd}", f"{day.day:02}"), ("{d}", f"{day.day}"),
    ):  # fmt: skip
        template = template.replace(name, value)
    return template


async def _with_further(url: str, span: Span, fetch: Getter) -> AsyncGenerator[Found, None]:
    """An archive page and those that it names as its further pages. Raises FetchError, BudgetSpent."""
    waiting, seen, bodies = [url], {url}, set[str]()
    while waiting:
        if len(bodies) == MOST_PAGES:
            raise BudgetSpent(url, f"it has more than {MOST_PAGES} pages: {len(waiting)} of them were not read")
        page = await ask(fetch, waiting.pop(0), kind="feed")
        if page.body_hash in bodies:
            continue
        bodies.add(page.body_hash)
        for further in _further(page):
            if further not in seen:
                seen.add(further)
                waiting.append(further)
        yield Found(page=page, reader=READER, span=span)


def _further(page: Page) -> list[str]:
    try:
        return more_of_it(page)
    except ParseError:
        return []


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
