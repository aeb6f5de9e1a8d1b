"""The room's pipeline: feeds in, Article | Skipped out, as a stream.

Captures of raw first (no network), then the retry queue, then feeds. A feed's result is yielded when it is done, and
a slow feed holds up no other. A failure is a value: only a bug leaves this module as an exception. What is fetched is
archived before anyone looks inside.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from ingest.concurrency import as_finished, together
from ingest.errors import HttpStatus, IngestError, SitemapIndex
from ingest.feed.guids import Identity, recognise
from ingest.outcomes import aggregator, date_range, failed, seen, skipped
from ingest.records import (
    IMPORTED,
    Article,
    Capture,
    Entry,
    Feed,
    FeedPull,
    NotModified,
    Page,
    Poll,
    Skipped,
    Taken,
    Via,
)
from ingest.text.aggregators import dead_end, is_portal
from ingest.text.urls import host_of
from ingest.work import Decision, Extractor, FeedTask, Getter, Hook, Parser, Work

__all__ = ["Decision", "Extractor", "FeedTask", "Getter", "Hook", "Parser", "Work", "pull"]

log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[Any, Any, FeedPull]]

MAX_SITEMAPS: Final = 8  # of an index, the last changed first
LEFT: Final = ("too_old", "outside", "deferred")  # a later run may want them when the feed no longer shows them
EMPTY: Final = ("no_text", "index_page", "not_html")  # on a portal: the article stands elsewhere
PART: Final = 64  # captures or retried entries in one FeedPull: what a crash can cost, and what a part file costs


async def pull(
    work: Work,
    *,
    fetch: Getter,
    parse: Parser,
    extract: Extractor,
    decide: Callable[[Entry], Decision],
    archive: Callable[[Capture], None],
    via: Via,
    now: Callable[[], datetime],
    on_begin: Hook | None = None,
    on_end: Hook | None = None,
    feeds_at_once: int = 16,
    pages_at_once: int = 4,
    captures_at_once: int = 8,
) -> AsyncGenerator[FeedPull, None]:
    """Each feed's result as it is finished; captures and retried entries come in parts whose `poll` is None.

    *on_begin* is called right before a page goes into extraction and *on_end* when something came out: pages begun and
    not ended were in work when the process died, or ran into a bug. At most feeds_at_once * pages_at_once bodies are
    in memory at once.
    """
    run = _Run(
        fetch=fetch,
        extract=extract,
        parse=parse,
        decide=decide,
        archive=archive,
        via=via,
        now=now,
        on_begin=on_begin or _no_hook,
        on_end=on_end or _no_hook,
        pages_at_once=pages_at_once,
    )
    async with aclosing(as_finished(map(run.capture_job, work.captures), captures_at_once)) as extracted:
        async for part in _in_parts(extracted):
            yield part
    run.tried.update(entry.entry_key for entry in work.entries)
    jobs = chain(map(run.retry_job, _by_host(work.entries)), map(run.feed_job, work.feeds))
    async with aclosing(as_finished(jobs, feeds_at_once)) as finished:
        async for result in finished:
            yield result


@dataclass(slots=True, kw_only=True)
class _Run:
    """One pull: its tools, and the entries it has tried."""

    fetch: Getter
    extract: Extractor
    parse: Parser
    decide: Callable[[Entry], Decision]
    archive: Callable[[Capture], None]
    via: Via
    now: Callable[[], datetime]
    on_begin: Hook
    on_end: Hook
    pages_at_once: int
    tried: set[str] = field(default_factory=set)  # entry_keys

    def capture_job(self, capture: Capture) -> Job:
        """Extract one page of raw."""
        if capture.kind != "page" or capture.entry is None:
            raise ValueError(f"the capture {capture.page.fetch_id} is no page with its entry")
        entry, page = capture.entry, capture.page
        via: Via = "warc" if capture.feed_id == IMPORTED else "raw"
        self.tried.add(entry.entry_key)

        async def job() -> FeedPull:
            tried_at = self.now()
            result = await self._extracted(page, entry, via)
            return FeedPull(poll=None, taken=(Taken(entry=entry, result=result, tried_at=tried_at),))

        return job

    def retry_job(self, entries: Sequence[Entry]) -> Job:
        """Fetch some entries of one host again."""

        async def job() -> FeedPull:
            return FeedPull(poll=None, taken=await self._take_all(entries))

        return job

    def feed_job(self, task: FeedTask) -> Job:
        """Look at one feed and take what is to be taken."""

        async def job() -> FeedPull:
            polled, entries = await self._poll(task)
            poll, chosen = self._choose(polled, entries)
            result = FeedPull(poll=poll, taken=await self._take_all(chosen))
            _log(result, poll)
            return result

        return job

    async def _poll(self, task: FeedTask) -> tuple[Poll, list[Entry]]:
        """The feed's document, conditionally, and its entries. A failed poll keeps the old validators."""
        started, feed = time.perf_counter(), task.feed
        poll = Poll(
            feed_id=feed.id, url=feed.url, final_url=None, polled_at=self.now(), code="ok", validators=task.validators
        )
        entries: list[Entry] = []
        try:
            document = task.captured or await self.fetch.get(
                feed.url, validators=task.validators, headers=feed.headers, kind="feed"
            )
            poll = seen(poll, document, task)
            if isinstance(document, Page) and poll.code == "ok":
                if not task.captured:
                    self.archive(Capture(kind="feed", feed_id=feed.id, page=document))
                entries, memory = recognise(await self._entries(document, task), Identity.from_json(task.identity))
                poll = replace(poll, identity=memory.to_json())
        except IngestError as error:
            poll = failed(poll, error, task.validators)
        return replace(poll, milliseconds=round(1000 * (time.perf_counter() - started))), entries

    async def _entries(self, document: Page, task: FeedTask) -> list[Entry]:
        """The entries of a feed's document; of a sitemap index those of its latest sitemaps, one level deep."""
        try:
            return await self.parse(document, task.feed, now=self.now())
        except SitemapIndex as index:
            if task.captured:  # a past run works on what lies in raw: sitemaps change, their entries are fetched live
                raise
            return await self._news_of(index, task.feed)

    async def _news_of(self, index: SitemapIndex, feed: Feed) -> list[Entry]:
        """Raises the index if none of its sitemaps could be read and lists news."""
        found: list[Entry] = []
        problem: IngestError = index
        for url in index.sitemaps[:MAX_SITEMAPS]:
            try:
                document = await self.fetch.get(url, headers=feed.headers, kind="feed")
                if isinstance(document, Page):
                    found += await self.parse(document, feed, now=self.now())
            except IngestError as error:
                problem = error
        if not found:
            raise problem
        return found

    def _choose(self, poll: Poll, entries: list[Entry]) -> tuple[Poll, list[Entry]]:
        """Each entry to its one outcome: the counts, and the entries to take in feed order."""
        outcomes = self._outcomes(entries)
        counts = Counter(outcomes)
        left = [entry for entry, outcome in zip(entries, outcomes, strict=True) if outcome in LEFT]
        oldest, newest = date_range(entries)
        oldest_left, newest_left = date_range(left)
        counted = replace(
            poll,
            entries=len(entries),
            taken=counts["take"],
            known=counts["known"],
            too_old=counts["too_old"],
            outside=counts["outside"],
            repeated=counts["repeated"],
            deferred=counts["deferred"],
            oldest_left=oldest_left,
            newest_left=newest_left,
            oldest=oldest,
            newest=newest,
        )
        total = counted.taken + counted.known + counted.too_old + counted.outside + counted.repeated + counted.deferred
        assert counted.entries == total, f"feed {poll.feed_id}: {len(entries)} entries, outcomes {dict(counts)}"
        return counted, [entry for entry, outcome in zip(entries, outcomes, strict=True) if outcome == "take"]

    def _outcomes(self, entries: list[Entry]) -> list[Decision | Literal["repeated"]]:
        """`repeated` is a key's second entry in a document, and one that this run has tried from elsewhere."""
        outcomes: list[Decision | Literal["repeated"]] = []
        here: set[str] = set()
        for entry in entries:
            again = entry.entry_key in here or entry.entry_key in self.tried
            outcome = "repeated" if again else self.decide(entry)
            here.add(entry.entry_key)
            if outcome == "take":
                self.tried.add(entry.entry_key)
            outcomes.append(outcome)
        return outcomes

    async def _take_all(self, entries: Sequence[Entry]) -> tuple[Taken, ...]:
        """What became of each, in the order given."""
        results: dict[int, Taken] = {}
        waiting = _host_by_host(entries)

        async def worker() -> None:
            for index in waiting:
                results[index] = await self._take(entries[index])

        await together([worker for _ in range(min(self.pages_at_once, len(entries)))])
        return tuple(results[index] for index in range(len(entries)))

    async def _take(self, entry: Entry) -> Taken:
        tried_at = self.now()
        return Taken(entry=entry, result=await self._result(entry), tried_at=tried_at)

    async def _result(self, entry: Entry) -> Article | Skipped:
        if not entry.link:
            return Skipped(code="no_link", retryable=False, detail="the entry names no page")
        if whose := dead_end(entry.link):
            return aggregator(entry, entry.link, whose)
        try:
            page = await self.fetch.get(entry.link)
        except IngestError as error:
            return skipped(error, entry.link)
        if isinstance(page, NotModified):
            raise TypeError(f"{entry.link}: NotModified for a request without conditions")
        self.archive(Capture(kind="page", feed_id=entry.feed_id, page=page, entry=entry))
        return await self._extracted(page, entry, self.via)

    async def _extracted(self, page: Page, entry: Entry, via: Via) -> Article | Skipped:
        """The article of a page that is in raw, or why there is none."""
        if page.status != 200:  # an imported capture can be anything
            error = HttpStatus(page.final_url, f"the capture has status {page.status}", page.status)
            return skipped(error, page.final_url, page)
        if whose := dead_end(page.final_url):  # a redirector led there
            return aggregator(entry, page.final_url, whose, page)
        self.on_begin(entry, page.fetch_id)
        result: Article | Skipped
        try:
            result = await self.extract.extract(page, entry, via=via)
        except IngestError as problem:
            result = skipped(problem, page.final_url, page)
            if problem.code in EMPTY and is_portal(page.final_url):
                result = aggregator(entry, page.final_url, urlsplit(page.final_url).hostname or "", page)
        except asyncio.CancelledError:  # stopped for another's fault: not the page that must be booked as crashed
            self.on_end(entry, page.fetch_id)
            raise
        self.on_end(entry, page.fetch_id)
        return result


async def _in_parts(results: AsyncIterator[FeedPull]) -> AsyncIterator[FeedPull]:
    """Single results gathered into parts."""
    taken: list[Taken] = []
    async for result in results:
        taken += result.taken
        if len(taken) >= PART:
            yield FeedPull(poll=None, taken=tuple(taken))
            taken = []
    if taken:
        yield FeedPull(poll=None, taken=tuple(taken))


def _grouped(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """Indices of the entries by the host of their page."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        groups[host_of(entry.link or "")].append(index)
    return groups


def _host_by_host(entries: Sequence[Entry]) -> Iterator[int]:
    """Indices, one of each host by turns, so that a slow host does not hold all workers."""
    turns = zip_longest(*_grouped(entries).values())
    return (index for turn in turns for index in turn if index is not None)


def _by_host(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The retry queue in parts of one host each."""
    for indices in _grouped(entries).values():
        for start in range(0, len(indices), PART):
            yield [entries[index] for index in indices[start : start + PART]]


def _no_hook(_entry: Entry, _fetch_id: str | None) -> None:
    pass


def _log(result: FeedPull, poll: Poll) -> None:
    skipped = sum(isinstance(taken.result, Skipped) for taken in result.taken)
    log.info(
        "pulled feed=%s code=%s entries=%d taken=%d skipped=%d ms=%d",
        poll.feed_id,
        poll.code,
        poll.entries,
        poll.taken,
        skipped,
        poll.milliseconds,
    )
