"""The measured work: the fetcher alone, a live run's steps, and trafilatura alone on the same pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from bench.ingest.measuring import Counter
from bench.pages import Pages
from wirecopy import steps

AT_ONCE: Final = 64  # pages: as many as ingest.pull has in flight, 16 feeds with 4 pages each
PROCESSES: Final = 2  # of bare trafilatura
CHUNK: Final = 50  # pages handed to one of them at once


def fetch_all(counter: Counter, urls: Sequence[str]) -> float:
    """CPU seconds of getting every page as a pull task gets it: robots.txt, tdmrep.json, gate and guard included.

    Connecting to each host and reading its robots.txt are counted; starting the interpreter and imports are not.
    """
    from ingest.fetch.fetch import Fetcher  # noqa: F401  aiohttp, protego: imported here, not counted below
    from wirecopy.settings import load_settings
    from wirecopy.store.feeds.state import State
    from wirecopy.store.files.layout import layout_of

    settings = load_settings()
    state = State.open(layout_of(settings).make(), settings.state_url)
    start = time.process_time()
    try:
        asyncio.run(_fetch_all(counter, urls, settings, state))
    finally:
        state.close()
    return time.process_time() - start


async def _fetch_all(counter: Counter, urls: Sequence[str], settings: Any, state: Any) -> None:
    from ingest.fetch.fetch import Fetcher
    from wirecopy.feeds.options import fetch_options
    from wirecopy.store.feeds.wellknown import StateFileCache

    waiting = iter(urls)
    options = fetch_options(settings)
    async with Fetcher(options, rate_limiter=state, now=settings.clock, file_cache=StateFileCache(state)) as fetcher:

        async def worker() -> None:
            for url in waiting:
                counter.value += await _got(fetcher, url)

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def _got(fetcher: Any, url: str) -> int:
    """1: a page that reserves text and data mining was fetched as well."""
    from ingest.errors import TdmOptOut

    with suppress(TdmOptOut):
        await fetcher.get(url)
    return 1


def live_run(counter: Counter, end: datetime) -> dict[str, int]:
    """plan, pull and publish of one live interval, as `wirecopy run` goes through them; the outcomes."""
    planned = steps.plan(
        kind="live", run_id="bench", start=(end - timedelta(minutes=15)).isoformat(), end=end.isoformat()
    )

    def progress(tried: int) -> None:
        counter.value += tried

    counts = [steps.pull(**shard, progress=progress) for shard in planned["shards"]]
    report = steps.publish(run=planned["run"], pulled=counts)
    steps.verdict(run=planned["run"], report=report)
    return dict(report["outcomes"])


def bare(pages: Pages, numbers: Sequence[int], *, fast: bool = False) -> float:
    """CPU seconds of trafilatura's bare_extraction with metadata; making the pages and the imports are not counted."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        parts = [numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK)]
        return sum(pool.map(_bare_part, [pages] * len(parts), parts, [fast] * len(parts)))


def _bare_part(pages: Pages, numbers: Sequence[int], fast: bool) -> float:
    import logging

    from trafilatura import bare_extraction

    logging.disable(logging.CRITICAL)
    spent = 0.0
    for number in numbers:
        body = pages.body(number)
        start = time.process_time()
        bare_extraction(body, url=f"https://farm.example/page/{number}", with_metadata=True, fast=fast)
        spent += time.process_time() - start
    return spent


def chunks(numbers: Sequence[int], parts: int) -> Iterator[Sequence[int]]:
    """*numbers* dealt out into *parts*."""
    yield from (numbers[start::parts] for start in range(parts))


def environment(feeds: Path, data: Path, now: datetime) -> dict[str, str]:
    """The settings of a production run, but no gap between two requests to one host, and all addresses on loopback."""
    return {
        "WIRECOPY_FEEDS": str(feeds),
        "WIRECOPY_DATA": str(data),
        "WIRECOPY_NOW": now.isoformat(),
        "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8",
        "WIRECOPY_HOST_GAP": "0",
    }
