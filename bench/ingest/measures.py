"""Each thing that is measured: its pages, CPU and wall seconds, and memory."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

import psutil

from bench.farm import page_body

AT_ONCE = 64  # requests that the fetcher bench keeps under way, as 16 feeds of 4 pages do
TENTHS = 10
EVERY = 0.5  # seconds between two looks at memory


@dataclass(slots=True)
class Measured:
    """What one run took."""

    pages: int = 0
    cpu: float = 0.0  # seconds, of all processes that belong to it
    wall: float = 0.0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    memory: Sequence[float] = ()  # MB, the largest of each tenth of the run

    @property
    def rate(self) -> float:
        """Pages per CPU second."""
        return self.pages / self.cpu

    def cells(self) -> tuple[str, ...]:
        """As a row of a table."""
        return f"{self.pages:,}", f"{self.cpu:.1f}", f"{self.wall:.1f}", f"{self.rate:,.1f}"


def fetch(urls: Sequence[str]) -> Measured:
    """The fetcher alone, with robots.txt, guard and turns as in a run, without a gap."""
    with _clock() as measured:
        measured.pages = asyncio.run(_fetch_all(urls))
    return measured


async def _fetch_all(urls: Sequence[str]) -> int:
    from ingest.fetch import Fetcher
    from ingest.options import FetchOptions

    options = FetchOptions(
        user_agent="bench/1.0",
        allow_networks=(ip_network("127.0.0.0/8"),),
        host_gap=timedelta(),
        host_connections=4,
        obey_tdm=False,
    )
    waiting = iter(urls)
    async with Fetcher(options) as fetcher:

        async def worker() -> int:
            done = 0
            for url in waiting:
                await fetcher.get(url)
                done += 1
            return done

        return sum(await asyncio.gather(*(worker() for _ in range(AT_ONCE))))


def live_run(feeds: Path, data: Path, newest: datetime) -> Measured:
    """The steps of a live run: plan, pull of each shard, publish."""
    from wirecopy import steps

    os.environ |= {
        "WIRECOPY_FEEDS": str(feeds), "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8", "WIRECOPY_DATA": str(data),
        "WIRECOPY_NOW": newest.isoformat(), "WIRECOPY_HOST_GAP": "0", "WIRECOPY_PAGES_PER_FEED": "100000",
        "WIRECOPY_OBEY_TDM": "false",
    }  # fmt: skip
    interval = {"start": (newest - timedelta(minutes=15)).isoformat(), "end": newest.isoformat()}
    with _clock() as measured, _watched(measured):
        planned = steps.plan(kind="live", run_id="bench", **interval)
        counts = [steps.pull(**shard) for shard in planned["shards"]]
        measured.outcomes = steps.publish(run=planned["run"], pulled=counts)["outcomes"]
    measured.pages = sum(measured.outcomes.values())
    return measured


def trafilatura(bodies: Sequence[bytes]) -> Measured:
    """`bare_extraction` with metadata, comments left out, in a process per core."""
    cores = os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with _clock() as measured, context.Pool(cores) as pool:
        spent = pool.map(_bare, [bodies[core::cores] for core in range(cores)])
        pool.close()
        pool.join()
    measured.pages, measured.cpu = len(bodies), sum(spent)
    return measured


def _bare(bodies: Sequence[bytes]) -> float:
    """CPU seconds of all *bodies*, without what the first page loads."""
    import logging

    from trafilatura import bare_extraction

    logging.disable(logging.CRITICAL)
    bare_extraction(bodies[0], with_metadata=True, include_comments=False)
    began = time.process_time()
    for body in bodies:
        bare_extraction(body, with_metadata=True, include_comments=False)
    return time.process_time() - began


def made_up(number: int) -> bytes:
    """A page of the farm where no real ones are."""
    return page_body(f"/page/{number}/0")


@contextmanager
def _clock() -> Iterator[Measured]:
    """Wall seconds, and CPU seconds of this process and of its children that ended meanwhile."""
    measured = Measured()
    wall, cpu = time.monotonic(), _cpu()
    yield measured
    measured.wall, measured.cpu = time.monotonic() - wall, _cpu() - cpu


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@contextmanager
def _watched(measured: Measured) -> Iterator[None]:
    """Looks at the memory of this process and its children, without those that there were before (the server)."""
    me, seen, stop = psutil.Process(), list[float](), threading.Event()
    others = {child.pid for child in me.children(recursive=True)}

    def look() -> None:
        while not stop.wait(EVERY):
            seen.append(sum(_resident(one) for one in [me, *me.children(recursive=True)] if one.pid not in others))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    edges = [len(seen) * tenth // TENTHS for tenth in range(TENTHS + 1)]
    measured.memory = [max(seen[low:high], default=0.0) for low, high in pairwise(edges)]


def _resident(process: psutil.Process) -> float:
    """MB of its own: what processes share is counted once, roughly."""
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0
