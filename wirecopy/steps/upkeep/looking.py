"""find_places: which sources of its past each feed has, and how far back they reach. For `wirecopy feeds check`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from functools import partial

from ingest.concurrency import as_finished
from ingest.errors import IngestError
from ingest.feedlist.feedlist import load_feeds
from ingest.fetch.fetch import Fetcher
from ingest.records import Feed
from ingest.text.sections import Section
from wirecopy.feeds.options import fetch_options
from wirecopy.feeds.redirects import effective_feed
from wirecopy.history.askinggetter import AskingGetter
from wirecopy.history.searched import Searched
from wirecopy.history.source import Past
from wirecopy.history.sources import searched_sources
from wirecopy.history.warc.known import KnownArchives
from wirecopy.records import FoundPlace
from wirecopy.schedule import DAY, Interval
from wirecopy.settings import Settings, load_settings
from wirecopy.store.feeds.places import Place, Places
from wirecopy.store.feeds.state import State
from wirecopy.store.feeds.wellknown import StateFileCache
from wirecopy.store.files.layout import Layout, layout_of

AT_ONCE = 8  # feeds; the sources of one feed are looked for one after the other


def find_places(
    *, feeds: Sequence[str] = (), progress: Callable[[int], None] | None = None
) -> dict[str, list[FoundPlace]]:  # fmt: skip
    """By feed id, what a look now finds of each source that the settings and feeds.toml allow, in the order in which
    they are read. It is remembered for a month. Of WARC files it says what is known of those that were read.
    *progress* is told of each feed done.
    """
    settings = load_settings()
    layout = layout_of(settings).make()
    with closing(State.open(layout, settings.state_url)) as state:
        past = _past(settings, layout, state)
        chosen = [feed for feed in past.feeds.values() if not feeds or feed.id in feeds]
        found = asyncio.run(_look(past, chosen, progress or (lambda count: None)))
    if settings.history and settings.warc:
        archives = KnownArchives(settings, layout, feed_list := load_feeds(settings.feed_list))
        for feed in feed_list.feeds:
            if feed.id in found and (place := archives.place(feed)):
                found[feed.id].append(place)
    return found


async def _look(past: Past, feeds: Sequence[Feed], done: Callable[[int], None]) -> dict[str, list[FoundPlace]]:
    options, cache = fetch_options(past.settings), StateFileCache(past.state)
    found: dict[str, list[FoundPlace]] = {}
    async with Fetcher(options, rate_limiter=past.state, now=past.settings.clock, file_cache=cache) as fetcher:
        jobs = (partial(_look_at, past, feed, fetcher) for feed in feeds)
        async for feed_id, places in as_finished(jobs, AT_ONCE):
            found[feed_id] = places
            done(1)
    return {feed.id: found[feed.id] for feed in feeds}


async def _look_at(past: Past, feed: Feed, fetcher: Fetcher) -> tuple[str, list[FoundPlace]]:
    return feed.id, [place async for place in _places(past, feed, fetcher)]


async def _places(past: Past, feed: Feed, fetcher: Fetcher) -> AsyncIterator[FoundPlace]:
    getter = AskingGetter(fetcher, past, feed, Places(past.state), remembers=False)
    for kind in searched_sources():
        source: Searched = kind(past)
        if not source.is_wanted(feed):
            continue
        try:
            place = await source.looked(feed, getter)
            yield _found(place, source.section(feed, place) if place.url else ())
        except IngestError as error:
            yield {"source": source.name, "url": None, "reaches": None, "section": [], "why": str(error)}


def _found(place: Place, section: Section) -> FoundPlace:
    return {
        "source": place.source,
        "url": place.url,
        "reaches": place.reaches.isoformat() if place.reaches else None,
        "section": list(section),
        "why": "" if place.url else place.detail,
    }


def _past(settings: Settings, layout: Layout, state: State) -> Past:
    """A look is of no interval."""
    now, states = settings.clock(), state.feeds()
    listed = load_feeds(settings.feed_list).feeds
    feeds = {feed.id: effective_feed(feed, states.get(feed.id)) for feed in listed}
    return Past(
        settings=settings, layout=layout, state=state, interval=Interval(start=now - DAY, end=now), now=now, feeds=feeds
    )
