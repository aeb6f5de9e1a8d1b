"""Whole runs in this process, and a web server in a thread for them to ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wirecopy.steps import plan, publish, pull, verdict
from wirecopy.store.files.layout import Layout

ANCHOR = datetime(2026, 11, 25, tzinfo=UTC)


@contextmanager
def serving(answer: Any) -> Iterator[str]:
    """A web server in a thread that gives every request to *answer*; its address."""
    from aiohttp import web

    loop, ready, port = asyncio.new_event_loop(), threading.Event(), []
    stop = asyncio.Event()

    async def start() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port.append(runner.addresses[0][1])
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(start()))
    thread.start()
    assert ready.wait(10)
    try:
        yield f"http://127.0.0.1:{port[0]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def planned(
    kind: Any = "live", end: datetime = ANCHOR, length: timedelta = timedelta(minutes=15), name: str = "r"
) -> dict[str, Any]:
    return plan(kind=kind, run_id=name, start=(end - length).isoformat(), end=end.isoformat())


def work(
    kind: str, end: datetime, length: timedelta, name: str, between: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """A whole run; *between* plan and pull something happens."""
    run = planned(kind, end, length, name)
    between()
    report = publish(run=run["run"], pulled=[pull(**shard) for shard in run["shards"]])
    return verdict(run=run["run"], report=report)


def settings_of(layout: Layout, feeds: Path) -> dict[str, str]:
    """The environment of runs by the clock of `ANCHOR` that read sites on loopback, in one shard."""
    return {
        "WIRECOPY_DATA": str(layout.root), "WIRECOPY_FEEDS": str(feeds),
        "WIRECOPY_NOW": ANCHOR.isoformat(), "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8", "WIRECOPY_HOST_GAP": "0",
        "WIRECOPY_EXTRACT_WORKERS": "1", "WIRECOPY_SHARDS": "1",
    }  # fmt: skip
