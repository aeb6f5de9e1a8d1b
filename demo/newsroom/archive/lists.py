"""Lists of old articles as sites keep them: sitemaps, WordPress's posts, Blogger's feed, the page of a day."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Final
from xml.sax.saxutils import escape as xml_escape

from aiohttp import web

from demo.newsroom.feeds import render_articles
from demo.newsroom.site import Site
from demo.newsroom.world import Article, Publisher

XMLNS: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
SHOWN_MONTHS: Final = 2  # that the index lists; the months before it are still there
PART: Final = 8  # articles in a numbered part
MOST_POSTS: Final = 100  # that WordPress gives at once
MOST_ENTRIES: Final = 25  # that Blogger gives if nobody asks for more

Query = Mapping[str, str]


def months_index(site: Site, publisher: Publisher, path: str, _query: Query) -> web.Response | None:
    """An index of gzipped months, the newest first, that hides the old ones."""
    root = site.root(publisher.id)
    if path == "/sitemap_index.xml":
        newest = [_month_before(site.anchor.date(), count) for count in range(SHOWN_MONTHS)]
        return _xml(_index((f"{root}/sitemaps/{month:%Y-%m}.xml.gz", site.anchor) for month in newest))
    if not path.startswith("/sitemaps/"):
        return None
    month = path.removeprefix("/sitemaps/").removesuffix(".xml.gz")
    listed = [one for one in site.past.of(publisher.id, "sitemap") if f"{site.when(one.published):%Y-%m}" == month]
    is_shown = any(f"{_month_before(site.anchor.date(), count):%Y-%m}" == month for count in range(SHOWN_MONTHS))
    if not listed and not is_shown:
        return None
    body = _urls(site, [(one, site.when(one.versions[-1].since)) for one in listed])
    return web.Response(body=gzip.compress(body.encode()), content_type="text/plain")  # whatever the type says


def numbered_parts(site: Site, publisher: Publisher, path: str, _query: Query) -> web.Response | None:
    """An index of numbered parts; a migration has stamped its own instant on every page."""
    articles, stamp = site.past.of(publisher.id, "sitemap"), site.start - timedelta(hours=7)
    parts = [articles[at : at + PART] for at in range(0, len(articles), PART)]
    names = {f"/post-sitemap{number}.xml": part for number, part in enumerate(parts, 1)}
    if path == "/sitemap.xml":
        return _xml(_index((f"{site.root(publisher.id)}{name}", stamp) for name in names))
    return _xml(_urls(site, [(one, stamp) for one in names[path]])) if path in names else None


def one_sitemap(site: Site, publisher: Publisher, path: str, _query: Query) -> web.Response | None:
    """A plain sitemap at the usual address, which robots.txt does not name."""
    if path != "/sitemap.xml":
        return None
    listed = site.past.of(publisher.id, "sitemap")
    return _xml(_urls(site, [(one, site.when(one.versions[-1].since)) for one in listed]))


def posts(site: Site, publisher: Publisher, path: str, query: Query) -> web.Response | None:
    """WordPress's list of posts: both bounds are exclusive, and local if they have no Z; no more than 100 at once."""
    if path in ("/wp-json/wp/v2/categories", "/wp-json/wp/v2/tags", "/wp-json/wp/v2/users"):
        return web.json_response([])
    if path != "/wp-json/wp/v2/posts":
        return None
    size, number = int(query.get("per_page", "10")), int(query.get("page", "1"))
    after, before = (_wordpress_instant(query.get(name), publisher) for name in ("after", "before"))
    found = [one for one in _all_of(site, publisher) if (not after or site.when(one.published) > after)]
    found = [one for one in found if not before or site.when(one.published) < before]
    found = found if query.get("order", "desc") == "desc" else found[::-1]
    pages = -(-len(found) // max(size, 1))
    if not 1 <= size <= MOST_POSTS or (number > 1 and number > pages):
        return web.json_response({"code": "rest_post_invalid_page_number", "data": {"status": 400}}, status=400)
    listed = [_post(site, publisher, one) for one in found[(number - 1) * size : number * size]]
    return web.json_response(listed, headers={"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)})


def entries(site: Site, publisher: Publisher, path: str, query: Query) -> web.Response | None:
    """Blogger's feed: entries between two instants, by pages."""
    feed = publisher.feeds[0]
    if path != feed.path or not {"published-min", "published-max", "start-index"} & query.keys():
        return None
    start, end = (datetime.fromisoformat(query[name]) if name in query else None
                  for name in ("published-min", "published-max"))  # fmt: skip
    found = [one for one in _all_of(site, publisher) if not start or site.when(one.published) >= start]
    found = [one for one in found if not end or site.when(one.published) < end]
    first, most = int(query.get("start-index", "1")) - 1, int(query.get("max-results", str(MOST_ENTRIES)))
    document = render_articles(feed, site.full, found[first : first + most], now=site.now_or_anchor)
    return web.Response(body=document.body, headers={"Content-Type": document.media_type})


def day_page(site: Site, publisher: Publisher, path: str, _query: Query) -> web.Response | None:
    """All headlines of a local day, behind the site's navigation."""
    try:
        day = datetime.strptime(path, "/%Y/%m/%d/").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    held = site.past.of(publisher.id, "template")
    listed = [one for one in held if site.when(one.published).astimezone(publisher.zone).date() == day]
    if not listed:
        return None
    nav = "".join(f'<a href="/{number}">{escape(text)}</a> ' for number, text in enumerate(publisher.nav))
    links = "".join(
        f'<h2><a href="{escape(site.full.path(one))}">{escape(one.versions[0].headline)}</a></h2>' for one in listed
    )
    text = f"<html><body><nav>{nav}</nav><main><h1>{day}</h1>{links}</main></body></html>"
    return web.Response(text=text, content_type="text/html")


LISTS: Final[Mapping[str, Callable[[Site, Publisher, str, Query], web.Response | None]]] = {
    "harbor": months_index,
    "northline": numbered_parts,
    "heraldo": one_sitemap,
    "zeitung": posts,
    "voz": entries,
    "courier": day_page,
}
"""By publisher: what its site answers to a path besides feeds and pages; None: nothing."""

SITEMAPS: Final[Mapping[str, str]] = {"harbor": "/sitemap_index.xml", "northline": "/sitemap.xml"}
"""By publisher: what its robots.txt names."""

TEMPLATES: Final[Mapping[str, str]] = {"courier": "/{yyyy}/{mm}/{dd}/"}
"""By publisher: the `archive` of its feeds in feeds.toml."""


def _all_of(site: Site, publisher: Publisher) -> list[Article]:
    """What the software of a site lists: old articles, and those that are out by now; the newest first."""
    feed = publisher.feeds[0]
    out = [one for one in site.world.articles_of(feed) if site.when(one.published) <= site.now_or_anchor]
    held = [*out, *site.past.of(publisher.id, "wordpress"), *site.past.of(publisher.id, "paging")]
    return sorted(held, key=lambda one: (one.published, one.slug), reverse=True)


def _post(site: Site, publisher: Publisher, article: Article) -> dict[str, object]:
    published, changed = (site.when(one) for one in (article.published, article.versions[-1].since))
    return {
        "id": zlib.crc32(article.slug.encode()) % 100_000,
        "date": f"{published.astimezone(publisher.zone):%Y-%m-%dT%H:%M:%S}",
        "date_gmt": f"{published.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "modified_gmt": f"{changed.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "link": site.full.url(article.slug),
        "title": {"rendered": article.versions[-1].headline},
    }


def _wordpress_instant(text: str | None, publisher: Publisher) -> datetime | None:
    found = datetime.fromisoformat(text) if text else None
    return found.replace(tzinfo=publisher.zone) if found and found.tzinfo is None else found


def _month_before(day: date, count: int) -> date:
    first = day.replace(day=1)
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _index(parts: object) -> str:
    rows = "".join(f"<sitemap><loc>{xml_escape(url)}</loc><lastmod>{at:%Y-%m-%dT%H:%M:%SZ}</lastmod></sitemap>"
                   for url, at in parts)  # type: ignore[attr-defined]  # fmt: skip
    return f'<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="{XMLNS}">{rows}</sitemapindex>'


def _urls(site: Site, listed: Sequence[tuple[Article, datetime]]) -> str:
    rows = "".join(
        f"<url><loc>{xml_escape(site.full.url(one.slug))}</loc><lastmod>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
        for one, at in listed
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{XMLNS}">{rows}</urlset>'


def _xml(text: str) -> web.Response:
    return web.Response(body=text.encode(), content_type="application/xml")
