"""The arguments of the pipeline: the work of one shard, and its tools. ingest.pull re-exports these names."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ingest.errors import IngestError
from ingest.records import Article, Capture, Entry, Feed, NotModified, Page, Poll, Skipped, Span, Validators, Via

Decision = Literal["take", "known", "too_old", "outside", "deferred"]
DocumentKind = Literal["feed", "page", "sitemap", "json"]
"""What is asked for: it decides the Accept header, the cap on bytes, and whether opt-outs of text mining count."""
Hook = Callable[[Entry, str | None], None]  # with the fetch_id of the page


class Getter(Protocol):
    """ingest.fetch.fetch.Fetcher, or whatever else can get pages."""

    async def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        headers: Mapping[str, str] | None = None,
        kind: DocumentKind = "page",
    ) -> Page | NotModified:
        """The page, or NotModified if *validators* were sent and hold; raises FetchError."""
        ...

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that robots.txt of the site of *url* lists; raises FetchError."""
        ...


class Extractor(Protocol):
    """ingest.workers.workers.WorkerPool. It bounds by itself how many pages are in work at once."""

    async def extract(self, page: Page, entry: Entry, *, via: Via) -> Article:
        """The article of *page*; raises ExtractError."""
        ...


class Parser(Protocol):
    """`parse` of ingest.workers.workers.WorkerPool, which bounds by itself how many documents are in work at once."""

    async def __call__(self, page: Page, feed: Feed, *, now: datetime, reading: Reading | None = None) -> list[Entry]:
        """The entries of a feed document, or of a document of history if *reading* is given; raises ParseError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a document of history is read: by which reader, for which interval."""

    reader: str  # a name in ingest.history.readers.READERS
    interval: Span
    span: Span | None = None  # the time in which all that the document lists was published
    via: Via | None = None  # the source, as its entries keep it
    section: tuple[str, ...] = ()  # beginnings of the addresses that are meant (ingest.text.sections); none: all


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document that may list entries of a feed's past."""

    page: Page
    archived: bool = False  # in raw/ already; else it is archived before it is parsed
    reader: str | None = "feed"  # of a source of history: a name in READERS; None: a list of documents, without entries
    span: Span | None = None  # the time in which all that it lists was published, if its address tells
    complete: bool = False  # the source holds nothing of the interval behind this document
    section: tuple[str, ...] = ()  # what of it is the feed's (ingest.text.sections); none: all


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """The pages of a feed that a source brings are among the captures of the same work: they make one Search."""

    documents: int  # that the source read for them, or knew already


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBefore:
    """A feed document that another run has just read, and that lists nothing of the interval."""

    poll: Poll  # of that run


Filing = Callable[[Article, Entry], Article | Skipped]
"""Whether an article belongs where its entry was taken for; of another day, or without a date, it is Skipped."""
Documents = Callable[[Getter], AsyncGenerator[Found | Brought | ReadBefore | IngestError, None]]
"""Documents of one feed, one after the other, read lazily; an error is one of them. A search has no ReadBefore, and
only a search has Brought.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTask:
    """A feed to be polled."""

    feed: Feed
    validators: Validators = field(default_factory=Validators)  # empty: an unconditional GET, parsed in any case
    identity: str | None = None  # its guid state before this poll (ingest.feed.guids)
    documents: Documents | None = None  # read instead of a GET of the feed, each as a poll of its own
    via: Via | None = None  # how articles of these documents came; None: as in the run
    search: str | None = None  # the source of history that the documents are of: they make one Search, and no poll
    interval: Span = field(default_factory=Span)  # of that search
    exact: bool = False  # once it is complete, the feed has no article of the interval that it has not listed


def archived(page: Page) -> Documents:
    """The one document *page*, which is in raw/."""

    async def documents(_fetch: Getter) -> AsyncGenerator[Found | IngestError, None]:
        yield Found(page=page, archived=True)

    return documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The work of one shard."""

    feeds: Iterable[FeedTask] = ()
    entries: Sequence[Entry] = ()  # the retry queue: their pages are fetched without a look at their feeds
    captures: Iterable[Capture] = ()  # pages in raw/: extracted without network; read lazily
