"""What travels through the ingest room: feeds, entries, pages, articles, and why something was skipped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

Via = Literal["live", "raw", "feed", "sitemap", "warc", "wayback"]


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
    first_poll: str | None = None  # what it brings when it is new: all, new or 2d (feedkeys); None: as the setting says
    headers: Mapping[str, str] = field(default_factory=dict)  # sent with the feed's own requests only


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the last successful poll of a feed left for the next conditional GET."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None  # 32 hex of the decompressed body: equal → nothing to parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed document, as the feed tells it."""

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
    source_name: str | None = (
        None  # whose the entry says it is (RSS <source url>): aggregators name the publisher there
    )
    source_url: str | None = None

    @property
    def fields_hash(self) -> str:
        """32 hex over updated, title and summary: if it changes, the page is taken again."""
        updated = self.updated_at.isoformat() if self.updated_at else None
        return digest(json.dumps([updated, self.title, self.summary]))

    def to_json(self) -> str:
        """Everything needed to extract the page again without the feed."""
        return json.dumps({name: _plain(getattr(self, name)) for name in self.__slots__}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Entry:
        """The entry that `to_json` wrote."""
        fields: dict[str, Any] = json.loads(text)
        for name in ("published_at", "updated_at"):
            fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
        for name in ("authors", "tags"):
            fields[name] = tuple(fields[name])
        return cls(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one GET gave us, before anyone looks inside."""

    fetch_id: str  # 32 hex, random: names this capture for good
    url: str  # asked for
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A page or feed document together with what is needed to use it again without network."""

    kind: Literal["feed", "page"]
    feed_id: str
    page: Page
    entry: Entry | None = None  # None for a feed document


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
    moved_to: str | None = None  # where the server says that the feed has moved for good (301, 308)
    validators: Validators = Validators()  # what the next poll should send
    identity: str | None = None  # what is known of the feed's guids now (ingest.feed.guids); None: nothing was parsed


READ: Final = frozenset({"ok", "not_modified", "unchanged"})
"""Codes of polls that read their feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPull:
    """All that one feed gave in one run (or, with `poll` None, what the retry queue or raw gave)."""

    poll: Poll | None
    taken: tuple[Taken, ...] = ()


def digest(text: str) -> str:
    """32 hex of blake2b over the UTF-8 of *text*: the hash behind every id of the store."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def with_via(article: Article, via: Via) -> Article:
    """The same article, found another way."""
    return replace(article, via=via)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
