"""The feeds of a site: `wirecopy feeds discover`. Requests are as polite as a run's, and no entry is taken.

Addresses are tried in this order, and no further than needed: the page that was named; the feeds that it links to, and
the news sitemaps of robots.txt; pages among these that list a site's feeds (/rss); and, if none of these was a feed,
the usual places.
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
from ingest.feed.formats.kinds import accept_header
from ingest.feedlist.feedkeys import KEYS
from ingest.fetch.fetch import Fetcher
from ingest.records import Capture, Feed, Page
from ingest.work import Parser
from wirecopy.errors import UsageError
from wirecopy.feeds.checking import Probe, look_at, looking
from wirecopy.feeds.nextsteps import next_step
from wirecopy.settings import Settings

MOST_ASKED: Final = 60  # addresses of one discovery: half a minute of one host's time
MOST_SITEMAPS, MOST_INDEXES, MOST_LISTS = 3, 2, 2
ACCEPT: Final = f"text/html, {accept_header()}"
NO_SITE: Final = frozenset(("connect", "timeout", "refused_address"))  # nothing else will answer there either
Report = Callable[[int, int], None]  # addresses done, addresses found


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed of the site."""

    url: str  # after permanent redirects
    kind: str  # RSS, Atom, JSON Feed, news sitemap …
    how: str  # link, anchor, robots, usual place: where it was found
    title: str | None
    entries: int
    newest: datetime | None
    language: str | None  # primary tag
    problems: tuple[str, ...]  # sentences, with the next step
    also: tuple[str, ...] = ()  # other addresses that show the same entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The result for a site: its feeds, usable ones first, and the addresses that are no feed, with the reason."""

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
    """One discovery: the addresses requested so far, and their results."""

    def __init__(self, settings: Settings, fetcher: Fetcher, parse: Parser, report: Report) -> None:
        self.settings, self.fetcher, self.parse, self.report = settings, fetcher, parse, report
        self.site = ""
        self.asked: dict[str, Candidate] = {}
        self.heads: dict[str, FeedHead | None] = {}
        self.pages: dict[
            str, list[Candidate]
        ] = {}  # by address of a page that is no feed: the candidates that it links to
        self.probes: dict[str, Probe] = {}
        self.refused: list[tuple[str, str]] = []

    async def run(self, address: str) -> None:
        """Request addresses, round by round."""
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
        for url, probe in self.probes.items():
            head = self.heads.get(url)
            if probe.check.code != "ok" or head is None:
                self.refused.append((url, probe.check.problems[0] if probe.check.problems else "no feed"))
                continue
            found = _found(self.asked[url], head, probe)
            same: object = frozenset(entry.entry_key for entry in probe.entries) or url
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
        """The sitemaps of robots.txt with news in their name; if there is none, such sitemaps of its first indexes."""
        try:
            listed = await self.fetcher.sitemaps(self.site)
        except FetchError:
            return []  # reported already: without its robots.txt no page of the site was read
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
        """Poll the candidates that were not polled yet."""
        new = [one for one in candidates if one.url not in self.asked][: MOST_ASKED - len(self.asked)]
        before = len(self.asked)
        self.asked |= {one.url: one for one in new}
        done = iter(range(before + 1, len(self.asked) + 1))
        feeds = [Feed(id=one.url, url=one.url) for one in new]
        probes = await look_at(
            self.settings,
            self.fetcher,
            self.parse,
            feeds,
            lambda count: self.report(next(done), len(self.asked)),
            self._seen,
        )
        self.probes |= {probe.check.url: probe for probe in probes}

    def _seen(self, capture: Capture) -> None:
        """Of each document only what is needed of it."""
        try:
            self.heads[capture.feed_id] = head = feed_head(capture.page)
        except ParseError:
            return
        if head is None:
            self.pages[capture.feed_id] = page_candidates(capture.page.body, capture.page.final_url)

    def _listed(self) -> list[Candidate]:
        """Candidates that the overview pages of a site link to."""
        lists = [url for url in self.asked if self.pages.get(url)]
        return [one for url in lists[:MOST_LISTS] for one in self.pages.pop(url)]


def _found(candidate: Candidate, head: FeedHead, probe: Probe) -> FoundFeed:
    check = probe.check
    languages = Counter(entry.language for entry in probe.entries if entry.language)
    return FoundFeed(
        url=check.moved_to or check.url,
        kind=head.kind,
        how=candidate.how,
        title=head.title,
        entries=check.entries,
        newest=check.newest,
        language=languages.most_common(1)[0][0] if languages else head.language,
        problems=check.problems,
    )


def _spelt(address: str) -> list[str]:
    """The addresses to try for a user's spelling; UsageError if it is no address."""
    bare = address.strip()
    spelt = [bare] if "://" in bare else [f"https://{bare}", f"http://{bare}"]
    host = spelt[0].partition("://")[2].partition("/")[0]
    if (problem := KEYS["url"](spelt[0])) or not ("." in host or ":" in host or host == "localhost"):
        why = problem or f"is no address of a site, but {bare!r}."
        raise UsageError(f"The address {why} Write it as your browser shows it, such as bbc.com/news.")
    return spelt


def _unreachable(address: str, error: FetchError) -> str:
    return f"{address} cannot be reached: {_reason(error)}. Next: {next_step(error.code)}."


def _reason(error: Exception) -> str:
    return f"{getattr(error, 'code', 'error')}: {getattr(error, 'reason', error)}"
