"""Where things live: the addresses and paths of feeds and articles for one anchor and one port."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Final

from demo.newsroom.past import Past, load_past
from demo.newsroom.truth import Ends, Truth, group_of
from demo.newsroom.world import DAYS, Article, Feed, World

TRACKING: Final = "utm_source=rss&utm_medium=feed&utm_campaign=frontpage"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The world put into time (anchor) and space (port)."""

    world: World
    anchor: datetime  # aware, UTC: the end of the world's third day
    port: int
    clock: Callable[[], datetime] | None = None  # None: it is always the anchor

    @property
    def now_or_anchor(self) -> datetime:
        """The instant as of which lists answer."""
        return self.clock() if self.clock else self.anchor

    @property
    def start(self) -> datetime:
        """The instant from which the world's offsets count."""
        return self.anchor - DAYS

    def offset(self, now: datetime) -> timedelta:
        """How far the world has come at *now*."""
        return now - self.start

    def when(self, offset: timedelta) -> datetime:
        """The instant at *offset* after the start."""
        return self.start + offset

    def root(self, publisher: str) -> str:
        """Scheme, address and port of a publisher."""
        return f"http://{self.world.publishers[publisher].address}:{self.port}"

    def path(self, article: Article) -> str:
        """Path and query of an article's page, in its canonical spelling."""
        publisher = self.world.publishers[article.publisher]
        local = self.when(article.published).astimezone(publisher.zone)
        number = 10_000 + zlib.crc32(article.slug.encode()) % 90_000  # looks like a row id, stays the same
        return publisher.path.format(section=article.section, slug=article.slug, id=number, date=f"{local:%Y/%m/%d}")

    def url(self, name: str) -> str:
        """Absolute URL of the feed or article of that id or slug."""
        feed = self.world.feeds.get(name)
        if feed is not None:
            return self.root(feed.publisher) + feed.path
        try:
            article = self.world.articles[name]
        except KeyError:
            raise KeyError(f"the world has no feed or article {name!r}") from None
        return self.root(article.publisher) + self.path(article)

    def link(self, article: Article) -> str:
        """The URL as the feed spells it: some publishers add tracking parameters."""
        url = self.url(article.slug)
        if "tracking" not in article.quirks:
            return url
        return f"{url}{'&' if '?' in url else '?'}{TRACKING}"

    @cached_property
    def pages(self) -> Mapping[str, Article]:
        """Every article by the absolute URL of its page."""
        return {self.url(article.slug): article for article in self.world.articles.values()}

    @cached_property
    def past(self) -> Past:
        """The articles of before the world's three days."""
        return load_past(self.world)

    @cached_property
    def full(self) -> Site:
        """The site with the articles of before among the others."""
        return replace(self, world=replace(self.world, articles={**self.past.articles, **self.world.articles}))

    @cached_property
    def old_pages(self) -> Mapping[str, Article]:
        """The articles of before that the sites still show, by the absolute URL of their pages."""
        past = self.past
        return {self.full.url(slug): one for slug, one in past.articles.items() if slug not in past.gone}

    def old_truth(self) -> list[Truth]:
        """One record per article of before, in order of publication."""
        articles = sorted(self.past.articles.values(), key=lambda article: (article.published, article.slug))
        return [self.full._truth(article) for article in articles]

    @cached_property
    def documents(self) -> Mapping[str, Feed]:
        """Every feed by its absolute URL."""
        return {self.url(feed.id): feed for feed in self.world.feeds.values()}

    def truth(self) -> list[Truth]:
        """One record per article, in order of publication."""
        articles = sorted(self.world.articles.values(), key=lambda article: (article.published, article.slug))
        return [self._truth(article) for article in articles]

    def _truth(self, article: Article) -> Truth:
        return Truth(
            slug=article.slug,
            url=self.url(article.slug),
            publisher=self.world.publishers[article.publisher].name,
            language=article.language,
            published_at=self.when(article.published).astimezone(UTC),
            event=article.event,
            relation=article.relation,
            source=article.source,
            source_url=self.url(article.source) if article.source else None,
            group=group_of(article, self.world),
            feeds=article.feeds,
            headline=article.versions[0].headline,
            ends=self._ends(article),
        )

    def _ends(self, article: Article) -> Ends:
        if "missing" in article.quirks:
            return "http_404"
        rules = self.world.publishers[article.publisher].robots.split()
        forbidden = [path for name, path in pairwise(rules) if name == "Disallow:"]
        return "robots" if self.path(article).startswith(tuple(forbidden)) else "article"
