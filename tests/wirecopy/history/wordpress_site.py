"""A WordPress-like site, as version 6.5 was measured to behave, in a time zone of its own.

Its list of posts has exclusive bounds, local unless they end in Z; page and size beyond the limits are 400. Its feeds
have ten entries, `?paged=` ends by 404, and the feed of a day is that of the local day.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from aiohttp import web

LARGEST = 100  # posts in one answer of the API
PER_FEED = 10
TEXT = "The harbour board voted to dredge the eastern basin, after months of talks with the fishing fleet of the town. "


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    number: int
    at: datetime  # aware
    category: int = 1
    slug: str = ""

    @property
    def name(self) -> str:
        return self.slug or f"post-{self.number}"


@dataclass
class WordPressSite:
    """Give `answer` to a web server."""

    zone: ZoneInfo
    posts: list[Post]
    folder: str = ""  # the site lies below it: "/blog"
    plain: bool = False  # permalinks are queries, the API is ?rest_route=
    closed: int = 0  # status of the API; 0: it is open
    says_so: bool = True  # its feed and pages announce the API
    ignores_days: bool = False  # a plugin answers the feed of any day with the latest posts
    categories: Mapping[int, str] = field(default_factory=lambda: {1: "topics/world", 2: "topics/sport"})
    hits: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.hits.append(request.path_qs)
        path = request.path.removeprefix(self.folder)
        home = f"http://{request.host}{self.folder}"
        route = request.query.get("rest_route") if self.plain else path.removeprefix("/wp-json")
        if path.startswith("/wp-json") != self.plain and route and (self.plain or path.startswith("/wp-json")):
            return self._api(route, request.query, home)
        if path.rstrip("/").endswith("/feed") or "feed" in request.query:
            return self._feed(path, request.query, home)
        if path in ("", "/") and "p" not in request.query:
            return web.Response(
                text=f"<html><head>{self._head(home)}</head><body></body></html>", content_type="text/html"
            )
        return self.page(request, home)

    def asked(self, part: str) -> list[str]:
        return [hit for hit in self.hits if part in hit]

    def pages(self) -> Counter[str]:
        """How often the page of each post was asked for."""
        names = {self.link(post, self.folder): post.name for post in self.posts}
        return Counter(names[hit] for hit in self.hits if hit in names)

    def link(self, post: Post, home: str) -> str:
        if self.plain:
            return f"{home}/?p={post.number}"
        return f"{home}/{post.at.astimezone(self.zone):%Y/%m/%d}/{post.name}/"  # the day is local

    def _root(self, home: str) -> str:
        return f"{home}/index.php?rest_route=/" if self.plain else f"{home}/wp-json/"

    def _head(self, home: str) -> str:
        return f'<link rel="https://api.w.org/" href="{self._root(home)}" />' if self.says_so else ""

    def _headers(self, home: str) -> dict[str, str]:
        return {"Link": f'<{self._root(home)}>; rel="https://api.w.org/"'} if self.says_so else {}

    def _api(self, route: str, query: Mapping[str, str], home: str) -> web.Response:
        if self.closed:
            return web.json_response({"code": "rest_forbidden"}, status=self.closed)
        kind = route.removeprefix("/wp/v2/").strip("/")
        if kind == "posts":
            return self._posts(query, home)
        if kind == "categories":
            named = [{"id": number, "slug": path.rpartition("/")[2], "link": f"{home}/{path}/"}
                     for number, path in self.categories.items()]  # fmt: skip
            return web.json_response([one for one in named if one["slug"] == query.get("slug")])
        return web.json_response([])

    def _posts(self, query: Mapping[str, str], home: str) -> web.Response:
        size, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        if not 1 <= size <= LARGEST:
            return web.json_response({"code": "rest_invalid_param"}, status=400)
        found = sorted((post for post in self.posts if self._is_asked(post, query)), key=lambda post: post.at)
        found = found if query.get("order") == "asc" else found[::-1]
        pages = math.ceil(len(found) / size)
        if page > max(pages, 1):
            return web.json_response({"code": "rest_post_invalid_page_number"}, status=400)
        wanted = query.get("_fields", "").split(",") if "_fields" in query else None
        rows = [self._row(post, home) for post in found[(page - 1) * size : page * size]]
        rows = [{name: row[name] for name in wanted if name in row} for row in rows] if wanted else rows
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        return web.json_response(rows, headers=headers)

    def _is_asked(self, post: Post, query: Mapping[str, str]) -> bool:
        category = query.get("categories") or query.get("categories[terms]")
        after, before = (self._bound(query.get(name)) for name in ("after", "before"))
        at = post.at.replace(microsecond=0)
        late = after is None or at > after
        return late and (before is None or at < before) and category in (None, str(post.category))

    def _bound(self, text: str | None) -> datetime | None:
        if text is None:
            return None
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=self.zone)

    def _row(self, post: Post, home: str) -> dict[str, object]:
        local, utc = post.at.astimezone(self.zone), post.at.astimezone(UTC)
        return {
            "id": post.number, "date": f"{local:%Y-%m-%dT%H:%M:%S}", "date_gmt": f"{utc:%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{utc + timedelta(hours=9):%Y-%m-%dT%H:%M:%S}", "slug": post.name,
            "link": self.link(post, home), "title": {"rendered": f"Post {post.number} &#8211; {post.name}"},
            "content": {"rendered": "<p>The words of the API, which are nobody's article.</p>"},
        }  # fmt: skip

    def _feed(self, path: str, query: Mapping[str, str], home: str) -> web.Response:
        found = sorted(self.posts, key=lambda post: post.at, reverse=True)
        parts = path.strip("/").removesuffix("feed").strip("/")
        day = query.get("year", "") and f"{query['year']}/{int(query['monthnum']):02}/{int(query['day']):02}"
        if parts in self.categories.values():
            number = next(number for number, name in self.categories.items() if name == parts)
            found = [post for post in found if post.category == number]
        elif parts and parts.replace("/", "").isdigit():
            day = parts
        elif parts:
            return web.Response(status=404)
        if day and not self.ignores_days:
            found = [post for post in found if f"{post.at.astimezone(self.zone):%Y/%m/%d}" == day]
        found = found[::-1] if query.get("order") == "ASC" else found
        page = int(query.get("paged", "1"))
        shown = found[(page - 1) * PER_FEED : page * PER_FEED]
        if not shown and page > 1:
            return web.Response(status=404)
        return web.Response(text=self.rss(shown, home), content_type="application/rss+xml", headers=self._headers(home))

    def rss(self, shown: Sequence[Post], home: str) -> str:
        items = "".join(
            f"<item><title>Post {post.number}</title><link>{self.link(post, home).replace('&', '&amp;')}</link>"
            f"<pubDate>{format_datetime(post.at.astimezone(UTC))}</pubDate></item>"
            for post in shown
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>S</title><link>{home}</link>'
            f"<generator>https://wordpress.org/?v=6.5.5</generator>{items}</channel></rss>"
        )

    def page(self, request: web.Request, home: str) -> web.Response:
        for post in self.posts:
            if self.link(post, home) == f"http://{request.host}{request.path_qs}":
                at = post.at.astimezone(self.zone).isoformat()
                data = json.dumps({"@type": "NewsArticle", "datePublished": at, "headline": f"Post {post.number}"})
                body = f"<article><h1>Post {post.number}</h1><p>{TEXT * 5}{post.name}</p></article>"
                script = f'<script type="application/ld+json">{data}</script>'
                return web.Response(
                    text=f"<html><head>{script}</head><body>{body}</body></html>", content_type="text/html"
                )
        return web.Response(status=404)


def every(gap: timedelta, first: datetime, count: int, *, then: Callable[[int], int] = lambda number: 1) -> list[Post]:
    """*count* posts, *gap* apart; *then* gives the category of each."""
    return [Post(number=number, at=first + gap * number, category=then(number)) for number in range(1, count + 1)]
