"""The newsroom's HTTP server: feeds, pages and robots.txt of every publisher, and the controls under /_newsroom/."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from ipaddress import ip_address
from json import JSONDecodeError
from typing import Final

from aiohttp import web

from demo.newsroom.archive.captures import captured
from demo.newsroom.archive.lists import LISTS, SITEMAPS
from demo.newsroom.feeds import render_feed
from demo.newsroom.pages import render_page
from demo.newsroom.served import Served
from demo.newsroom.site import Site
from demo.newsroom.world import Article, Feed, Publisher

CONTROL: Final = "/_newsroom/"
DRIPS: Final = 20  # parts in which a slow page comes


def make_app(newsroom: Served) -> web.Application:
    """One application for all addresses: the address that was called says which publisher is meant."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await respond(request, newsroom)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    return app


async def respond(request: web.Request, newsroom: Served) -> web.StreamResponse:
    """Answer one request."""
    host = _called_address(request)
    if request.path.startswith(CONTROL):
        return await control(request, newsroom)
    url = f"http://{host}:{newsroom.site.port}{_untracked(request)}"
    newsroom.count(url)
    if request.method not in {"GET", "HEAD"}:
        return web.Response(status=405, headers={"Allow": "GET, HEAD"})
    return await content(request, newsroom, host, url)


async def content(request: web.Request, newsroom: Served, host: str, url: str) -> web.StreamResponse:
    """The content of the publisher of *host* at *url* now."""
    publisher = next(one for one in newsroom.site.world.publishers.values() if one.address == host)
    if newsroom.is_off(publisher.id):
        return web.Response(status=503, text="This publisher is switched off.\n")
    if request.path == "/robots.txt":
        return web.Response(text=robots(publisher, newsroom.site))
    if feed := newsroom.site.documents.get(url):
        return feed_response(request, feed, newsroom)
    if article := newsroom.site.pages.get(url):
        return await page_response(request, article, newsroom)
    if found := archived(request, publisher, newsroom, url):
        return found
    return web.Response(status=404, text="There is no such page here.\n")


def robots(publisher: Publisher, site: Site) -> str:
    """The rules, and the sitemaps of those who name theirs."""
    named = f"Sitemap: {site.root(publisher.id)}{SITEMAPS[publisher.id]}\n" if publisher.id in SITEMAPS else ""
    return f"{publisher.robots.lstrip()}{named}"


def archived(request: web.Request, publisher: Publisher, newsroom: Served, url: str) -> web.Response | None:
    """What archives have at *url*: those of the publisher's site, and at the agency's address those of others."""
    site = newsroom.site
    if publisher.id == next(iter(site.world.publishers)) and (found := captured(site, request)):
        return found
    answer = LISTS.get(publisher.id)
    found = answer(site, publisher, request.rel_url.raw_path, request.query) if answer else None
    if found is None and (article := site.old_pages.get(url)):
        body = render_page(article, article.versions[-1], site.full).encode()
        found = web.Response(body=body, headers={"Content-Type": "text/html; charset=utf-8"})
    return found


def feed_response(request: web.Request, feed: Feed, newsroom: Served) -> web.Response:
    """The feed document, or 304 if the request's validators match."""
    document = render_feed(feed, newsroom.site, now=newsroom.now, window=newsroom.window, limit=newsroom.limit)
    headers = validators(document.body, document.changed)
    if "wordpress" in feed.generator:
        headers["Link"] = f'<{newsroom.site.root(feed.publisher)}/wp-json/>; rel="https://api.w.org/"'
    if not_modified(request, headers["ETag"], document.changed):
        return web.Response(status=304, headers=headers)
    return web.Response(body=document.body, headers=headers | {"Content-Type": document.media_type})


async def page_response(request: web.Request, article: Article, newsroom: Served) -> web.StreamResponse:
    """The article's page in its present version; 404 before publication, and always for the missing one."""
    site = newsroom.site
    version = article.version_at(site.offset(newsroom.now))
    if version is None or "missing" in article.quirks:
        return web.Response(status=404, text="There is no such page here.\n")
    body = render_page(article, version, site).encode()
    changed = site.when(version.since).astimezone(UTC)
    headers = validators(body, changed)
    if not_modified(request, headers["ETag"], changed):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = "text/html; charset=utf-8"
    if "slow" in article.quirks and request.method == "GET":
        return await drip(request, body, headers, newsroom.slow)
    return web.Response(body=body, headers=headers)


async def drip(request: web.Request, body: bytes, headers: dict[str, str], time: timedelta) -> web.StreamResponse:
    """Send *body* in small parts that take *time* together."""
    response = web.StreamResponse(headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    step = -(-len(body) // DRIPS)
    for start in range(0, len(body), step):
        await response.write(body[start : start + step])
        await asyncio.sleep(time.total_seconds() / DRIPS)
    await response.write_eof()
    return response


async def control(request: web.Request, newsroom: Served) -> web.Response:
    """Let another process of this machine look at the newsroom, move its time, or switch a publisher off or on."""
    if request.remote is None or not ip_address(request.remote).is_loopback:
        return web.json_response({"error": "only from this machine"}, status=403)
    actions: dict[tuple[str, str], Callable[[dict[str, object]], None]] = {
        ("PUT", "now"): lambda wish: newsroom.set_now(str(wish["now"])),
        ("POST", "fault"): lambda wish: newsroom.fault(str(wish["publisher"]), off=bool(wish.get("off", True))),
        ("GET", "status"): lambda wish: None,
    }
    try:
        action = actions[request.method, request.path.removeprefix(CONTROL)]
    except KeyError:
        return web.json_response({"error": "there is PUT now, POST fault, GET status"}, status=404)
    try:
        action(await request.json() if request.can_read_body else {})
    except (JSONDecodeError, KeyError, TypeError, ValueError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
    return web.json_response(newsroom.status())


def validators(body: bytes, changed: datetime) -> dict[str, str]:
    """ETag and Last-Modified of a body."""
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return {"ETag": f'"{digest}"', "Last-Modified": format_datetime(changed, usegmt=True)}


def not_modified(request: web.Request, etag: str, changed: datetime) -> bool:
    """Whether the request's validators match. An ETag takes precedence (RFC 9110, 13.2.2)."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return etag in known or "*" in known
    try:
        since = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
        return changed.replace(microsecond=0) <= since
    except (TypeError, ValueError):  # none sent, no date, or a date without a zone
        return False


def _called_address(request: web.Request) -> str:
    assert request.transport is not None
    return str(request.transport.get_extra_info("sockname")[0])


def _untracked(request: web.Request) -> str:
    """Path and query as asked for, without tracking parameters: one page has one name."""
    query = [part for part in request.rel_url.raw_query_string.split("&") if part and not part.startswith("utm_")]
    return request.rel_url.raw_path + (f"?{'&'.join(query)}" if query else "")
