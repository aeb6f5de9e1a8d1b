"""One page of the web as an article, got as a run would get it, and stored nowhere."""

from __future__ import annotations

import asyncio

from ingest.errors import IngestError
from ingest.records import Article, Entry, Page
from ingest.text.urls import canonical_url
from wirecopy.errors import UsageError
from wirecopy.feeds.options import extract_options, fetch_options
from wirecopy.settings import Settings


def get_article(settings: Settings, address: str) -> Article:
    """The article at *address*. UsageError if there is none, with the reason: robots.txt and opt-outs are obeyed."""
    try:
        return asyncio.run(_get_article(settings, canonical_url(address)))
    except (IngestError, ValueError) as error:
        raise UsageError(
            f"{address} gives no article ({error}). Save its text in a file, and name that instead."
        ) from error


async def _get_article(settings: Settings, address: str) -> Article:
    from ingest.fetch.fetch import Fetcher  # aiohttp: a text that comes from a file needs none
    from ingest.workers.workers import WorkerPool

    async with (
        Fetcher(fetch_options(settings), now=settings.clock) as fetcher,
        WorkerPool(extract_options(settings), publisher_of=str) as pool,
    ):
        page = await fetcher.get(address, kind="page")
        assert isinstance(page, Page)  # nothing conditional was sent
        entry = Entry(entry_key="", feed_id="", guid=None, link=address, title=None)
        return await pool.extract(page, entry, via="live")
