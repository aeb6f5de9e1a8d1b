"""Articles for a bench's store: rows with the columns that the bench needs, and their commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ingest.records import digest
from wirecopy.store.articles.commit import commit_articles, committing
from wirecopy.store.articles.numbers import finish
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.schema import ARTICLES


def commit(layout: Layout, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """One finished commit of *rows*."""
    with committing(layout):
        committed = commit_articles(layout, rows, now=now)
        finish(layout, committed.seq)


def a_row(name: str, at: datetime, **told: Any) -> dict[str, Any]:
    """A row of articles for an article *name*, published and captured *at*; *told*: its text and what else differs."""
    key = digest(name)
    row: dict[str, Any] = dict.fromkeys(ARTICLES.names)
    return row | {
        "article_id": key,
        "entry_key": key,
        "url": f"https://{key}.example/{name}",
        "canonical_url": f"https://{key}.example/{name}",
        "published_at": at,
        "first_seen_at": at,
        "fetched_at": at,
        "last_fetched_at": at,
        "content_hash": key,
        "extractor_version": "bench",
        "fetch_id": key,
        "run_id": "bench",
        "interval_start": at,
        "authors": [],
        "tags": [],
        "revision": 0,
    } | told  # fmt: skip
