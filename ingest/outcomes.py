"""Turns answers and errors into records: polls, and skipped entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ingest.errors import IngestError
from ingest.feed.pollrequest import poll_request, request_of_headers
from ingest.records import Entry, Feed, NotModified, Page, Poll, Search, Skipped, Span, Validators
from ingest.text.aggregators import named_source
from ingest.text.secrets import hide_secrets
from ingest.work import FeedTask


def seen(poll: Poll, document: Page | NotModified, task: FeedTask, *, archived: bool = False) -> Poll:
    """The poll with the fields of the answer; code "ok" means that the document is to be parsed.

    One that is *archived*, or lies at another address than the feed, says nothing about the feed's next answer.
    """
    if isinstance(document, NotModified):
        asked = request_of_headers(document.headers, now=document.fetched_at)
        return replace(poll, code="not_modified", http_status=304, moved_to=document.moved_to, request=asked)
    poll = replace(
        poll,
        final_url=document.final_url,
        http_status=document.status,
        bytes=len(document.body),
        moved_to=document.moved_to,
    )
    if archived or document.url != task.feed.url:
        return replace(poll, fetch_id=document.fetch_id)
    etag, last_modified = document.headers.get("etag"), document.headers.get("last-modified")
    poll = replace(poll, request=poll_request(document))
    fresh = Validators(etag=etag, last_modified=last_modified, body_hash=document.body_hash)
    if document.body_hash == task.validators.body_hash:
        return replace(poll, code="unchanged", validators=fresh)
    return replace(poll, fetch_id=document.fetch_id, validators=fresh)


def read_before(poll: Poll, polled_at: datetime) -> Poll:
    """The poll of a document that lists nothing of the interval, by the *poll* of another run that has read it."""
    return replace(
        poll, polled_at=polled_at, taken=0, known=0, too_old=0, repeated=0, outside=poll.entries - poll.deferred,
        oldest_left=poll.oldest, newest_left=poll.newest, milliseconds=0, validators=Validators(), identity=None,
        request=None,
    )  # fmt: skip


def lists_nothing_of(poll: Poll, interval: Span) -> bool:
    """Whether a document was read, and all entries that have a date lie outside of *interval*."""
    if poll.code != "ok" or (poll.entries == 0 and poll.deferred):
        return False
    begins, ends = poll.oldest, poll.newest
    before = ends is not None and interval.start is not None and ends < interval.start
    after = begins is not None and interval.end is not None and begins >= interval.end
    return begins is None or before or after


def failed(poll: Poll, error: IngestError, validators: Validators) -> Poll:
    """Mark the poll failed. Fields already filled are kept; *validators* go back to the old ones."""
    status = getattr(error, "status", None) or poll.http_status
    wait = getattr(error, "retry_after", None)
    return replace(
        poll, code=error.code, detail=str(error), http_status=status, retry_after=wait, validators=validators
    )


def skipped(error: IngestError, url: str, page: Page | None = None) -> Skipped:
    """The failure as a value."""
    return Skipped(
        code=error.code,
        retryable=error.retryable,
        detail=str(error),
        url=getattr(error, "url", None) or url,
        http_status=page.status if page else getattr(error, "status", None),
        fetch_id=page.fetch_id if page else None,
        wait=getattr(error, "retry_after", None),
    )


def aggregator(entry: Entry, url: str, whose: str, page: Page | None = None) -> Skipped:
    """No article can be reached: *url* is a page of *whose*, an aggregator or a network of posts."""
    return Skipped(
        code="aggregator",
        retryable=False,
        url=url,
        fetch_id=page.fetch_id if page else None,
        http_status=page.status if page else None,
        detail=f"{url} is of {whose}, shows no article and leads to none. {named_source(entry)}",
    )


def date_range(entries: Iterable[Entry]) -> tuple[datetime | None, datetime | None]:
    """(oldest, newest) of the dates that the entries have; None if none has one."""
    dates = [entry.published_at for entry in entries if entry.published_at]
    return min(dates, default=None), max(dates, default=None)


def without_secrets(page: Page, feed: Feed) -> Page:
    """The document as it is archived: its addresses without passwords and tokens."""
    return replace(
        page, url=hide_secrets(page.url, feed.secret), final_url=hide_secrets(page.final_url, feed.secret),
    )  # fmt: skip


def search_without_secrets(search: Search, feed: Feed) -> Search:
    """The search as it is kept."""
    return replace(search, detail=hide_secrets(search.detail, feed.secret))


def poll_without_secrets(poll: Poll, feed: Feed) -> Poll:
    """The poll as it is kept. A feed whose address holds a secret is asked where the list says: another address would
    have to be kept with it.
    """
    url, final = hide_secrets(poll.url, feed.secret), poll.final_url and hide_secrets(poll.final_url, feed.secret)
    known = url == poll.url and (poll.moved_to is None or hide_secrets(poll.moved_to, feed.secret) == poll.moved_to)
    return replace(
        poll, url=url, final_url=final, detail=hide_secrets(poll.detail, feed.secret),
        moved_to=poll.moved_to if known else None,
    )  # fmt: skip
