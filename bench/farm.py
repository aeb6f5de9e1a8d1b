"""A farm of feeds for the benches: many feeds on forty loopback addresses, each with some entries over some days."""

from __future__ import annotations

import gzip
import multiprocessing
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from aiohttp import web

from wirecopy.local.ports import another

ADDRESSES = [f"127.0.1.{number}" for number in range(1, 41)]
WORDS = [f"word{number}" for number in range(4_000)]
WORDS_PER_PAGE = 350
FIRST_PORT = 8790
STARTS_WITHIN = 300  # seconds: real pages are read, dated and packed first


@dataclass(frozen=True, slots=True)
class Farm:
    """A farm that is up."""

    feeds: Path  # its feeds.toml
    port: int

    def page_url(self, number: int, entry: int) -> str:
        """The page of an entry of feed *number*."""
        return f"{_base(number, self.port)}/page/{number}/{entry}"


@contextmanager
def farm(*, feeds: int, entries: int, days: int, newest: datetime, folder: Path, real: bool = False) -> Iterator[Farm]:
    """Serve *feeds* feeds of *entries* entries, spread over *days* days before *newest*.

    Their pages are made up, or *real* ones of the sets on loan.
    """
    context = multiprocessing.get_context("spawn")
    port = another(FIRST_PORT - 1, ADDRESSES[0])
    server = context.Process(target=_serve, args=(entries, days, newest, real, port), daemon=True)
    server.start()
    lines = [f'[[feed]]\nid = "feed-{n}"\nurl = "{_base(n, port)}/feed/{n}.xml"\n' for n in range(feeds)]
    path = folder / "feeds.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        _wait(server, port)
        yield Farm(path, port)
    finally:
        server.terminate()
        server.join()


def _base(number: int, port: int) -> str:
    return f"http://{ADDRESSES[number % len(ADDRESSES)]}:{port}"


def _serve(entries: int, days: int, newest: datetime, real: bool, port: int) -> None:
    from bench.ingest.corpus import load

    app = web.Application()
    app["world"] = (entries, days, newest, port)
    app["corpus"] = [gzip.compress(body, 6) for body in load(newest)] if real else []
    app.router.add_get("/feed/{number}.xml", _feed)
    app.router.add_get("/page/{number}/{entry}", _page)
    web.run_app(app, host=ADDRESSES, port=port, print=None, access_log=None)


async def _feed(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    entries, days, newest, port = request.app["world"]
    etag = f'"{number}-{entries}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304)
    step = timedelta(days=days) / entries
    items = "".join(
        f"<item><title>Entry {entry} of {number}</title><link>{_base(number, port)}/page/{number}/{entry}</link>"
        f"<pubDate>{(newest - entry * step - timedelta(minutes=1)):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for entry in range(entries)
    )
    text = f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'
    return web.Response(text=text, content_type="application/rss+xml", headers={"ETag": etag})


async def _page(request: web.Request) -> web.Response:
    corpus = request.app["corpus"]
    if not corpus:
        return web.Response(body=page_body(request.path), content_type="text/html")
    number, entry = int(request.match_info["number"]), int(request.match_info["entry"])
    body = corpus[(number * request.app["world"][0] + entry) % len(corpus)]
    return web.Response(body=body, content_type="text/html", headers={"Content-Encoding": "gzip"})


def page_body(path: str) -> bytes:
    """A made-up page."""
    words = random.Random(path).choices(WORDS, k=WORDS_PER_PAGE)
    paragraphs = "".join(f"<p>{' '.join(words[start : start + 50])}.</p>" for start in range(0, len(words), 50))
    head = f"<html lang=en><head><title>{path}</title></head>"
    return f"{head}<body><article>{paragraphs}</article></body></html>".encode()


def _wait(server: BaseProcess, port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while server.is_alive() and time.monotonic() < until:
        try:
            socket.create_connection((ADDRESSES[-1], port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the farm does not answer on {ADDRESSES[-1]}:{port}")
