"""Archives of others: a web archive with captures of feeds (CDX), and WARC files in CC-NEWS's layout."""

from __future__ import annotations

import gzip
import io
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from aiohttp import web

from demo.newsroom.feeds import render_feed
from demo.newsroom.pages import render_page
from demo.newsroom.past import DAY, DAYS
from demo.newsroom.site import Site
from demo.newsroom.world import Article, Feed

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecordType

CAPTURED_AFTER: Final = timedelta(hours=2)  # a page, after its publication
CRAWLED_AT: Final = timedelta(hours=23, minutes=15)  # a feed, every day
SHOWN: Final = timedelta(hours=72)  # how far back a captured feed reaches
OTHERS: Final = "http://127.0.0.98/2026/a-page-of-a-site-that-nobody-reads"
_PLAYED: Final = re.compile(r"/web/(\d{14})id_/(.+)")
_FILE: Final = re.compile(r"/crawl-data/CC-NEWS/\d{4}/\d\d/CC-NEWS-(\d{8})000000-\d{5}\.warc\.gz")
_LIST: Final = re.compile(r"/crawl-data/CC-NEWS/(\d{4})/(\d\d)/warc\.paths\.gz")


def captured(site: Site, request: web.Request) -> web.Response | None:
    """What the archives answer; None: it is no address of theirs."""
    path, query = request.rel_url.raw_path, request.query
    if path == "/cdx/search/cdx":
        return _cdx(site, query.get("url", ""), query.get("from", ""), query.get("to", "9"), query.get("limit"))
    if played := _PLAYED.fullmatch(path):
        return _played(site, played[1], request.rel_url.path_qs.split("id_/", 1)[1])
    if listed := _LIST.fullmatch(path):
        return _listed(site, int(listed[1]), int(listed[2]))
    if file := _FILE.fullmatch(path):
        return _ranged(request, warc_of(site, file[1]))
    return None


def _cdx(site: Site, url: str, first: str, last: str, limit: str | None) -> web.Response:
    """Arrays, as the Internet Archive gives them; both bounds are inclusive."""
    feed = _archived_feed(site, url)
    rows = [[f"{at:%Y%m%d%H%M%S}", url, "200", f"{at:%j}"] for at in (_crawls(site) if feed else ())]
    rows = [row for row in rows if row[0] >= first and row[0][: len(last)] <= last]
    rows = rows[: int(limit)] if limit else rows
    return web.json_response([["timestamp", "original", "statuscode", "digest"], *rows] if rows else [])


def _played(site: Site, stamp: str, url: str) -> web.Response:
    """The capture that is nearest to *stamp*, as the archive got it."""
    feed = _archived_feed(site, url)
    if feed is None:
        return web.Response(status=404, text="There is no capture of it.\n")
    wanted = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    at = min(_crawls(site), key=lambda one: abs(one - wanted))
    document = render_feed(feed, site.full, now=at, window=SHOWN, limit=60)
    headers = {"Content-Type": document.media_type, "Memento-Datetime": format_datetime(at, usegmt=True)}
    return web.Response(body=document.body, headers=headers)


def _archived_feed(site: Site, url: str) -> Feed | None:
    feed = site.documents.get(url)
    return feed if feed and site.past.of(feed.publisher, "wayback") else None


def _crawls(site: Site) -> list[datetime]:
    return [site.start - day * DAY + CRAWLED_AT for day in sorted(DAYS, reverse=True)]


def _listed(site: Site, year: int, month: int) -> web.Response:
    days = [day for day in _days(site) if (day.year, day.month) == (year, month)]
    if not days:
        return web.Response(status=404, text="There is no such month.\n")
    names = (
        f"crawl-data/CC-NEWS/{day:%Y/%m}/CC-NEWS-{day:%Y%m%d}000000-{number:05}.warc.gz\n"
        for number, day in enumerate(_days(site))
        if day in days
    )
    return web.Response(body=gzip.compress("".join(names).encode()), content_type="application/gzip")


def _days(site: Site) -> list[datetime]:
    """The days of captures, one file each."""
    return [site.start - day * DAY for day in range(max(DAYS), -1, -1)]


def _ranged(request: web.Request, body: bytes) -> web.Response:
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
    span = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if not span:
        return web.Response(body=body, headers=headers)
    first, last = int(span[1]), min(int(span[2] or len(body)), len(body) - 1)
    if first >= len(body):
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return web.Response(status=206, body=body[first : last + 1], headers=headers)


def warc_of(site: Site, day: str) -> bytes:
    """The file of *day* (eight digits): every page that a crawler captured then, as it was, and one of another site."""
    from fastwarc.warc import WarcRecordType

    file = io.BytesIO()
    _put(file, WarcRecordType.warcinfo, "", {"Content-Type": "application/warc-fields"}, b"software: news-crawl\r\n")
    for url, html, at in _shots(site, day):
        about = {"WARC-Date": f"{at:%Y-%m-%dT%H:%M:%SZ}", "WARC-Target-URI": url}
        body = html.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        asked = {**about, "Content-Type": "application/http; msgtype=request"}
        _put(file, WarcRecordType.request, url, asked, b"GET / HTTP/1.1\r\n\r\n")
        answered = {**about, "Content-Type": "application/http; msgtype=response"}
        _put(file, WarcRecordType.response, url, answered, head.encode() + body)
    return file.getvalue()


def _shots(site: Site, day: str) -> Iterator[tuple[str, str, datetime]]:
    yield OTHERS, "<html><body><p>Nobody reads this.</p></body></html>", _midnight(day)
    for article in site.past.articles.values():
        at = site.when(article.published).astimezone(UTC) + CAPTURED_AFTER
        if "warc" in site.past.sources[article.slug] and f"{at:%Y%m%d}" == day:
            yield site.full.url(article.slug), _page(site, article, at), at


def _midnight(day: str) -> datetime:
    return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)


def _page(site: Site, article: Article, at: datetime) -> str:
    version = article.version_at(site.offset(at))
    assert version
    return render_page(article, version, site.full)


def _put(file: io.BytesIO, kind: WarcRecordType, url: str, headers: dict[str, str], content: bytes) -> None:
    """One record as a gzip member of its own, the same bytes whenever it is written."""
    from fastwarc.stream_io import GzipWriter
    from fastwarc.warc import WarcRecord

    record = WarcRecord()
    record.init_headers(kind, f"uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{kind} {url}')}".encode())
    for name, value in headers.items():
        record.headers[name] = value
    record.set_bytes_content(content)
    member = GzipWriter(file)
    record.write(member, checksum_data=True)
    member.close()
