"""Polls feeds as a run does, without taking entries: for `wirecopy feeds check` and `add`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ingest.fetch.fetch import Fetcher
from ingest.pull import FeedTask, Work, pull
from ingest.records import Article, Capture, Entry, Feed, Page, Poll, Via
from ingest.text.aggregators import dead_end
from ingest.text.secrets import hide_secrets
from ingest.work import Parser
from ingest.workers.workers import WorkerPool
from wirecopy.feeds.nextsteps import next_step
from wirecopy.feeds.options import extract_options, fetch_options
from wirecopy.settings import Settings
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import rows

NO_TEXT: Final = """
    SELECT feed_id, coalesce(url, link) AS page, tries FROM outcomes
    QUALIFY row_number() OVER (PARTITION BY entry_key ORDER BY tried_at DESC, tries DESC) = 1 AND code = 'no_text'
    ORDER BY tried_at DESC, page
"""
FEEDS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCheck:
    """The result of one poll of a feed."""

    feed_id: str
    url: str
    code: str
    http_status: int | None
    milliseconds: int
    bytes: int
    entries: int
    newest: datetime | None
    moved_to: str | None
    problems: tuple[str, ...]  # sentences, with the next step
    notes: tuple[str, ...]  # facts that are no problems
    no_text: tuple[str, ...] = ()  # pages that gave no article text, the latest first


@dataclass(frozen=True, slots=True)
class Probe:
    """A check together with the entries that it rests on."""

    check: FeedCheck
    entries: tuple[Entry, ...]


def check_feeds(
    settings: Settings, feeds: Sequence[Feed], done: Callable[[int], None] | None = None
) -> list[FeedCheck]:
    """Poll each of *feeds* now and report its problems, in their order. Writes nothing."""
    return asyncio.run(_check(settings, feeds, done or (lambda count: None)))


def pages_without_text(layout: Layout) -> dict[str, list[str]]:
    """Per feed id, the pages whose latest outcome is no_text, terminal or waiting for a retry; the latest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows(layout, NO_TEXT) if layout.files.exists(layout.store) else ():
        found[row["feed_id"]].append(row["page"])
    return dict(found)


async def _check(settings: Settings, feeds: Sequence[Feed], done: Callable[[int], None]) -> list[FeedCheck]:
    async with looking(settings) as (fetcher, parse):
        return [look.check for look in await look_at(settings, fetcher, parse, feeds, done)]


@asynccontextmanager
async def looking(settings: Settings) -> AsyncIterator[tuple[Fetcher, Parser]]:
    """The tools for polling feeds: a fetcher with a run's rules, and parser processes that can be killed."""
    async with (
        Fetcher(fetch_options(settings), now=settings.clock) as fetcher,
        WorkerPool(extract_options(settings), publisher_of=str) as pool,
    ):
        yield fetcher, pool.parse


async def look_at(
    settings: Settings,
    fetcher: Fetcher,
    parse: Parser,
    feeds: Sequence[Feed],
    done: Callable[[int], None],
    archive: Callable[[Capture], None] | None = None,
) -> list[Probe]:
    """Poll each of *feeds* once and take nothing; in their order. *archive* gets each document before it is parsed."""
    shown: dict[str, list[Entry]] = defaultdict(list)
    found: dict[str, Probe] = {}
    by_id = {feed.id: feed for feed in feeds}

    def select(entry: Entry) -> Any:
        shown[entry.feed_id].append(entry)
        return "known"  # nothing is taken

    stream = pull(
        Work(feeds=[FeedTask(feed=feed) for feed in feeds]),
        fetch=fetcher,
        parse=parse,
        extract=_NothingToExtract(),
        select=select,
        archive=archive or (lambda capture: None),
        via="live",
        now=settings.clock,
        feeds_at_once=FEEDS_AT_ONCE,
    )
    async with aclosing(stream):
        async for pulled in stream:
            if pulled.poll:
                feed_id = pulled.poll.feed_id
                entries = tuple(shown.pop(feed_id, ()))
                found[feed_id] = Probe(_result(settings, by_id[feed_id], pulled.poll, entries), entries)
                done(1)
    return [found[feed.id] for feed in feeds]


class _NothingToExtract:
    """For a pull that takes no entry."""

    async def extract(self, page: Page, entry: Entry, *, via: Via) -> Article:
        raise AssertionError(f"{entry.link}: a check takes no page")


def _result(settings: Settings, feed: Feed, poll: Poll, entries: Sequence[Entry]) -> FeedCheck:
    return FeedCheck(
        feed_id=feed.id,
        url=hide_secrets(feed.url, feed.secret),
        code=poll.code,
        http_status=poll.http_status,
        milliseconds=poll.milliseconds,
        bytes=poll.bytes,
        entries=poll.entries,
        newest=poll.newest,
        moved_to=poll.moved_to,
        problems=tuple(_problems(settings, poll, entries)),
        notes=tuple(_notes(poll, entries)),
    )


def _problems(settings: Settings, poll: Poll, entries: Sequence[Entry]) -> list[str]:
    if poll.code != "ok":
        return [f"{poll.code}: {poll.detail}. Next: {next_step(poll.code)}"]
    if not poll.entries:
        return ["it is a feed, but an empty one. Next: look whether the site has another one"]
    problems = []
    if entries and not any(entry.link for entry in entries):
        problems.append("no entry names a page: there is nothing to fetch. Next: take another feed of the site")
    if whose := _all_of_aggregators(entries):
        problems.append(
            f"all its entries lead to {whose}, which shows no article and leads to none (outcome aggregator). "
            "Next: take the publishers' own feeds, `wirecopy feeds discover SITE` finds them"
        )
    if poll.newest and settings.clock() - poll.newest > settings.max_age:
        problems.append(
            f"its newest entry is of {poll.newest:%Y-%m-%d}: a live run takes none that old (WIRECOPY_MAX_AGE). "
            "Next: look whether the site has another feed"
        )
    return problems


def _all_of_aggregators(entries: Sequence[Entry]) -> str | None:
    whose = {dead_end(entry.link) for entry in entries if entry.link}
    return " and ".join(sorted(one for one in whose if one)) if whose and None not in whose else None


def _notes(poll: Poll, entries: Sequence[Entry]) -> list[str]:
    notes = []
    if poll.moved_to:
        notes.append(f"it has moved for good to {poll.moved_to}: write that into the feed list")
    unlinked = sum(not entry.link for entry in entries)
    undated = sum(entry.published_at is None for entry in entries)
    if 0 < unlinked < len(entries):
        notes.append(f"{unlinked} of {len(entries)} entries name no page")
    if undated:
        notes.append(f"{undated} of {len(entries)} entries have no date that can be believed: the page's is taken")
    if poll.repeated:
        notes.append(f"{poll.repeated} entries stand twice in it")
    if poll.request and poll.request.hub:
        notes.append(f"its hub {poll.request.hub} would tell of news (WebSub): wirecopy polls")
    if poll.request and poll.request.pause:
        notes.append(f"it asks not to be polled again within {poll.request.pause}")
    return notes
