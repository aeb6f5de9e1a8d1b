"""What a source of history is to a past run. Each source is a module with one such class; sources.py lists them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from ingest.records import Capture, Feed, Via
from ingest.work import Documents
from wirecopy.schedule import Interval
from wirecopy.settings import Settings
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.plans import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a past run is about, and what a source may look at."""

    settings: Settings
    layout: Layout
    state: State
    interval: Interval  # of publication
    now: datetime
    feeds: Mapping[str, Feed]  # by id: those of the list, where they are to be asked now
    only: Collection[str] = ()  # ids of the feeds that the run is limited to; empty: it is for all, listed or not

    def concerns(self, feed_id: str) -> bool:
        """Whether the run is for this feed."""
        return not self.only or feed_id in self.only


class HistorySource(Protocol):
    """One place where the past may be found. It is made twice for a run: to find, in the plan, and to read, in a shard.

    A run can be killed at any moment and comes again. Documents are archived before they are parsed, and RawCaptures
    finds what is archived, so a source need not remember what it has read. Of a document those entries are taken that
    were published inside the interval; RawCaptures brings it to the runs of the others.
    """

    name: ClassVar[str]  # in plans
    via: ClassVar[Via]  # how its articles came

    def __init__(self, past: Past) -> None: ...

    def find(self) -> Iterator[Job]:
        """What the source has for the run, in the order in which to read it; each job with its host, whose turn it is.
        Quick: without a request, or with few per feed.
        """
        ...

    def documents(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Documents]]:
        """(feed id, its documents) for *jobs* of kind feed and document, read as they are asked for, so that memory
        holds few.
        """
        ...

    def pages(self, jobs: Sequence[Job]) -> Iterator[Capture]:
        """The pages of *jobs* of kind page, with their entries, without a request; read as they are asked for."""
        ...
