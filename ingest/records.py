"""The records of the ingest room: feeds, entries, pages, articles, polls, and reasons for skipped entries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from ingest import serial

Via = Literal["live", "raw", "feed", "sitemap", "wordpress", "paging", "template", "warc", "wayback"]


IMPORTED: Final = "warc:import"
"""feed_id of pages that came in an archive of others: no feed of feeds.toml can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed of feeds.toml."""

    id: str  # stable name chosen by the user, [a-z0-9._-]
    url: str
    publisher: str | None = None  # None: the registered domain of each page's host
    language: str | None = None  # BCP 47 primary tag, a hint where the text is too short to tell
    tags: tuple[str, ...] = ()
    every: timedelta = timedelta(minutes=15)
    first_poll: str | None = None  # how far back its first poll reaches: all, new or 2d; None: as in the settings
    headers: Mapping[str, str] = field(default_factory=dict)  # sent with the feed's own requests only
    history: tuple[str, ...] | None = None  # the sources of its past; None: all that it has, (): none
    archive: str | None = None  # address of its archive pages, with {yyyy}, {mm} and {dd}
    section: tuple[str, ...] | None = None  # beginnings of its articles' paths; None: learnt from what it shows
    secret: tuple[str, ...] = ()  # parameters of its address that nobody may see, beside the usual ones (text.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """Fields of a feed's last successful poll for the next conditional GET."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None  # 32 hex of the decompressed body: equal → nothing to parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open stretch of time `[start, end)`, aware UTC; None: open on that side."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed document, in the feed's words."""

    entry_key: str  # 32 hex: hash of the entry's own canonical link, else of feed_id + guid
    feed_id: str
    guid: str | None
    link: str | None
    title: str | None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published_at: datetime | None = None  # aware, UTC; None: no trustworthy date
    published_raw: str | None = None
    updated_at: datetime | None = None  # aware, UTC
    language: str | None = None
    source_name: str | None = None  # the publisher that an aggregator's entry names (RSS <source url>)
    source_url: str | None = None
    hint: Span | None = None  # by a source of history: when it was published, roughly; it only excludes
    via: Via | None = None  # the source of history that listed it; None: its feed did

    @property
    def fields_hash(self) -> str:
        """32 hex over updated, title and summary: if it changes, the page is taken again."""
        updated = self.updated_at.isoformat() if self.updated_at else None
        return digest(json.dumps([updated, self.title, self.summary]))

    def to_json(self) -> str:
        """Everything needed to extract the page again without the feed."""
        return serial.to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Entry:
        """The entry that `to_json` wrote. Raises ValueError."""
        return serial.from_json(cls, text)


class Entries(list[Entry]):
    """The entries of a document, in its order."""

    beyond: int = 0  # how many more it has than were read
    outside: int = 0  # how many more it has that cannot lie in the interval: counted where they were read
    whole: bool = True  # False: a document that it leads to could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The response to one GET, not yet parsed."""

    fetch_id: str  # 32 hex, random: names this capture for good
    url: str  # as requested
    final_url: str  # after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case, one value each
    body: bytes  # decompressed, never more than the fetch cap
    fetched_at: datetime  # aware, UTC
    moved_to: str | None = None  # where unbroken 301 and 308 redirects led from `url`; not kept in raw

    @property
    def body_hash(self) -> str:
        """32 hex of the body."""
        return hashlib.blake2b(self.body, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A conditional GET was answered 304."""

    url: str
    fetched_at: datetime  # aware, UTC
    moved_to: str | None = None  # as of Page
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)  # as of Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRequest:
    """What a feed and its server ask of whoever polls it."""

    pause: timedelta = timedelta()  # until the next poll, at least; capped
    quiet_hours: frozenset[int] = frozenset()  # of the day, UTC: no poll then
    quiet_days: frozenset[int] = frozenset()  # of the week, Monday 0: no poll then
    hub: str | None = None  # WebSub: who would tell of news


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A page or feed document with all that is needed to use it again without network."""

    kind: Literal["feed", "page", "history"]  # history: a document of a source of history
    feed_id: str
    page: Page
    entry: Entry | None = None  # None for a document
    published_at: datetime | None = None  # aware, UTC: by the page itself, of an entry that has no date of its own
    archived: bool = True  # in raw/; False: a page that a source of history brings, archived before it is extracted
    via: Via | None = None  # how it came; None: as its entry says, else raw, or warc if it was imported


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The extracted text of one page. A function of (page, entry, feed list, extractor version)."""

    article_id: str  # 32 hex of the hash of canonical_url
    entry_key: str
    url: str  # after redirects
    canonical_url: str
    source: str  # hostname of canonical_url
    publisher: str
    feed_id: str
    guid: str | None
    title: str | None
    authors: tuple[str, ...]
    agency: str | None  # credited wire, e.g. "AP"
    dateline: str | None
    published_at: datetime | None  # aware, UTC
    published_source: str | None  # jsonld, meta, feed, …
    published_precision: str | None  # second, minute, day
    published_raw: str | None
    modified_at: datetime | None  # aware, UTC
    fetched_at: datetime  # aware, UTC
    language: str | None
    language_score: float | None  # 0..1
    description: str | None
    text: str
    word_count: int
    content_hash: str  # 32 hex of the normalised text
    image_url: str | None
    tags: tuple[str, ...]
    license: str | None
    tdm_reservation: bool | None
    paywalled: bool | None
    http_status: int
    extractor: str
    extractor_version: str
    via: Via
    fetch_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An entry that did not become an article in this attempt, and why."""

    code: str  # one of ingest.errors.CODES
    retryable: bool  # False: terminal, the entry is known from now on
    detail: str  # a sentence for people
    url: str | None = None  # where it happened, after redirects
    http_status: int | None = None
    fetch_id: str | None = None  # the capture, if there is one in raw
    wait: timedelta | None = None  # how long the host wants to be left alone (Retry-After)
    published_at: datetime | None = None  # aware, UTC: by the page, of an article of another day


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One entry that was tried, and its end."""

    entry: Entry
    result: Article | Skipped
    tried_at: datetime  # aware, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One look at one feed: every entry seen is counted once."""

    feed_id: str
    url: str
    final_url: str | None
    polled_at: datetime  # aware, UTC
    code: str  # "ok", "not_modified", "unchanged" (same body), or one of ingest.errors.CODES
    detail: str = ""
    http_status: int | None = None
    fetch_id: str | None = None  # the captured document, if the body was new
    bytes: int = 0
    entries: int = 0  # parsed
    taken: int = 0
    known: int = 0
    too_old: int = 0
    outside: int = 0  # of a past run's interval
    repeated: int = 0  # twice in the same document or in one run
    deferred: int = 0  # left for a later run: beyond the budget, or changed, but taken again too recently
    oldest_left: datetime | None = None  # published_at of the entries too_old, outside or deferred
    newest_left: datetime | None = None
    oldest: datetime | None = None  # published_at of all entries of the document
    newest: datetime | None = None
    milliseconds: int = 0
    retry_after: timedelta | None = None
    moved_to: str | None = None  # where permanent redirects (301, 308) of the feed lead
    validators: Validators = Validators()  # what the next poll should send
    identity: str | None = None  # updated guid state of the feed (ingest.feed.guids); None: nothing was parsed
    request: PollRequest | None = None  # None: the feed was not read, or from an archive


READ: Final = frozenset({"ok", "not_modified", "unchanged"})
"""Codes of polls that read their feed."""
DEFERRED: Final = "deferred"
"""Code of polls and outcomes that were left to the next run, because their host had had its time."""


def is_deferred(result: Article | Skipped) -> bool:
    """Whether an entry was left to the next run."""
    return isinstance(result, Skipped) and result.code == DEFERRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One source of history, read for one feed and one interval: every entry seen is counted once."""

    feed_id: str
    source: str  # HistorySource.name
    searched_at: datetime  # aware, UTC
    code: str = "ok"  # or that of the last error: one of ingest.errors.CODES
    detail: str = ""
    complete: bool = False  # the source holds nothing more of the interval
    documents: int = 0  # read, from the network or raw/
    requests: int = 0  # that they cost
    failed: int = 0  # documents that could not be read
    bytes: int = 0
    entries: int = 0  # listed
    taken: int = 0
    known: int = 0
    outside: int = 0  # of the interval, by their date or hint
    undated: int = 0  # with neither date nor hint: left alone
    repeated: int = 0  # twice in one document or in one run
    deferred: int = 0  # beyond the budget of the run
    milliseconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPull:
    """What one feed gave in one run, or the last piece of it; with `poll` None what the retry queue or raw gave, or an
    earlier piece of what a feed gave.
    """

    poll: Poll | None
    taken: tuple[Taken, ...] = ()
    before: int = 0  # entries that earlier pieces of this feed hold: they and *taken* are what the poll calls taken
    documents: tuple[str, ...] = ()  # fetch_ids of documents of history
    search: Search | None = None  # in the last piece of a source of history, as `poll` in that of a feed


def digest(text: str) -> str:
    """32 hex of blake2b over the UTF-8 of *text*: the hash behind every id of the store."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
