"""The registry of sources of history. A new source is a module with a HistorySource, and its name in SOURCES."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from ingest.records import Capture
from ingest.work import Documents
from wirecopy.errors import UsageError
from wirecopy.history.feeditself import FeedItself
from wirecopy.history.paging.source import OlderDocuments
from wirecopy.history.rawcaptures import RawCaptures
from wirecopy.history.searched import Searched
from wirecopy.history.sitemap import Sitemaps
from wirecopy.history.source import HistorySource, Past
from wirecopy.history.template import ArchivePages
from wirecopy.history.warc.source import WarcFiles
from wirecopy.history.wayback.source import WebArchive
from wirecopy.history.wordpress.source import WordPress
from wirecopy.store.staging.plans import Job

# In the order in which they are read: sources without requests first, then those that tell instants, then by how many
# sites have them. An entry that one source took no other takes.
SOURCES: Final[tuple[type[HistorySource], ...]] = (
    RawCaptures,
    WarcFiles,
    FeedItself,
    WordPress,
    OlderDocuments,
    Sitemaps,
    ArchivePages,
    WebArchive,
)


def chosen_sources(names: Collection[str]) -> tuple[type[HistorySource], ...]:
    """The sources of these *names*, none: all. Raises UsageError for a name that no source has."""
    known = [source.name for source in SOURCES]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(f"{name!r} is no source of history.{meant} There are: {', '.join(known)}.")
    return tuple(source for source in SOURCES if not names or source.name in names)


def searched_sources() -> tuple[type[Searched], ...]:
    """The sources that ask sites."""
    return tuple(source for source in SOURCES if issubclass(source, Searched))


def find_history(past: Past, names: Collection[str] = ()) -> Iterator[Job]:
    """The jobs of all sources for a past run, or of those of these *names*."""
    for source in chosen_sources(names):
        yield from (replace(job, source=source.name) for job in source(past).find())


def documents_of(past: Past, jobs: Sequence[Job]) -> Iterator[tuple[str, type[HistorySource], Documents]]:
    """(feed id, its source, its documents) of the *jobs* that name a source, source by source."""
    for source in SOURCES:
        if own := _of(source, jobs):
            yield from ((feed_id, source, documents) for feed_id, documents in source(past).documents(own))


def pages_of(past: Past, jobs: Sequence[Job]) -> Iterator[Capture]:
    """The pages of the *jobs* that name a source."""
    for source in SOURCES:
        if own := _of(source, jobs):
            yield from source(past).pages(own)


def _of(source: type[HistorySource], jobs: Sequence[Job]) -> list[Job]:
    return [job for job in jobs if job.source == source.name]
