"""A farm of feeds for the benches: many feeds on forty loopback addresses, each with some entries over some days."""

from __future__ import annotations

import gzip
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from bench.pages import Pages
from wirecopy.local.ports import is_free

ADDRESSES = [f"127.0.1.{number}" for number in range(1, 41)]
PORT = 8790
# As long as many real ones: its rules are checked for every page.
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: /section-{n}/*/print\n" for n in range(40)) + "Allow: /\n"


@contextmanager
def farm(
    *,
    feeds: int,
    entries: int,
    days: int,
    newest: datetime,
    folder: Path,
    pages: Pages | None = None,
    delays: Mapping[str, int] | None = None,
) -> Iterator[Path]:
    """Serve *feeds* feeds of *entries* entries, spread over *days* days before *newest*; yields their feeds.toml.

    *delays* are the Crawl-delays of some addresses, in seconds. Entry e of feed f leads to page f · *entries* + e of
    *pages*; made-up ones if there are none.
    """
    if not is_free(PORT, ADDRESSES[0]):
        raise SystemExit(f"port {PORT} is in use on {ADDRESSES[0]}: is another bench at work?")
    context = multiprocessing.get_context("spawn")
    pages = pages or Pages((), newest.date())
    server = context.Process(target=_serve, args=(entries, days, newest, pages, dict(delays or {})), daemon=True)
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


def page_urls(feeds: int, entries: int) -> list[str]:
    """The pages' addresses by number."""
    return [f"{_base(feed)}/page/{feed}/{entry}" for feed in range(feeds) for entry in range(entries)]


def _base(number: int) -> str:
    return f"http://{ADDRESSES[number % len(ADDRESSES)]}:{PORT}"


def _serve(entries: int, days: int, newest: datetime, pages: Pages, delays: dict[str, int]) -> None:
    app = web.Application()
    app["delays"] = delays
    app["world"], app["pages"] = (entries, days, newest), pages
    app.router.add_get("/feed/{number}.xml", _feed)
    app.router.add_get("/page/{number}/{entry}", _page)
    app.router.add_get("/robots.txt", _robots)
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
    """gzip, as most of the web; level 1, which makes no difference to the fetcher."""
    feed, entry = int(request.match_info["number"]), int(request.match_info["entry"])
    body = request.app["pages"].body(feed * request.app["world"][0] + entry)
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}  # the charset is in the page
    return web.Response(body=gzip.compress(body, compresslevel=1), headers=headers)


async def _robots(request: web.Request) -> web.Response:
    delay = request.app["delays"].get(request.url.host)
    return web.Response(text=f"{ROBOTS}Crawl-delay: {delay}\n" if delay else ROBOTS)


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
