"""The ingest room's errors and the stable outcome codes.

IngestError
├── FeedListError        feeds.toml is wrong: file, line, what to do
├── FetchError           a feed or page could not be had
│   ├── RefusedAddress   private, loopback or link-local target, or a scheme other than http(s)
│   ├── RobotsDisallowed robots.txt forbids it
│   ├── RobotsUnavailable robots.txt could not be read, so nothing is allowed for a while
│   ├── Reserved         the publisher reserves text and data mining
│   ├── FetchTimeout     the total deadline passed
│   ├── TooLarge         more bytes than the cap, before or after decompression
│   ├── HttpStatus       an answer other than 200 or 304
│   └── ConnectFailed    DNS, TCP, TLS, or a broken answer
├── Deferred             the host, or the pages of it, had their time of this run: a later run goes on
├── ParseError           a feed document that is no feed
│   ├── SitemapIndex     a list of sitemaps, which must be fetched first
│   ├── ParseTimeout     over its CPU deadline
│   └── ParseCrashed     the worker process died on this document
└── ExtractError         a page that gives no article
    ├── NoText           nothing like an article on the page
    ├── Paywall          the part that is free to read, and an offer for the rest
    ├── ConsentWall      a question about cookies in place of the article
    ├── RobotCheck       a question whether the reader is a person
    ├── IndexPage        a front page or a list of articles
    ├── NotHtml          another media type
    ├── ExtractTimeout   over its CPU deadline
    └── ExtractCrashed   the worker process died on this page
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final


class IngestError(Exception):
    """An error of the ingest room; `code` is stable and is kept in the ledger."""

    code = "error"
    retryable = False

    def __str__(self) -> str:
        return ": ".join(str(arg) for arg in self.args if arg not in (None, ""))


class FeedListError(IngestError):
    """feeds.toml is wrong; the message names file, line and the next step."""

    code = "feed_list"


class FetchError(IngestError):
    """A feed or page could not be had; the cause is chained (`raise ... from error`)."""

    code = "fetch"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)  # args kept: survives pickling
        self.url, self.reason = url, reason


class RefusedAddress(FetchError):
    """The address guard said no."""

    code = "refused_address"


class RobotsDisallowed(FetchError):
    """robots.txt forbids this path for our user agent."""

    code = "robots"


class RobotsUnavailable(FetchError):
    """robots.txt was answered by 5xx or 429: RFC 9309 forbids everything until it can be read."""

    code = "robots_unavailable"
    retryable = True


class TdmOptOut(FetchError):
    """The publisher reserves text and data mining, and we obey."""

    code = "reserved"


class FetchTimeout(FetchError):
    """The total wall-clock deadline of one request passed."""

    code = "timeout"
    retryable = True


class TooLarge(FetchError):
    """More bytes than the cap."""

    code = "too_large"


class ConnectFailed(FetchError):
    """No connection, or one that broke."""

    code = "connect"
    retryable = True


class HttpStatus(FetchError):
    """An answer other than 200 or 304. Only 410 says that a retry cannot help."""

    def __init__(self, url: str, reason: str, status: int = 0, retry_after: timedelta | None = None) -> None:
        super().__init__(url, reason)
        self.args = (url, reason, status, retry_after)
        self.status, self.retry_after = status, retry_after
        self.code = "http_5xx" if status >= 500 else "http_4xx" if status >= 400 else "http_3xx"
        self.retryable = status != 410

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


class Deferred(IngestError):
    """Its host had its share of this run: no fault of the page, a later run goes on."""

    code = "deferred"
    retryable = True

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url, self.reason = url, reason


class BudgetSpent(Deferred):
    """A source of history used up the requests of its feed in this run."""


class ParseError(IngestError):
    """A document that gives no entries because it is no feed."""

    code = "not_a_feed"
    retryable = True


class SitemapIndex(ParseError):
    """A list of sitemaps: they must be fetched before there are entries."""

    def __init__(self, url: str, sitemaps: Sequence[str]) -> None:
        super().__init__(url, tuple(sitemaps))  # args kept: survives pickling
        self.url, self.sitemaps = url, tuple(sitemaps)

    def __str__(self) -> str:
        return f"{self.url}: a sitemap index that lists {len(self.sitemaps)} sitemaps, none of which gave news"


class ParseTimeout(ParseError):
    """Reading a feed document went over its deadline and was killed."""

    code = "parse_timeout"


class ParseCrashed(ParseError):
    """The worker process died while it had this feed document."""

    code = "parse_crashed"


class ExtractError(IngestError):
    """A page that gives no article."""

    code = "extract"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url, self.reason = url, reason


class NoText(ExtractError):
    """Nothing like an article on the page."""

    code = "no_text"
    retryable = True


class Paywall(ExtractError):
    """The page shows the free part of an article, and an offer for the rest. Another try gives the same."""

    code = "paywall"


class ConsentWall(ExtractError):
    """The page asks for consent to cookies instead of showing the article. That depends on the request: try again."""

    code = "consent"
    retryable = True


class RobotCheck(ExtractError):
    """The page asks whether the reader is a person."""

    code = "robot_check"
    retryable = True


class IndexPage(ExtractError):
    """A front page or a list of articles; old links are often redirected to one."""

    code = "index_page"


class NotHtml(ExtractError):
    """The page is another media type."""

    code = "not_html"


class ExtractTimeout(ExtractError):
    """Extraction went over its deadline and was killed."""

    code = "extract_timeout"
    retryable = True


class ExtractCrashed(ExtractError):
    """The worker process died while it had this page."""

    code = "crashed"
    retryable = True


CODES: Final[dict[str, str]] = {
    "robots": "robots.txt forbids it",
    "robots_unavailable": "robots.txt could not be read, so nothing may be fetched for a while",
    "reserved": "the publisher reserves text and data mining (TDMRep or noai), so the page is not kept",
    "refused_address": "the target address is private, loopback or link-local",
    "timeout": "the request exceeded its total deadline",
    "too_large": "the body has more bytes than allowed",
    "connect": "there was no connection (DNS, TCP, TLS), or the answer broke off",
    "http_3xx": "a redirect could not be followed",
    "http_4xx": "the server refused, or has no such page",
    "http_5xx": "the server failed",
    "not_a_feed": "the document is not a feed",
    "parse_timeout": "reading the feed document exceeded its deadline",
    "parse_crashed": "the process crashed while it read the feed document",
    "no_link": "the entry names no page",
    "aggregator": "the entry leads to an aggregator, a discussion or a post without a link to an article",
    "not_html": "the page has another media type",
    "no_text": "the page has no article text",
    "paywall": "the page shows only the free part of an article, with an offer for the rest",
    "consent": "the page asks for consent to cookies instead of showing the article",
    "robot_check": "the page asks whether the reader is a person",
    "index_page": "the page is a front page or a list of articles",
    "extract_timeout": "extraction exceeded its deadline",
    "crashed": "the process crashed while it read this page",
    "forgotten": "the page was removed on request, and a tombstone keeps it out",
    "interrupted": "the process ended before it came to this page",
    "resting": "a source of history refused, and is left alone for a while",
    "archive": "an archive of other crawlers could not be read, so nothing is known of what it holds",
    "another_day": "the page was published on another day than the run asks for; its capture waits for that day's run",
    "undated": "neither the list nor the page says when it was published, so a backfill files it under no day",
    "deferred": "its host had its time of this run, and the next run goes on with it",
}
"""Outcome codes of entries that did not become an article (and of polls that failed), with their meaning.
The store adds stored, revised, unchanged and already_stored for those that did."""
