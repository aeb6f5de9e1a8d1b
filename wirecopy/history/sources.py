"""The registry of sources of history. A new source is a module with a HistorySource, and its name in SOURCES."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ingest.records import Capture
from ingest.work import Documents
from wirecopy.history.feeditself import FeedItself
from wirecopy.history.paging.source import OlderDocuments
from wirecopy.history.rawcaptures import RawCaptures
from wirecopy.history.sitemap import Sitemaps
from wirecopy.history.source import HistorySource, Past
from wirecopy.history.template import ArchivePages
from wirecopy.history.warc.source import WarcFiles
from wirecopy.history.wayback.source import WebArchive
from wirecopy.history.wordpress.source import WordPress
from wirecopy.store.staging.plans import Job

# In the order in which they are read: sources without requests first, then by how many sites have them. An entry that
# one source took no other takes.
SOURCES: Final[tuple[type[HistorySource], ...]] = (
    RawCaptures,
    WarcFiles,
    FeedItself,
    Sitemaps,
    WordPress,
    OlderDocuments,
    ArchivePages,
    WebArchive,
)


def find_history(past: Past) -> Iterator[Job]:
    """The jobs of all sources for a past run."""
    for source in SOURCES:
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
