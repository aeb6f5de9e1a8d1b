"""A farm of feeds for the benches: many feeds on forty loopback addresses, each with some entries over some days."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

ADDRESSES = [f"127.0.1.{number}" for number in range(1, 41)]
PORT = 8790
WORDS = [f"word{number}" for number in range(4_000)]
WORDS_PER_PAGE = 350


@contextmanager
def farm(*, feeds: int, entries: int, days: int, newest: datetime, folder: Path) -> Iterator[Path]:
    """Serve *feeds* feeds of *entries* entries, spread over *days* days before *newest*; yields their feeds.toml."""
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=_serve, args=(entries, days, newest), daemon=True)
    server.start()
    lines = [f'[[feed]]\nid = "feed-{n}"\nurl = "{_base(n)}/feed/{n}.xml"\n' for n in range(feeds)]
    path = folder / "feeds.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        _wait()
        yield path
    finally:
        server.terminate()
        server.join()


def _base(number: int) -> str:
    return f"http://{ADDRESSES[number % len(ADDRESSES)]}:{PORT}"


def _serve(entries: int, days: int, newest: datetime) -> None:
    app = web.Application()
    app["world"] = (entries, days, newest)
    app.router.add_get("/feed/{number}.xml", _feed)
    app.router.add_get("/page/{number}/{entry}", _page)
    web.run_app(app, host=ADDRESSES, port=PORT, print=None, access_log=None)


async def _feed(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    entries, days, newest = request.app["world"]
    etag = f'"{number}-{entries}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304)
    step = timedelta(days=days) / entries
    items = "".join(
        f"<item><title>Entry {entry} of {number}</title><link>{_base(number)}/page/{number}/{entry}</link>"
        f"<pubDate>{(newest - entry * step - timedelta(minutes=1)):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for entry in range(entries)
    )
    text = f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'
    return web.Response(text=text, content_type="application/rss+xml", headers={"ETag": etag})


async def _page(request: web.Request) -> web.Response:
    chance = random.Random(request.path)
    words = chance.choices(WORDS, k=WORDS_PER_PAGE)
    paragraphs = "".join(f"<p>{' '.join(words[start : start + 50])}.</p>" for start in range(0, len(words), 50))
    text = (
        f"<html lang=en><head><title>{request.path}</title></head><body><article>{paragraphs}</article></body></html>"
    )
    return web.Response(text=text, content_type="text/html")


def _wait() -> None:
    import socket
    import time

    for _ in range(100):
        try:
            socket.create_connection((ADDRESSES[-1], PORT), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the farm does not answer on {ADDRESSES[-1]}:{PORT}: is the port in use?")
