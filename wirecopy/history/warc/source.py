"""Archives of other crawlers as a source of history: WARC files of the disk, and those that CC-NEWS publishes.

The plan reads the files, each once, and brings the pages of the feeds' sites into raw/. A page's own date says to which
day it belongs: the run of that day takes it, whichever run extracted it first.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from ingest.errors import FetchError, IngestError
from ingest.feedlist.feedlist import load_feeds
from ingest.fetch.ranges import Ranges
from ingest.history.hints import excludes
from ingest.options import FetchOptions
from ingest.records import Capture, Entry, Span, Via
from ingest.serial import from_json, to_json
from ingest.text.urls import host_of
from ingest.work import Brought, Documents, Getter
from wirecopy.history.rawcaptures import captures_of_jobs
from wirecopy.history.searched import SETTLED_AFTER
from wirecopy.history.source import HistorySource, Past
from wirecopy.history.warc.collecting import Collector
from wirecopy.history.warc.lists import Archive, archives_of
from wirecopy.history.warc.sites import Sites
from wirecopy.log import get_log
from wirecopy.settings import Settings, settings_file
from wirecopy.store.archive.imported import pages_for
from wirecopy.store.staging.plans import Job
from wirecopy.store.warc.reading import Terms

log = get_log(__name__)


class UnreadArchive(IngestError):
    """An archive could not be read, so nothing is known of what it holds."""

    code = "archive"
    retryable = True


@dataclass(slots=True, kw_only=True)
class _Read:
    """What the plan read."""

    archives: int = 0  # files that may hold pages of the interval, and could be read, now or earlier
    problems: tuple[str, ...] = ()  # sentences


class WarcFiles(HistorySource):
    """The archives of the setting `warc`."""

    name: ClassVar[str] = "warc"
    via: ClassVar[Via] = "warc"
    searches: ClassVar[bool] = True

    def __init__(self, past: Past) -> None:
        self._past = past

    def find(self) -> Iterator[Job]:
        """Pages of the archives that may be of the interval; and a search for each feed, which counts its pages and
        says what could not be read.
        """
        past = self._past
        if not past.settings.history or not past.settings.warc or past.now - past.interval.end < SETTLED_AFTER:
            return
        sites = Sites(load_feeds(past.settings.feed_list))
        read = _Read()
        problems = list(self._collect(sites, read)) if sites.domains else []
        for problem in problems:
            log.warning("left out of this run: %s. Run the interval again when it can be read", problem)
        hosts = {feed.id: host_of(feed.url) for feed in sites.feeds}  # a feed's pages lie in the shard of its search
        interval = Span(start=past.interval.start, end=past.interval.end)
        for head in pages_for(past.layout, past.interval):
            entry = Entry.from_json(head["entry"])
            if head["is_of_interval"] or entry.hint is None or not excludes(entry.hint, interval):
                host = hosts.get(head["feed_id"]) or host_of(head["url"])
                yield self._job(head["feed_id"], head["raw_file"], fetch_id=head["fetch_id"], host=host)
        said = to_json(replace(read, problems=tuple(problems)))
        for feed in sites.feeds:
            yield replace(self._job(feed.id, said, host=hosts[feed.id]), kind="history")

    def documents(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Documents]]:
        """The books of each feed's pages, and of what could not be read."""
        for job in jobs:
            if job.kind == "history":
                yield job.feed_id, partial(_booked, from_json(_Read, job.payload))

    def pages(self, jobs: Sequence[Job]) -> Iterator[Capture]:
        """See HistorySource."""
        for capture in captures_of_jobs(self._past.layout, [job for job in jobs if job.kind == "page"]):
            yield replace(capture, via=self.via)

    def _collect(self, sites: Sites, read: _Read) -> Iterator[str]:
        """Read what was not read yet. Yields what went wrong: of a host that fails, no other file is asked for."""
        settings, now = self._past.settings, self._past.now
        terms = Terms(
            page_bytes=settings.page_bytes, feed_bytes=settings.feed_bytes, now=now, obey_tdm=settings.obey_tdm
        )
        with ExitStack() as stack:
            opened: list[Ranges] = []

            def ranges() -> Ranges:
                if not opened:
                    fetching = Ranges(_options(settings), rate_limiter=self._past.state)
                    opened.append(stack.enter_context(fetching))
                return opened[0]

            collector = Collector(self._past.layout, terms, sites, ranges, now=now)
            failed: set[str] = set()
            for place in settings.warc:
                try:
                    archives = list(self._archives(place, ranges))
                except (FetchError, OSError) as error:
                    yield str(error)
                    continue
                for archive in archives:
                    host = host_of(archive.location)
                    if host and host in failed:
                        continue
                    try:
                        collector.collect(archive, start=self._past.interval.start)
                        read.archives += 1
                    except (FetchError, OSError) as error:
                        failed.add(host)
                        yield str(error)

    def _archives(self, place: str, ranges: Callable[[], Ranges]) -> Iterator[Archive]:
        settings = self._past.settings
        return archives_of(
            [place],
            self._past.interval,
            late=settings.warc_late,
            base=settings_file().resolve().parent,
            read_list=lambda url: ranges().read(url),
            now=self._past.now,
        )

    def _job(self, feed_id: str, payload: str, *, fetch_id: str | None = None, host: str = "") -> Job:
        return Job(kind="page", feed_id=feed_id, payload=payload, fetch_id=fetch_id, host=host)


def _options(settings: Settings) -> FetchOptions:
    return FetchOptions(
        user_agent=settings.user_agent, allow_networks=settings.allow_networks, host_gap=settings.host_gap
    )


async def _booked(read: _Read, _fetch: Getter) -> AsyncGenerator[Brought | IngestError, None]:
    yield Brought(documents=read.archives)
    if read.problems:
        yield UnreadArchive("; ".join(read.problems))
