"""Sources of history asked directly, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from ingest.errors import IngestError
from ingest.feed.parse import parse_feed
from ingest.fetch.fetch import Fetcher
from ingest.records import Entry, Feed
from ingest.work import Found
from tests.ingest.fetching import NOW, fetcher


def asking(ask: Callable[[Fetcher], Awaitable[Any]]) -> Any:
    """What *ask* gives, with a fetcher that may reach loopback and does not wait."""

    async def asked() -> Any:
        async with fetcher() as fetch:
            return await ask(fetch)

    return asyncio.run(asked())


async def read(documents: AsyncGenerator[Found | IngestError, None]) -> list[Found | IngestError]:
    """All of *documents*."""
    return [document async for document in documents]


def entries(feed: Feed, documents: list[Found | IngestError]) -> list[Entry]:
    """All entries that *documents* list."""
    pages = [document.page for document in documents if isinstance(document, Found)]
    return [entry for page in pages for entry in parse_feed(page, feed, now=NOW)]
