"""The protocol of a source of history. Each source is a module with one such class; sources.py lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from ingest.records import Capture, Feed, Page, Via
from ingest.work import Documents
from wirecopy.history.once import Once
from wirecopy.schedule import Interval
from wirecopy.settings import Settings
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout
from wirecopy.store.staging.plans import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A past run, as its sources see it."""

    settings: Settings
    layout: Layout
    state: State
    interval: Interval  # of publication
    now: datetime
    feeds: Mapping[str, Feed]  # by id: those of the list, at their present addresses
    spent: Counter[str] = field(default_factory=Counter)  # requests for history by feed id: Settings.history_requests
    shown: Once[Page] = field(default_factory=Once)  # what each feed shows, whoever asks
    lists: Once[Page] = field(default_factory=Once)  # by URL: what feeds of one site share
    unread: dict[str, Callable[[], Page | None]] = field(default_factory=dict)  # shown, by feed id, as raw/ has it
    posts: Once[Any] = field(default_factory=Once)  # where a WordPress lists its posts, for two sources
    # (source, URL, section): feeds of one site share them
    places_read: set[tuple[str, str, tuple[str, ...]]] = field(default_factory=set)


class HistorySource(Protocol):
    """One source of past articles. It is made twice for a run: in the plan, to find jobs, and in a shard, to read them.

    A run can be killed at any moment and is repeated. Documents are archived before they are parsed, and RawCaptures
    finds archived ones, so a source need not remember its progress. Entries of a document are taken if they were
    published inside the interval; RawCaptures offers the document to the runs of its other entries.
    """

    name: ClassVar[str]  # in plans
    via: ClassVar[Via]  # how its articles came
    exact: ClassVar[bool] = False  # a complete search has every article of the interval, with its instant
    searches: ClassVar[bool] = False  # its documents of a feed make one Search (searched.py), instead of a poll each

    def __init__(self, past: Past) -> None: ...

    def find(self) -> Iterator[Job]:
        """The source's jobs for the run, in the order in which to read them, each with its host.

        Quick: without a request, or with few per feed.
        """
        ...

    def documents(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Documents]]:
        """(feed id, its documents) for *jobs* of kind feed, document and history, read lazily: memory holds few."""
        ...

    def pages(self, jobs: Sequence[Job]) -> Iterator[Capture]:
        """The pages of *jobs* of kind page, with their entries, without a request; read lazily."""
        ...
