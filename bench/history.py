"""Archive sitemaps: `python -m bench.history [--feeds 30] [--articles 20] [--days 31] [--only lists|month|warc]`.

The lists: CPU and memory of reading one of 50,000 pages and an index of 100,000 parts, each in a fresh process. The
month: all days of October from one month file per site, through our steps; once more; and again a day later. WARC: the
same month from files in CC-NEWS's layout, one a day, twice.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from bench.pages import Pages
from ingest.history.hints import days
from ingest.history.reading import read_history
from ingest.history.siblings import hidden_parts, parts_of
from ingest.history.sitemaps import read_index
from ingest.records import Feed, Page
from ingest.work import Reading
from tests.wirecopy.warc.ccnews import Shot, write_ccnews
from wirecopy import steps

SPAWN: Final = get_context("spawn")
FIRST: Final = date(2026, 10, 1)
NOW: Final = datetime(2026, 11, 25, tzinfo=UTC)
PORT: Final = 8391
URLS, PARTS = 50_000, 100_000
NEWS: Final = "<news:news><news:publication_date>{}T08:00:00+02:00</news:publication_date></news:news>"


def main() -> None:
    """Print one line per measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=30, help="sites of the month, each on an address of its own")
    parser.add_argument("--articles", type=int, default=20, help="of each site and day")
    parser.add_argument("--days", type=int, default=31, help="of October that are backfilled")
    parser.add_argument("--only", choices=("lists", "month", "warc"))
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    if asked.only in (None, "lists"):
        for what in LISTS:
            child = SPAWN.Process(target=measure_list, args=(what,))
            child.start()
            child.join()
    if asked.only in (None, "month"):
        measure_month(asked.feeds, asked.articles, asked.days)
    if asked.only in (None, "warc"):
        measure_warc(asked.feeds, asked.articles, asked.days)


def measure_list(what: str) -> None:
    """CPU and memory of one list for one day; imports and the list itself are there before."""
    body = LISTS[what]()
    read = _index_parts if what.startswith("index") else _entries
    read(_page(_small(what)))
    before, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = read(_page(body))
    used, more = time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{what:<44}{len(body) / 1e6:6.1f} MB {used:6.2f} CPU s {more / 1024:+6.0f} MB   {found}", flush=True)


def measure_month(feeds: int, articles: int, length: int) -> None:
    """Every day of the month, one run each, and the same once more."""
    with tempfile.TemporaryDirectory() as name, serving(feeds, articles) as stats:
        listed = feed_list(feeds, Path(name))
        os.environ |= {
            "WIRECOPY_FEEDS": str(listed), "WIRECOPY_DATA": f"{name}/data", "WIRECOPY_HOST_GAP": "0",
            "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8",
        }  # fmt: skip
        print(f"{feeds} sites, {articles} articles a day, {length} days: {feeds * articles * length:,} articles")
        _rounds(length, {"first": NOW, "again": NOW, "a day later": NOW + timedelta(hours=25)}, stats)


def measure_warc(feeds: int, articles: int, length: int) -> None:
    """The same month from WARC files of the disk."""
    with tempfile.TemporaryDirectory() as name, serving(feeds, articles) as stats:
        listed = feed_list(feeds, Path(name), history='["warc"]')
        for at in range(length):
            day = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(days=at)
            write_ccnews(
                Path(name) / "warc" / f"CC-NEWS-{day:%Y%m%d}000000-{at:05d}.warc.gz", _shots(day, feeds, articles)
            )
        os.environ |= {
            "WIRECOPY_FEEDS": str(listed), "WIRECOPY_DATA": f"{name}/data", "WIRECOPY_HOST_GAP": "0",
            "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8", "WIRECOPY_WARC": f"{name}/warc",
        }  # fmt: skip
        print(
            f"{feeds} sites, {articles} pages a day, {length} days in WARC files: {feeds * articles * length:,} pages"
        )
        _rounds(length, {"first": NOW, "again": NOW}, stats)


def _shots(day: datetime, feeds: int, articles: int) -> Iterator[Shot]:
    pages = Pages((), FIRST)
    for number in range(feeds * articles):
        moment = day + timedelta(hours=number % 20, minutes=number % 60)
        url = f"{site(number % feeds)}/{day:%Y/%m/%d}/a-headline-of-{number}"
        meta = f'<meta property="article:published_time" content="{moment.isoformat()}"></head>'.encode()
        body = pages.body(hash(url) % 1_000_000_007).replace(b"</head>", meta)
        yield Shot(url, body.decode(), moment + timedelta(hours=2))


def _rounds(length: int, rounds: dict[str, datetime], stats: Callable[[], Counter[str]]) -> None:
    """The whole month once for each of *rounds*, by its clock."""
    for round_, clock in rounds.items():
        os.environ["WIRECOPY_NOW"] = clock.isoformat()
        started, cpu, asked = time.monotonic(), _cpu(), stats()
        stored = sum(_day(FIRST + timedelta(days=at)) for at in range(length))
        now = stats()
        wall, used = time.monotonic() - started, _cpu() - cpu
        requests = ", ".join(f"{kind} {now[kind] - asked[kind]:,}" for kind in sorted(now))
        print(f"{round_}: {stored:,} stored, {wall:.0f} s wall, {used:.1f} CPU s; {requests}", flush=True)


def _day(day: date) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + timedelta(days=1)
    planned = steps.plan(kind="day", run_id=f"{day}", start=start.isoformat(), end=end.isoformat())
    report = steps.publish(run=planned["run"], pulled=[steps.pull(**shard) for shard in planned["shards"]])
    assert report["unaccounted"] == 0
    return report["outcomes"].get("stored", 0)


def _cpu() -> float:
    """Of this process and the workers that have ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))


def _page(body: bytes) -> Page:
    url = "https://gazette.example/s.xml"
    return Page(fetch_id="a" * 32, url=url, final_url=url, status=200, headers={}, body=body, fetched_at=NOW)


def _entries(page: Page) -> str:
    reading = Reading(reader="sitemap", interval=days(date(2026, 10, 5)))
    found = read_history(page, Feed(id="gazette", url="https://gazette.example/feed"), reading, now=NOW)
    return f"{len(found):,} may lie in the day, {found.outside:,} not, {found.beyond:,} beyond the cap"


def _index_parts(page: Page) -> str:
    parts, day = parts_of(read_index(page, now=NOW)), days(date(2010, 10, 5))
    chosen = sum(part.may_list(day) for part in parts)
    return f"{len(parts):,} parts, {chosen:,} may list the day, {len(hidden_parts(parts, day)):,} hidden"


def urlset(count: int, rest: Callable[[int], str], link: str = "2026/10/{day:02d}/") -> bytes:
    """A list of pages of 28 days, with a picture each."""
    site = "https://gazette.example"
    urls = "".join(
        f"<url><loc>{site}/{link.format(day=at % 28 + 1)}a-long-headline-of-number-{at}</loc>{rest(at)}"
        f"<image:image><image:loc>{site}/i/{at}.jpg</image:loc></image:image></url>"
        for at in range(count)
    )
    head = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="n" xmlns:image="i">'
    return f"{head}{urls}</urlset>".encode()


def _changed(at: int) -> str:
    return f"<lastmod>2026-10-{at % 28 + 1:02d}T{at % 24:02d}:00:00+02:00</lastmod>"


def _index() -> bytes:
    parts = "".join(
        f"<sitemap><loc>https://gazette.example/s-{1990 + at // 12 % 37}-{at % 12 + 1:02d}-{at // 444}.xml.gz</loc>"
        "<lastmod>2026-10-01T00:00:00Z</lastmod></sitemap>"
        for at in range(PARTS)
    )
    return f"<sitemapindex>{parts}</sitemapindex>".encode()


LISTS: Final[dict[str, Callable[[], bytes]]] = {
    "50,000 pages, days in links": lambda: urlset(URLS, _changed),
    "50,000 pages, gzip": lambda: gzip.compress(urlset(URLS, _changed)),
    "50,000 pages, news elements": lambda: urlset(URLS, lambda at: NEWS.format(f"2026-10-{at % 28 + 1:02d}")),
    "50,000 pages, lastmod stamped later": lambda: urlset(URLS, lambda at: "<lastmod>2026-11-20</lastmod>", ""),
    "index of 100,000 parts": _index,
}


def _small(what: str) -> bytes:
    return b"<sitemapindex></sitemapindex>" if what.startswith("index") else urlset(50, _changed)


def feed_list(feeds: int, folder: Path, history: str = '["sitemap"]') -> Path:
    """The feeds of all sites, written into *folder*."""
    path = folder / "feeds.toml"
    text = (f'[[feed]]\nid = "s{n}"\nurl = "{site(n)}/feed.json"\nhistory = {history}\n' for n in range(feeds))
    path.write_text("\n".join(text))
    return path


def site(number: int) -> str:
    """The address of one site."""
    return f"http://127.0.{1 + number // 200}.{1 + number % 200}:{PORT}"


@contextmanager
def serving(feeds: int, articles: int) -> Iterator[Callable[[], Counter[str]]]:
    """The sites in a process of their own; the value counts their requests by kind."""
    ready = SPAWN.Event()
    child = SPAWN.Process(target=_serve, args=(articles, ready), daemon=True)
    child.start()
    ready.wait(60)

    def stats() -> Counter[str]:
        with urllib.request.urlopen(f"{site(0)}/stats") as answer:
            return Counter(json.load(answer))

    try:
        yield stats
    finally:
        child.kill()
        child.join()


def _serve(articles: int, ready: Any) -> None:
    from aiohttp import web

    counted: Counter[str] = Counter()
    pages = Pages((), FIRST)

    async def answer(request: web.Request) -> web.Response:
        path, here = request.path, f"http://{request.host}"
        if path == "/stats":
            return web.json_response(counted)
        if path == "/feed.json":
            counted["feed"] += 1
            item = {"id": "1", "url": f"{here}/now", "title": "Now", "date_published": NOW.isoformat()}
            return web.json_response({"version": "https://jsonfeed.org/version/1.1", "title": "S", "items": [item]})
        if path == "/robots.txt":
            return web.Response(text=f"Sitemap: {here}/index.xml\n")
        if path == "/index.xml":
            counted["index"] += 1
            parts = "".join(f"<sitemap><loc>{here}/s-2026-{month}.xml.gz</loc></sitemap>" for month in (10, "09"))
            return web.Response(text=f"<sitemapindex>{parts}</sitemapindex>", content_type="text/xml")
        if path.startswith("/s-2026-"):
            counted["october" if "-10." in path else "september"] += 1
            last = 32 if "-10." in path else 1
            names = [f"{at:02d}-{number}" for at in range(1, last) for number in range(articles)]
            urls = "".join(f"<url><loc>{here}/2026/10/{name[:2]}/{name}</loc></url>" for name in names)
            return web.Response(body=gzip.compress(f"<urlset>{urls}</urlset>".encode()))
        if not path.startswith("/2026/10/"):
            counted["other"] += path != "/.well-known/tdmrep.json"
            return web.Response(status=404)
        counted["pages"] += 1
        day, _, number = path.rpartition("/")[2].partition("-")
        moment = f"2026-10-{day}T{int(number) % 24:02d}:30:00Z"
        meta = f'<meta property="article:published_time" content="{moment}"></head>'.encode()
        body = pages.body(hash((request.host, path)) % 1_000_000_007).replace(b"</head>", meta)
        return web.Response(body=body, content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    web.run_app(app, host="0.0.0.0", port=PORT, print=lambda *_: ready.set(), access_log=None)


if __name__ == "__main__":
    main()
