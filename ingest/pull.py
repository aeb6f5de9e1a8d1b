"""The room's pipeline: feeds in, Article | Skipped out, as a stream.

Captures of raw first (no network), then the retry queue, then feeds. What a feed gives is yielded in pieces, every few
seconds and when it is done, so that a slow feed holds up neither others nor its own. A failure is a value: only a bug
leaves this module as an exception. What is fetched is archived before anyone looks inside.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final
from urllib.parse import urlsplit

from ingest.byhost import by_host, host_by_host
from ingest.choosing import Chooser, counted_poll, ended, with_captures, with_document, with_failure
from ingest.concurrency import as_finished, in_pieces, merged
from ingest.documents import FeedDocuments, as_entries
from ingest.errors import Deferred, HttpStatus, IngestError
from ingest.history.hints import without_changes_only
from ingest.outcomes import (
    aggregator,
    poll_without_secrets,
    read_before,
    search_without_secrets,
    skipped,
    without_secrets,
)
from ingest.records import (
    IMPORTED,
    Article,
    Capture,
    Entries,
    Entry,
    FeedPull,
    NotModified,
    Page,
    Poll,
    Search,
    Skipped,
    Taken,
    Via,
    is_deferred,
)
from ingest.stalls import Stalls
from ingest.text.aggregators import dead_end, is_portal
from ingest.work import (
    Brought,
    Decision,
    Extractor,
    FeedTask,
    Filing,
    Found,
    Getter,
    Hook,
    Parser,
    ReadBefore,
    Reading,
    Work,
)

__all__ = ["Decision", "Extractor", "FeedTask", "Getter", "Hook", "Parser", "Work", "pull"]

log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[Any, Any, Taken]]

EMPTY: Final = ("no_text", "index_page", "not_html")  # on a portal: the article stands elsewhere
PART: Final = 64  # captures or retried entries in one FeedPull: what a crash can cost, and what a part file costs
PIECE_SECONDS: Final = 5.0  # finished results wait no longer for the rest of their feed


async def pull(
    work: Work,
    *,
    fetch: Getter,
    parse: Parser,
    extract: Extractor,
    select: Callable[[Entry], Decision],
    archive: Callable[[Capture], None],
    via: Via,
    now: Callable[[], datetime],
    on_begin: Hook | None = None,
    on_end: Hook | None = None,
    file: Filing | None = None,
    feeds_at_once: int = 32,
    pages_at_once: int = 4,
    captures_at_once: int = 8,
) -> AsyncGenerator[FeedPull, None]:
    """What each feed gave, in pieces as they are finished: the last one has its `poll`, and all before that None, as
    captures and retried entries have.

    *file* says whether an article belongs where its entry was taken for. *on_begin* is called right before a page goes
    into extraction and *on_end* when something came out: pages begun and not ended were in work when the process died,
    or ran into a bug. At most feeds_at_once * pages_at_once bodies are in memory at once.
    """
    run = _Run(
        fetch=fetch,
        extract=extract,
        parse=parse,
        chooser=Chooser(select),
        archive=archive,
        via=via,
        now=now,
        on_begin=on_begin or _no_hook,
        on_end=on_end or _no_hook,
        file=file or _anywhere,
        pages_at_once=pages_at_once,
    )
    async with aclosing(run.captures(work.captures, captures_at_once)) as extracted:
        async for result in extracted:
            yield result
    run.chooser.tried.update(entry.entry_key for entry in work.entries)
    streams = chain((partial(run.retried, part) for part in by_host(work.entries, PART)),
                    (partial(run.search if task.search else run.feed, task) for task in work.feeds))  # fmt: skip
    async with aclosing(merged(streams, feeds_at_once)) as finished:
        async for result in finished:
            yield result


@dataclass(slots=True, kw_only=True)
class _Run:
    """One pull: its tools, and the entries it has tried."""

    fetch: Getter
    extract: Extractor
    parse: Parser
    chooser: Chooser
    archive: Callable[[Capture], None]
    via: Via
    now: Callable[[], datetime]
    on_begin: Hook
    on_end: Hook
    file: Filing
    pages_at_once: int
    listed: set[str] = field(default_factory=set)  # feeds of which an exact source has listed the whole interval
    brought: Counter[tuple[str, str]] = field(default_factory=Counter)  # captures by feed and source
    stalls: Stalls = field(default_factory=Stalls)
    # By feed: what dates its entries is read before what only hints at dates, and a site has one source at a time.
    turns: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def captures(self, captures: Iterable[Capture], at_once: int) -> AsyncGenerator[FeedPull, None]:
        """Extract pages of raw."""
        async with (
            aclosing(as_finished(map(self._capture_job, captures), at_once)) as extracted,
            aclosing(in_pieces(extracted, PIECE_SECONDS, PART)) as pieces,
        ):
            async for piece, _ in pieces:
                if piece:
                    yield FeedPull(poll=None, taken=tuple(piece))

    def _capture_job(self, capture: Capture) -> Job:
        if capture.kind != "page" or capture.entry is None:
            raise ValueError(f"the capture {capture.page.fetch_id} is no page with its entry")
        entry, page = capture.entry, capture.page
        via: Via = capture.via or entry.via or ("warc" if capture.feed_id == IMPORTED else "raw")
        self.chooser.tried.add(entry.entry_key)
        if capture.via:
            self.brought[capture.feed_id, capture.via] += 1

        async def job() -> Taken:
            tried_at = self.now()
            if not capture.archived:
                self.archive(capture)
            return Taken(entry=entry, result=await self._extracted(page, entry, via, fetched=False), tried_at=tried_at)

        return job

    async def retried(self, entries: Sequence[Entry]) -> AsyncGenerator[FeedPull, None]:
        """Fetch some entries of one host again. An entry that does not fit into its host's time stays in the queue as
        it is.
        """
        async with aclosing(self._take_all(entries, self.via)) as pieces:
            async for piece, _ in pieces:
                if taken := tuple(one for one in piece if not is_deferred(one.result)):
                    yield FeedPull(poll=None, taken=taken)

    async def feed(self, task: FeedTask) -> AsyncGenerator[FeedPull, None]:
        """Poll one feed and take its selected entries."""
        read = FeedDocuments(fetch=self.fetch, parse=self.parse, archive=self.archive, now=self.now)
        async with self.turns[task.feed.id], aclosing(read.documents(task)) as documents:
            started, polled_at = time.perf_counter(), self.now()
            async for document in documents:
                if isinstance(document, ReadBefore):
                    yield FeedPull(poll=read_before(document.poll, polled_at))
                    continue
                polled, entries = await read.entries(task, document, polled_at)
                timed = replace(polled, milliseconds=round(1000 * (time.perf_counter() - started)))
                poll = poll_without_secrets(timed, task.feed)
                async with aclosing(self._worked_off(poll, entries, task.via or self.via)) as pieces:
                    async for piece in pieces:
                        yield piece
                started, polled_at = time.perf_counter(), self.now()

    async def _worked_off(self, polled: Poll, entries: list[Entry], via: Via) -> AsyncGenerator[FeedPull, None]:
        """The results of a document. Its poll comes last, and marks all before it as complete."""
        choice = self.chooser.choose(entries)
        poll, chosen = counted_poll(polled, entries, choice), choice.taken
        before = skipped = 0
        async with aclosing(self._take_all(chosen, via)) as pieces:
            async for taken, last in pieces:
                skipped += sum(isinstance(one.result, Skipped) for one in taken)
                if last:
                    _log(poll, skipped)
                yield FeedPull(poll=poll if last else None, taken=taken, before=before if last else 0)
                before += len(taken)

    async def search(self, task: FeedTask) -> AsyncGenerator[FeedPull, None]:
        """Read one source of history for one feed and take its selected entries. The Search comes last."""
        assert task.search is not None
        assert task.documents is not None
        search = Search(feed_id=task.feed.id, source=task.search, searched_at=self.now())
        started, before = time.perf_counter(), 0
        async with self.turns[task.feed.id], aclosing(task.documents(self.fetch)) as documents:
            async for found in documents:
                if isinstance(found, IngestError):
                    search = with_failure(search, found)
                    continue
                if isinstance(found, Brought):  # all captures come before all feeds
                    pages = self.brought[task.feed.id, task.search]
                    search, before = with_captures(search, found, pages), before + pages
                    continue
                assert isinstance(found, Found)
                search, chosen = await self._searched(search, found, task)
                document = () if found.archived else (found.page.fetch_id,)
                async with aclosing(self._take_all(chosen, task.via or self.via)) as pieces:
                    async for taken, _ in pieces:
                        yield FeedPull(poll=None, taken=taken, documents=document)
                        before, document = before + len(taken), ()
            if task.exact and search.complete and not search.failed:
                self.listed.add(task.feed.id)
        search = ended(search, milliseconds=round(1000 * (time.perf_counter() - started)))
        search = search_without_secrets(search, task.feed)
        _log_search(search)
        yield FeedPull(poll=None, before=before, search=search)

    async def _searched(self, search: Search, found: Found, task: FeedTask) -> tuple[Search, tuple[Entry, ...]]:
        """*search* after one document, and the entries of it to take. It is archived before it is parsed."""
        if not found.archived:
            page = without_secrets(found.page, task.feed)
            self.archive(Capture(kind="history", feed_id=task.feed.id, page=page))
        entries = Entries()
        if found.reader:
            reading = Reading(
                reader=found.reader, interval=task.interval, span=found.span, via=task.via, section=found.section
            )
            try:
                entries = as_entries(await self.parse(found.page, task.feed, now=self.now(), reading=reading))
            except IngestError as error:
                return with_failure(search, error), ()
        if task.feed.id in self.listed:
            entries = without_changes_only(entries)
        choice = self.chooser.choose(entries)
        return with_document(search, found, entries, choice), choice.taken

    async def _take_all(
        self, entries: Sequence[Entry], via: Via
    ) -> AsyncGenerator[tuple[tuple[Taken, ...], bool], None]:
        """The results in pieces, each in the order given, and whether it is the last one."""
        jobs = (partial(self._numbered, index, entries[index], via) for index in host_by_host(entries))
        async with (
            aclosing(as_finished(jobs, self.pages_at_once)) as finished,
            aclosing(in_pieces(finished, PIECE_SECONDS)) as pieces,
        ):
            async for piece, last in pieces:
                yield tuple(taken for _, taken in sorted(piece, key=lambda pair: pair[0])), last

    async def _numbered(self, index: int, entry: Entry, via: Via) -> tuple[int, Taken]:
        return index, await self._take(entry, via)

    async def _take(self, entry: Entry, via: Via) -> Taken:
        tried_at = self.now()
        taken = Taken(entry=entry, result=await self._result(entry, entry.via or via), tried_at=tried_at)
        self.chooser.ended(taken)
        return taken

    async def _result(self, entry: Entry, via: Via) -> Article | Skipped:
        if not entry.link:
            return Skipped(code="no_link", retryable=False, detail="the entry names no page")
        if whose := dead_end(entry.link):
            return aggregator(entry, entry.link, whose)
        try:
            self.stalls.check(entry.link)
            page = await self.fetch.get(entry.link)
        except IngestError as error:
            return skipped(error, entry.link)
        if isinstance(page, NotModified):
            raise TypeError(f"{entry.link}: NotModified for a request without conditions")
        self.archive(Capture(kind="page", feed_id=entry.feed_id, page=page, entry=entry))
        return await self._extracted(page, entry, via)

    async def _extracted(self, page: Page, entry: Entry, via: Via, *, fetched: bool = True) -> Article | Skipped:
        """The article of a page that is in raw, or why there is none; *fetched*: by this run."""
        if page.status != 200:  # an imported capture can be anything
            error = HttpStatus(page.final_url, f"the capture has status {page.status}", page.status)
            return skipped(error, page.final_url, page)
        if whose := dead_end(page.final_url):  # a redirector led there
            return aggregator(entry, page.final_url, whose, page)
        if fetched:
            try:
                self.stalls.check(page.final_url)
            except Deferred as error:
                return skipped(error, page.final_url, page)
        self.on_begin(entry, page.fetch_id)
        result: Article | Skipped
        try:
            result = self.file(await self.extract.extract(page, entry, via=via), entry)
        except IngestError as problem:
            self.stalls.book(page.final_url, problem)
            result = skipped(problem, page.final_url, page)
            if problem.code in EMPTY and is_portal(page.final_url):
                result = aggregator(entry, page.final_url, urlsplit(page.final_url).hostname or "", page)
        except asyncio.CancelledError:  # stopped by another's fault: this page did not crash
            self.on_end(entry, page.fetch_id)
            raise
        self.on_end(entry, page.fetch_id)
        return result


def _no_hook(_entry: Entry, _fetch_id: str | None) -> None:
    pass


def _anywhere(article: Article, _entry: Entry) -> Article | Skipped:
    return article


def _log_search(search: Search) -> None:
    log.info(
        "searched feed=%s source=%s code=%s documents=%d requests=%d entries=%d taken=%d complete=%s ms=%d",
        search.feed_id, search.source, search.code, search.documents, search.requests, search.entries, search.taken,
        search.complete, search.milliseconds,
    )  # fmt: skip


def _log(poll: Poll, skipped: int) -> None:
    log.info(
        "pulled feed=%s code=%s entries=%d taken=%d skipped=%d ms=%d",
        poll.feed_id, poll.code, poll.entries, poll.taken, skipped, poll.milliseconds,
    )  # fmt: skip
