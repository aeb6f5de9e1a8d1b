"""Article pages: three layouts with all that surrounds a text on a real page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from html import escape
from string import Template
from typing import Final

from demo.newsroom.site import Site
from demo.newsroom.world import DATA, Article, Publisher, Version

# Texts of the pages around the article, per language: (related, rights, cookies, by).
PHRASES: Final = {
    "en": ("Read next", "All rights reserved.", "We use cookies to keep you signed in. You may decline them.", "By"),
    "es": (
        "Lea también",
        "Todos los derechos reservados.",
        "Usamos cookies propias y de terceros. Puede rechazarlas.",
        "Por",
    ),
    "de": ("Auch interessant", "Alle Rechte vorbehalten.", "Wir verwenden Cookies. Sie können sie ablehnen.", "Von"),
}
RELATED: Final = 4  # links in the aside


def render_page(article: Article, version: Version, site: Site) -> str:
    """The page of *article* in one of its versions: the same bytes whenever it is asked for."""
    publisher = site.world.publishers[article.publisher]
    published = site.when(article.published).astimezone(publisher.zone)
    modified = site.when(version.since).astimezone(publisher.zone)
    related_title, rights, cookies, by = PHRASES[article.language]
    return _layout(publisher.layout).substitute(
        language=article.language,
        publisher=escape(publisher.name),
        headline=escape(version.headline),
        summary=escape(version.summary),
        head=_head(article, version, site, published, modified),
        nav="".join(f'<li><a href="/{index}">{escape(text)}</a></li>' for index, text in enumerate(publisher.nav)),
        byline=_byline(article, publisher, published, by),
        paragraphs="\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in version.printed),
        related_title=escape(related_title),
        related=_links(_related(article, site), site),
        boilerplate="".join(f"<p>{escape(line)}</p>" for line in publisher.boilerplate),
        year=published.year,
        rights=escape(rights),
        cookies=escape(cookies),
    )


@cache
def _layout(name: str) -> Template:
    return Template((DATA / "templates" / f"{name}.html").read_text("utf-8"))


def _head(article: Article, version: Version, site: Site, published: datetime, modified: datetime) -> str:
    """Canonical link and dates, in the way of this publisher."""
    publisher = site.world.publishers[article.publisher]
    url = site.url(article.slug)
    lines = [f'<link rel="canonical" href="{escape(url)}">'] if publisher.canonical else []
    if publisher.dates == "meta":
        lines.append(f'<meta property="article:published_time" content="{published.isoformat()}">')
        if modified != published:
            lines.append(f'<meta property="article:modified_time" content="{modified.isoformat()}">')
    if publisher.dates == "jsonld":
        dates = {"datePublished": published.isoformat(), "dateModified": modified.isoformat()}
        lines.append(_json_ld(article, version, publisher, {"mainEntityOfPage": url} | dates))
    return "\n".join(lines)


def _json_ld(article: Article, version: Version, publisher: Publisher, known: dict[str, str]) -> str:
    organisation = {"@type": "NewsMediaOrganization", "name": publisher.name}
    author = {"@type": "Person", "name": article.author} if article.author else organisation
    fields = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": version.headline,
        "author": [author],
        "publisher": organisation,
        "inLanguage": article.language,
    } | known
    text = json.dumps(fields, ensure_ascii=False).replace("<", "\\u003c")  # no tag can end the script early
    return f'<script type="application/ld+json">{text}</script>'


def _byline(article: Article, publisher: Publisher, published: datetime, by: str) -> str:
    parts = [f'<span class="author">{escape(by)} {escape(article.author)}</span>'] if article.author else []
    if publisher.dates == "time":
        parts.append(f'<time datetime="{published.isoformat()}">{published:%d.%m.%Y %H:%M}</time>')
    return f'<div class="byline">{" ".join(parts)}</div>' if parts else ""


def _related(article: Article, site: Site) -> list[Article]:
    """The publisher's latest articles of the same language before this one: known once and for all."""
    kin = (article.publisher, article.language)
    others = (other for other in site.world.articles.values() if (other.publisher, other.language) == kin)
    before = [other for other in others if other.published < article.published]
    return sorted(before, key=lambda other: (other.published, other.slug), reverse=True)[:RELATED]


def _links(articles: Sequence[Article], site: Site) -> str:
    links = ((escape(site.path(one)), escape(one.versions[0].headline)) for one in articles)
    return "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in links)
