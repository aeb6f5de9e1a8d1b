"""Where an article belongs whose entry had no date: the page's own date decides, or there is none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ingest.history.hints import holds
from ingest.page.dating.address import day_in_address
from ingest.records import Article, Entry, Skipped, Span

OWN: Final = frozenset({"jsonld", "meta", "time", "text", "feed"})  # published_source: the page's or the feed's word
GUESSED: Final = "htmldate"  # believed if the day in the address is near
NEAR: Final = timedelta(days=1)  # the day in an address is local


def filed(article: Article, entry: Entry, interval: Span | None) -> Article | Skipped:
    """*article*, if its date can be trusted and lies in *interval* (None: anywhere); else the outcome `undated` or
    `another_day`. An entry that came with a date was decided before the fetch.
    """
    if entry.hint is None or entry.published_at:
        return article
    if article.published_at is None or not _is_trusted(article, article.published_at):
        return _skipped(article, "undated", "neither the list nor the page says when it was published")
    if interval and not holds(interval, article.published_at):
        day = article.published_at.date()
        return _skipped(article, "another_day", f"published on {day}: the run of that day takes this capture")
    return article


def _is_trusted(article: Article, published: datetime) -> bool:
    if article.published_source != GUESSED:
        return article.published_source in OWN
    named = day_in_address(article.url)
    return named is not None and abs(published.date() - named) <= NEAR


def _skipped(article: Article, code: str, detail: str) -> Skipped:
    """An article of another day can still be taken: by that day's run."""
    return Skipped(
        code=code,
        retryable=code == "another_day",
        detail=f"{article.url}: {detail}",
        url=article.url,
        http_status=article.http_status,
        fetch_id=article.fetch_id,
        published_at=article.published_at if code == "another_day" else None,
    )
