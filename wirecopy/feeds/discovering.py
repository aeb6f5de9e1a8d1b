"""The feeds of a site: `wirecopy feeds discover`. Asks as politely as a run does, and takes nothing.

In this order, and no further than needed: the page that was named; what it links to as feeds, and the news sitemaps of
robots.txt; pages among these that list a site's feeds (/rss); and, if all that gave no feed, the usual places.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ingest.errors import FetchError, IngestError, ParseError, SitemapIndex
from ingest.feed.feedhead import FeedHead, feed_head
from ingest.feed.feedlinks import Candidate, names_news, page_candidates, usual_candidates
from ingest.feedlist.feedkeys import KEYS
from ingest.fetch.fetch import Fetcher
from ingest.records import Capture, Feed, Page
from ingest.work import Parser
from wirecopy.errors import UsageError
from wirecopy.feeds.checking import NEXT_STEPS, Look, look_at, looking
from wirecopy.settings import Settings

MOST_ASKED: Final = 60  # addresses of one discovery: half a minute of one host's time
MOST_SITEMAPS, MOST_INDEXES, MOST_LISTS = 3, 2, 2
ACCEPT: Final = "text/html, application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
NO_SITE: Final = frozenset(("connect", "timeout", "refused_address"))  # nothing else will answer there either
Report = Callable[[int, int], None]  # addresses done, addresses known of


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed of the site."""

    url: str  # where it has moved for good, if the server says so
    kind: str  # RSS, Atom, JSON Feed, news sitemap …
    how: str  # link, anchor, robots, usual place: what named it
    title: str | None
    entries: int
    newest: datetime | None
    language: str | None  # primary tag
    problems: tuple[str, ...]  # sentences, with what to do
    also: tuple[str, ...] = ()  # other addresses that show the same entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a site has: feeds, the usable ones first, and what else was asked and why it was none."""

    site: str
    feeds: tuple[FoundFeed, ...]
    asked: int
    refused: tuple[tuple[str, str], ...]  # address and reason of each that could not be read


def discover(settings: Settings, address: str, report: Report | None = None) -> Discovery:
    """The feeds of the page or site at *address* (https:// may be left out). UsageError if it cannot be reached."""
    return asyncio.run(_discover(settings, address, report or (lambda done, total: None)))


async def _discover(settings: Settings, address: str, report: Report) -> Discovery:
    async with looking(settings) as (fetcher, parse):
        search = _Search(settings, fetcher, parse, report)
        await search.run(address)
    return search.result()


class _Search:
    """One discovery: what was asked so far, and what it gave."""

    def __init__(self, settings: Settings, fetcher: Fetcher, parse: Parser, report: Report) -> None:
        self.settings, self.fetcher, self.parse, self.report = settings, fetcher, parse, report
        self.site = ""
        self.asked: dict[str, Candidate] = {}
        self.heads: dict[str, FeedHead | None] = {}
        self.pages: dict[str, list[Candidate]] = {}  # by address: what a page that is no feed links to
        self.looks: dict[str, Look] = {}
        self.refused: list[tuple[str, str]] = []

    async def run(self, address: str) -> None:
        """Ask, round by round."""
        page = await self._page(address)
        if page and feed_head(page):
            await self._ask([Candidate(url=page.url, how="address")])
            return
        named = page_candidates(page.body, page.final_url) if page else []
        await self._ask([*named, *(Candidate(url=one, how="robots") for one in await self._news_sitemaps())])
        await self._ask(self._listed())
        if not any(self.heads.get(url) for url, one in self.asked.items() if one.how != "robots"):
            await self._ask(usual_candidates(self.site))
            await self._ask(self._listed())

    def result(self) -> Discovery:
        """The feeds in the order found, those with problems behind; each set of entries once."""
        feeds: dict[object, FoundFeed] = {}
        for url, look in self.looks.items():
            head = self.heads.get(url)
            if look.check.code != "ok" or head is None:
                self.refused.append((url, look.check.problems[0] if look.check.problems else "no feed"))
                continue
            found = _found(self.asked[url], head, look)
            same: object = frozenset(entry.entry_key for entry in look.entries) or url
            feeds[same] = replace(feeds[same], also=(*feeds[same].also, found.url)) if same in feeds else found
        ordered = sorted(feeds.values(), key=lambda feed: bool(feed.problems))
        return Discovery(site=self.site, feeds=tuple(ordered), asked=len(self.asked), refused=tuple(self.refused))

    async def _page(self, address: str) -> Page | None:
        """The page at *address*; None if there is a site, but it does not show this page."""
        error: FetchError | None = None
        for url in _spelt(address):
            self.site = url
            try:
                page = await self.fetcher.get(url, accept=ACCEPT, kind="feed")
            except FetchError as problem:
                error = problem
                if problem.code not in NO_SITE:
                    self.refused.append((url, _reason(problem)))
                    return None
            else:
                assert isinstance(page, Page)  # nothing conditional was sent
                self.site = page.final_url
                return page
        assert error is not None
        raise UsageError(_unreachable(address, error)) from error

    async def _news_sitemaps(self) -> list[str]:
        """Those of robots.txt whose name says news; if none does, those named so in its first indexes."""
        try:
            listed = await self.fetcher.sitemaps(self.site)
        except FetchError:
            return []  # told already: without its robots.txt no page of the site was read
        news = [one for one in listed if names_news(one)]
        for url in () if news else listed[:MOST_INDEXES]:
            news += [child for child in await self._children(url) if names_news(child)]
        return news[:MOST_SITEMAPS]

    async def _children(self, url: str) -> Sequence[str]:
        try:
            page = await self.fetcher.get(url, kind="feed")
            if isinstance(page, Page):
                await self.parse(page, Feed(id="sitemap", url=url), now=self.settings.clock())
        except SitemapIndex as index:
            return index.sitemaps
        except IngestError as error:
            self.refused.append((url, _reason(error)))
        return ()

    async def _ask(self, candidates: Iterable[Candidate]) -> None:
        """Look at what was not asked yet."""
        new = [one for one in candidates if one.url not in self.asked][: MOST_ASKED - len(self.asked)]
        before = len(self.asked)
        self.asked |= {one.url: one for one in new}
        done = iter(range(before + 1, len(self.asked) + 1))
        feeds = [Feed(id=one.url, url=one.url) for one in new]
        looks = await look_at(
            self.settings,
            self.fetcher,
            self.parse,
            feeds,
            lambda count: self.report(next(done), len(self.asked)),
            self._seen,
        )
        self.looks |= {look.check.url: look for look in looks}

    def _seen(self, capture: Capture) -> None:
        """Of each document only what is needed of it."""
        try:
            self.heads[capture.feed_id] = head = feed_head(capture.page)
        except ParseError:
            return
        if head is None:
            self.pages[capture.feed_id] = page_candidates(capture.page.body, capture.page.final_url)

    def _listed(self) -> list[Candidate]:
        """What the pages that list a site's feeds link to."""
        lists = [url for url in self.asked if self.pages.get(url)]
        return [one for url in lists[:MOST_LISTS] for one in self.pages.pop(url)]


def _found(candidate: Candidate, head: FeedHead, look: Look) -> FoundFeed:
    check = look.check
    languages = Counter(entry.language for entry in look.entries if entry.language)
    return FoundFeed(
        url=check.moved_to or check.url, kind=head.kind, how=candidate.how, title=head.title, entries=check.entries,
        newest=check.newest, language=languages.most_common(1)[0][0] if languages else head.language,
        problems=check.problems,
    )  # fmt: skip


def _spelt(address: str) -> list[str]:
    """The addresses to try for what a person wrote; UsageError if it is none."""
    bare = address.strip()
    spelt = [bare] if "://" in bare else [f"https://{bare}", f"http://{bare}"]
    host = spelt[0].partition("://")[2].partition("/")[0]
    if (problem := KEYS["url"](spelt[0])) or not ("." in host or ":" in host or host == "localhost"):
        why = problem or f"is no address of a site, but {bare!r}."
        raise UsageError(f"The address {why} Write it as your browser shows it, such as bbc.com/news.")
    return spelt


def _unreachable(address: str, error: FetchError) -> str:
    return f"{address} cannot be reached: {_reason(error)}. Next: {NEXT_STEPS.get(error.code, 'look at the address')}."


def _reason(error: Exception) -> str:
    return f"{getattr(error, 'code', 'error')}: {getattr(error, 'reason', error)}"
