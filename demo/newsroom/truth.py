"""The truth about the world: its articles, and which of them copy each other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import combinations
from typing import Any, Literal

from demo.newsroom.world import COPIES, Article, Relation, World

Pair = frozenset[str]  # two absolute URLs
Ends = Literal["article", "http_404", "robots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The facts that a perfect pipeline would find about one article."""

    slug: str
    url: str  # absolute, the canonical spelling
    publisher: str  # the name that feeds.toml gives its host
    language: str
    published_at: datetime  # aware, UTC
    event: str
    relation: Relation
    source: str | None  # slug
    source_url: str | None
    group: str  # slug of the text that this one goes back to; its own if it is no copy
    feeds: tuple[str, ...]
    headline: str  # of its first version
    ends: Ends  # the outcome of its entry when a robot takes it

    def as_dict(self) -> dict[str, Any]:
        """The same with plain JSON values."""
        return asdict(self) | {"published_at": self.published_at.isoformat(), "feeds": list(self.feeds)}


COLUMNS = ("slug", "publisher", "language", "event", "relation", "source", "group", "ends", "headline")


def as_csv(truth: Iterable[Truth]) -> str:
    """Who copied whom, one line an article, without the dates and addresses that change: the text of truth.csv."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(one, name) or "" for name in COLUMNS] for one in sorted(truth, key=lambda one: one.slug))
    return out.getvalue()


def copy_pairs(truth: Iterable[Truth]) -> set[Pair]:
    """Pairs of URLs that are copies of one another: all readable members of a syndication group copy each other."""
    return {frozenset((a.url, b.url)) for a, b in _pairs(truth) if a.group == b.group}


def independent_pairs(truth: Iterable[Truth]) -> set[Pair]:
    """Pairs of URLs that report the same event and are no copies of one another."""
    return {
        frozenset((a.url, b.url))
        for a, b in _pairs(truth)
        if a.event == b.event and a.group != b.group and a.language == b.language and not _templates(a, b)
    }


def template_pairs(truth: Iterable[Truth]) -> set[Pair]:
    """Pairs of URLs that fill the same template with other numbers: no copies either."""
    return {frozenset((a.url, b.url)) for a, b in _pairs(truth) if a.event == b.event and _templates(a, b)}


def group_of(article: Article, world: World) -> str:
    """Slug of the text that *article* goes back to through its sources."""
    while article.relation in COPIES and article.source is not None:
        article = world.articles[article.source]
    return article.slug


def _pairs(truth: Iterable[Truth]) -> combinations[tuple[Truth, Truth]]:
    return combinations([one for one in truth if one.ends == "article"], 2)


def _templates(a: Truth, b: Truth) -> bool:
    return a.relation == b.relation == "template"
