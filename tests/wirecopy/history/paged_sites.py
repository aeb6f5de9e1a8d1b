"""Sites whose feeds lead to older documents: by archives of RFC 5005, by rel=next, and as Blogger does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from aiohttp import web

PER_PAGE = 10


@dataclass
class PagedSite:
    """`/feed` and `/feed?page=2`, … with links to one another. *link* gives the rel and number of what a page names."""

    dates: Sequence[datetime]  # of its entries, in the order of the feed
    link: Callable[[int, int], tuple[str, int] | None]  # (page, last page) → (rel, page)
    by_header: bool = False  # else by an element of the document
    hits: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.hits.append(request.path_qs)
        page, last = int(request.query.get("page", "1")), -(-len(self.dates) // PER_PAGE)
        if not 1 <= page <= last:
            return web.Response(status=404)
        shown = list(enumerate(self.dates))[(page - 1) * PER_PAGE : page * PER_PAGE]
        named = self.link(page, last)
        head = f'<atom:link rel="{named[0]}" href="/feed?page={named[1]}"/>' if named and not self.by_header else ""
        headers = {"Link": f'</feed?page={named[1]}>; rel="{named[0]}"'} if named and self.by_header else {}
        items = "".join(
            f"<item><title>{n}</title><link>http://{request.host}/a/{n}</link><pubDate>{format_datetime(date)}</pubDate></item>"
            for n, date in shown
        )
        text = f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>P</title>{head}{items}</channel></rss>'
        return web.Response(text=text, content_type="application/rss+xml", headers=headers)


@dataclass
class BloggerSite:
    """`/feeds/posts/default` with published-min (inclusive), published-max (exclusive), start-index and max-results.
    Links to other pages are on Blogger's own host.
    """

    dates: Sequence[datetime]  # newest first
    most: int = 150  # in one answer, whatever is asked for
    hits: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.hits.append(request.path_qs)
        query = request.query
        low, high = (datetime.fromisoformat(query[name]) if name in query else None
                     for name in ("published-min", "published-max"))  # fmt: skip
        found = [
            (n, date) for n, date in enumerate(self.dates) if (not low or date >= low) and (not high or date < high)
        ]
        first, size = int(query.get("start-index", "1")), min(int(query.get("max-results", "25")), self.most)
        shown = found[first - 1 : first - 1 + size]
        more = len(found) >= first + size
        following = urlencode({**query, "start-index": first + size}).replace("&", "&amp;")
        link = f'<link rel="next" href="https://www.blogger.com/feeds/1/posts/default?{following}"/>' if more else ""
        items = "".join(
            f"<entry><id>tag:blogger.com,1999:{n}</id><title>{n}</title><published>{date.astimezone(UTC).isoformat()}"
            f'</published><link rel="alternate" type="text/html" href="http://{request.host}/a/{n}"/></entry>'
            for n, date in shown
        )
        total = f'<o:totalResults xmlns:o="http://a9.com/-/spec/opensearchrss/1.0/">{len(found)}</o:totalResults>'
        text = (
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>{link}{total}'
            f'<generator version="7.00" uri="https://www.blogger.com">Blogger</generator>{items}</feed>'
        )
        return web.Response(text=text, content_type="application/atom+xml")
