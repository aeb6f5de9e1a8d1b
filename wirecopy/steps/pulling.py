"""pull: one shard of a plan, feeds and pages in, finished parts out (state/staging and raw/)."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from itertools import chain
from typing import Any

from ingest.concurrency import ticking
from ingest.feedlist.feedlist import FeedList, load_feeds
from ingest.fetch.fetch import Fetcher
from ingest.history.filing import filed
from ingest.history.hints import tells_a_change_only
from ingest.pull import FeedTask, Work
from ingest.pull import pull as pull_feeds
from ingest.records import Article, Capture, Entry, FeedPull, Skipped, Span, Taken, Validators, Via
from ingest.serial import from_json
from ingest.work import Filing
from ingest.workers.workers import WorkerPool
from wirecopy.feeds.options import extract_options, fetch_options
from wirecopy.feeds.redirects import effective_feed
from wirecopy.history.source import Past
from wirecopy.history.sources import documents_of, pages_of
from wirecopy.log import get_log
from wirecopy.records import Run
from wirecopy.runs.selection import EntrySelector, beginnings
from wirecopy.schedule import Interval
from wirecopy.settings import Settings, load_settings
from wirecopy.steps.forgetting import without_forgotten
from wirecopy.steps.ontheway import OnTheWay
from wirecopy.store.archive.raw import write_raw
from wirecopy.store.feeds.feedstate import FeedCapture, FeedState
from wirecopy.store.feeds.hostrests import StateRestCache
from wirecopy.store.feeds.places import HistoryDocument, Places
from wirecopy.store.feeds.state import State
from wirecopy.store.feeds.wellknown import StateFileCache
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.ledger import EntryState, entry_states, remembered, unplanned_pages, with_hinted
from wirecopy.store.staging.journals import Journal
from wirecopy.store.staging.parts import PartName, write_part
from wirecopy.store.staging.plans import Job, read_plan
from wirecopy.store.takedown.tombstones import read_tombstones

log = get_log(__name__)

PART_CAPTURES = 64  # a part is handed over when it holds so many captures …
PART_BYTES = 64_000_000  # … or so large (archive sitemaps have up to 60 MB) …
PART_SECONDS = 20.0  # … or is this old, whatever is in work: what a killed attempt has to fetch again is at most this …
# … and what came in the last ingest.pull.PIECE_SECONDS
LOOK_SECONDS = 1.0  # how often the age of the part in work is looked at
Progress = Callable[[int], None]
KnownEntries = Callable[[], Mapping[str, EntryState]]


def pull(*, run: Run, shard: int, of: int, progress: Progress | None = None) -> dict[str, int]:
    """Work one shard off; returns counts (polls, entries tried, articles, parts). Safe to run twice, also at the same
    time.
    """
    settings = load_settings()

    layout = layout_of(settings).make()
    state = State.open(layout, settings.state_url)
    try:
        attempt = _Attempt(settings, layout, state, run, shard, progress)
        counts = asyncio.run(attempt.work())
    finally:
        state.close()
    told = " ".join(f"{name}={count}" for name, count in counts.items())
    log.info("pulled run=%s shard=%d/%d %s", run["run_id"], shard + 1, of, told)
    return counts


class _Attempt:
    """One attempt at one shard: collects results into parts, and keeps the journal."""

    def __init__(
        self,
        settings: Settings,
        layout: Layout,
        state: State,
        run: Run,
        shard: int,
        progress: Progress | None,
    ) -> None:
        self.settings, self.layout, self.state, self.run, self.shard = settings, layout, state, run, shard
        self.progress = progress or (lambda count: None)
        self.past = run["mode"] == "past"
        self.gone = read_tombstones(layout)
        self.interval = Interval(start=datetime.fromisoformat(run["start"]), end=datetime.fromisoformat(run["end"]))
        self.uuid = uuid.uuid4().hex
        self.journal = Journal(layout, run["plan"], self.uuid, shard, run)
        self.counts: Counter[str] = Counter(polls=0, searches=0, tried=0, articles=0, parts=0)
        self.captures: dict[str, Capture] = {}  # archived, their pull not finished yet
        self.pulls: list[FeedPull] = []
        self.ready: list[Capture] = []
        self.since = time.monotonic()  # of the first result in the part
        self.on_the_way = OnTheWay(settings, layout, run["plan"])

    async def work(self) -> dict[str, int]:
        """Pull everything the plan gives this shard."""
        feed_list = load_feeds(self.settings.feed_list)
        jobs = read_plan(self.layout, self.run["plan"], self.shard)
        with self.journal:
            try:
                await self._pull(feed_list, jobs)
            except BaseException:  # a bug, or SIGTERM: finished work need not be done again
                self._hand_over()
                raise
            self._hand_over(last=True)
        return dict(self.counts)

    async def _pull(self, feed_list: FeedList, jobs: Sequence[Job]) -> None:
        via: Via = "feed" if self.past else "live"
        now = self.settings.clock
        files, rests = StateFileCache(self.state), StateRestCache(self.state, now)
        options = fetch_options(self.settings, self.run["mode"])
        async with (
            Fetcher(options, rate_limiter=self.state, now=now, file_cache=files, rest_cache=rests) as fetcher,
            WorkerPool(
                extract_options(self.settings), publisher_of=feed_list.publisher_of, agency_of=feed_list.agency_of
            ) as pool,
        ):
            states = self.state.feeds()
            work = _work(self._wanted(feed_list, states), jobs, states)
            entries = cache(partial(self._entry_states, jobs))  # read for the first entry: a repeated run may have none
            stream = pull_feeds(
                work,
                fetch=fetcher,
                parse=pool.parse,
                extract=pool,
                select=self._selector(feed_list, entries, states),
                file=self._filing(entries),
                archive=self._archive,
                via=via,
                now=now,
                on_begin=self._opened,
                on_end=self.journal.ended,
            )
            # Left from the right: nobody may wait for the stream any more when it is closed.
            async with aclosing(stream), aclosing(ticking(stream, LOOK_SECONDS)) as pulls, self.on_the_way:
                came = time.monotonic()
                async for pulled in pulls:
                    if pulled:
                        self._collect(pulled)
                        came = time.monotonic()
                    publishing = self.on_the_way.is_due(quiet=time.monotonic() - came)
                    if publishing or self._is_due():
                        self._hand_over()
                    if publishing:
                        self.on_the_way.start()

    def _wanted(self, feed_list: FeedList, states: Mapping[str, FeedState]) -> Past:
        feeds = {feed.id: effective_feed(feed, states.get(feed.id)) for feed in feed_list.feeds}
        return Past(
            settings=self.settings,
            layout=self.layout,
            state=self.state,
            interval=self.interval,
            now=self.settings.clock(),
            feeds=feeds,
        )

    def _entry_states(self, jobs: Sequence[Job]) -> dict[str, EntryState]:
        first, last = remembered(self.interval, now=self.settings.clock(), past=self.past)
        states = entry_states(self.layout, first, last)
        if not self.past:
            return states
        states = with_hinted(self.layout, states, first)
        planned = {job.fetch_id for job in jobs if job.fetch_id}
        for key in unplanned_pages(self.layout, self.interval, planned):
            if key in states and not states[key].stored:
                del states[key]  # the plan did not know that this page is of this day: it is taken like a new one
        return states

    def _filing(self, states: KnownEntries) -> Filing:
        """Entries of history without a date go to the day that their page names; what is stored stays where it is."""
        interval = Span(start=self.interval.start, end=self.interval.end) if self.past else None

        def file(article: Article, entry: Entry) -> Article | Skipped:
            state = states().get(entry.entry_key)
            return article if state and state.stored else filed(article, entry, interval)

        return file

    def _selector(
        self, feed_list: FeedList, states: KnownEntries, feeds: Mapping[str, FeedState]
    ) -> Callable[[Entry], Any]:
        now = self.settings.clock()

        @cache
        def selector() -> EntrySelector:
            return EntrySelector(
                states=states(),
                now=now,
                max_age=self.settings.max_age,
                interval=self.interval if self.past else None,
                since=beginnings(feed_list.feeds, feeds, first_poll=self.settings.first_poll, now=now),
            )

        budget, taken = self.settings.pages_per_feed, Counter[str]()

        def select(entry: Entry) -> str:
            if self.gone.covers(entry.link):
                return "known"  # so its page is not fetched
            decision = selector().select(entry)
            limited = decision == "take" and (not self.past or tells_a_change_only(entry))
            if limited and taken[entry.feed_id] >= budget:
                return "deferred"
            taken[entry.feed_id] += limited
            if decision == "take":
                self.journal.took(entry)
            return decision

        return select

    def _opened(self, entry: Entry, fetch_id: str | None) -> None:
        """Journal the page; only one in raw/ keeps its fetch_id, because captures of this attempt die with it."""
        self.journal.opened(entry, None if fetch_id in self.captures else fetch_id)

    def _archive(self, capture: Capture) -> None:
        self.captures[capture.page.fetch_id] = capture

    def _collect(self, pulled: FeedPull) -> None:
        """A finished pull and its captures join the part in work."""
        taken = tuple(without_forgotten(one, self.gone) for one in pulled.taken)
        for before, after in zip(pulled.taken, taken, strict=True):
            if before is not after:  # removed under another address: its capture must not stay
                self.captures.pop(before.result.fetch_id or "", None)
        pulled = replace(pulled, taken=taken)
        self._date_captures(taken)
        ids = [*pulled.documents, *(taken.result.fetch_id for taken in pulled.taken)]
        if pulled.poll:
            ids.append(pulled.poll.fetch_id)
            self.counts["polls"] += 1
        self.counts["searches"] += pulled.search is not None
        self.ready += [self.captures.pop(fetch_id) for fetch_id in ids if fetch_id in self.captures]
        self.since = self.since if self.pulls else time.monotonic()
        self.pulls.append(pulled)
        self.counts["tried"] += len(pulled.taken)
        self.counts["articles"] += sum(hasattr(taken.result, "article_id") for taken in pulled.taken)
        self.progress(len(pulled.taken))

    def _date_captures(self, taken: Sequence[Taken]) -> None:
        """Pages that history found by a hint are archived under the date that they name."""
        for one in taken:
            capture = self.captures.get(one.result.fetch_id or "")
            if capture and one.entry.hint and one.result.published_at:
                self.captures[capture.page.fetch_id] = replace(capture, published_at=one.result.published_at)

    def _is_due(self) -> bool:
        """Whether the part in work is full or old."""
        old = bool(self.pulls) and time.monotonic() - self.since > PART_SECONDS
        full = len(self.ready) >= PART_CAPTURES or sum(len(one.page.body) for one in self.ready) >= PART_BYTES
        return old or full

    def _hand_over(self, *, last: bool = False) -> None:
        """Close the part in work: raw first, so that an outcome never names a capture that is not there."""
        if last:
            self.ready += self.captures.values()
        if not self.pulls and not self.ready:  # captures of a feed in work wait for their results
            return

        name = PartName(plan=self.run["plan"], attempt=self.uuid, shard=self.shard, number=self.counts["parts"])
        self._write_raw(name.stem)
        write_part(self.layout, name, self.run, self.pulls)
        self.counts["parts"] += 1
        self.pulls, self.ready = [], []

    def _write_raw(self, stem: str) -> None:
        path = write_raw(self.layout, self.settings.clock().date(), stem, self.ready)
        if path:
            name = str(path.relative_to(self.layout.raw))
            polls = {pulled.poll.fetch_id: pulled.poll for pulled in self.pulls if pulled.poll}
            self.state.save_captures(
                FeedCapture(
                    feed_id=c.feed_id, fetch_id=c.page.fetch_id, raw_file=name, fetched_at=c.page.fetched_at,
                    poll=polls.get(c.page.fetch_id),
                )
                for c in self.ready
                if c.kind == "feed"
            )  # fmt: skip
            documents = [c.page for c in self.ready if c.kind == "history"]
            if documents:
                Places(self.state).save_documents(
                    HistoryDocument(url=page.url, fetch_id=page.fetch_id, raw_file=name, fetched_at=page.fetched_at)
                    for page in documents
                )


def _work(past: Past, jobs: Sequence[Job], states: Mapping[str, FeedState]) -> Work:
    """The plan's jobs as the work of the ingest room: each feed at its present address, with its guid state. The
    publisher of a page follows from the feed list as it is written.
    """
    identities = {feed_id: state.identity for feed_id, state in states.items()}
    polls = [
        FeedTask(
            feed=past.feeds[job.feed_id],
            validators=from_json(Validators, job.payload),
            identity=identities.get(job.feed_id),
        )
        for job in jobs
        if job.kind == "feed" and not job.source and job.feed_id in past.feeds
    ]
    history = (
        FeedTask(
            feed=past.feeds[feed_id],
            identity=identities.get(feed_id),
            documents=documents,
            via=source.via,
            search=source.name if source.searches else None,
            exact=source.exact,
            interval=Span(start=past.interval.start, end=past.interval.end),
        )
        for feed_id, source, documents in documents_of(past, jobs)
        if feed_id in past.feeds
    )
    return Work(
        feeds=chain(history, polls),
        entries=[Entry.from_json(job.payload) for job in jobs if job.kind == "entry"],
        captures=pages_of(past, jobs),
    )
