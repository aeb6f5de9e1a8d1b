"""What a page says about its article, read from JSON-LD, meta elements and the few visible places that can be trusted.

Our own reading, in one parse: trafilatura's gives days instead of instants and hangs on broken JSON-LD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from ingest.dates.parse import ParsedDate, parse_date
from ingest.page.bylines import raw_authors
from ingest.page.dating.claims import DateClaim, ReadDate
from ingest.page.dating.times import time_claims
from ingest.page.headline import read_names, read_title, shown_names
from ingest.page.jsonld import Node, main_article, node_text
from ingest.page.metas import Metas
from ingest.page.names import person_names
from ingest.page.ownpart import cut_foreign, own_heading
from ingest.records import Entry
from ingest.text.cleaning import fold, plain_text
from ingest.text.tags import primary_tag
from ingest.text.tdm import tdm_opt_out
from ingest.text.urls import absolute_url

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_DESCRIPTION, MAX_URL, MAX_RAW = 2_000, 4_000, 200
MAX_TAGS: Final = 50
_PUBLISHED: Final = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "og:published_time",
    "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued", "dcterms.issued", "dcterms.created",
    "dc.date.created", "dc.date",
    "dcterms.date", "published_time", "published_at", "publish_date", "publish-date", "publishdate", "pubdate",
    "article.published", "article:post_date",
    "publication_date", "article_date_original", "originalpublicationdate", "citation_publication_date",
    "date.issued", "vr:published_time", "last-published",
    "iso-8601-publish-date", "rnews:datepublished", "displaydate", "date",
)  # fmt: skip
_MODIFIED: Final = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "last-modified",
    "lastmod", "article:modified",
)  # fmt: skip
_KEYWORDS: Final = ("article:tag", "news_keywords", "parsely-tags", "keywords")
_CSS_CLASS: Final = re.compile(r"\.([A-Za-z_][\w-]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The page's claims, not yet checked against the feed."""

    title: str | None
    authors: tuple[str, ...]
    published: tuple[DateClaim, ...]  # most trusted first
    modified: ParsedDate | None
    description: str | None
    image_url: str | None
    language: str | None  # as written: de-AT
    canonical: str | None  # absolute, not judged
    license: str | None
    tdm_reservation: bool | None  # True: the publisher reserves text and data mining
    paywalled: bool | None
    tags: tuple[str, ...]
    body: str | None  # articleBody of the JSON-LD
    says_article: bool  # JSON-LD or og:type call the page an article
    paid_classes: tuple[str, ...]  # classes of the elements that JSON-LD marks as not free


def read_metadata(
    tree: HtmlElement, url: str, headers: Mapping[str, str], *, now: datetime, entry: Entry | None = None
) -> Metadata:
    """The claims of *tree*, the page at *url* that *entry* led to, about its own article: comments and other articles
    are cut out of *tree* first. Dates before 1990 or more than a day ahead of *now* are left out.
    """
    metas = Metas(tree)
    canonical = _canonical(tree, url)
    entry_title, link = (entry.title, entry.link) if entry else (None, None)
    shown = shown_names(tree, metas, entry_title)
    cut_foreign(tree, shown)
    metas = Metas(tree)  # without those of comments
    urls = tuple(filter(None, (url, canonical, link, metas.get("og:url"))))
    article = main_article(_json_ld(tree), urls, shown)
    language = _language(tree, metas, article)
    read = partial(parse_date, now=now, language=primary_tag(language))
    return Metadata(
        title=read_title(read_names(tree, metas, article, url, entry_title)),
        authors=person_names(raw_authors(tree, metas, article)),
        published=tuple(_published(tree, own_heading(tree, shown), metas, article, read)),
        modified=_modified(metas, article, read),
        description=plain_text(
            metas.get("og:description", "description") or node_text(article.get("description")), limit=MAX_DESCRIPTION
        ),
        image_url=_absolute(metas.get("og:image", "og:image:url", "twitter:image") or _image(article), url),
        language=language,
        canonical=canonical,
        license=_license(tree, metas, article, url),
        tdm_reservation=tdm_opt_out(headers, metas.get("tdm-reservation"), metas.values.get("robots", ())),
        paywalled=_paywalled(metas, article),
        tags=_tags(metas, article),
        body=node_text(article.get("articleBody")),
        says_article=bool(article.get("@type")) or (metas.get("og:type") or "").lower() == "article",
        paid_classes=_paid_classes(article),
    )


def _json_ld(tree: HtmlElement) -> list[str]:
    return [script.text_content() for script in tree.iter("script") if "ld+json" in (script.get("type") or "").lower()]


def _published(
    tree: HtmlElement, heading: HtmlElement | None, metas: Metas, article: Node, read: ReadDate
) -> Iterator[DateClaim]:
    claims = [("jsonld", node_text(article.get(name))) for name in ("datePublished", "dateCreated", "uploadDate")]
    claims += [("meta", value) for name in _PUBLISHED for value in metas.all(name)[:1]]
    claims += [("time", value) for value in time_claims(tree, heading, read)]
    for source, raw in claims:
        if date := read(raw):
            yield DateClaim(date=date, source=source, raw=(raw or "")[:MAX_RAW])


def _modified(metas: Metas, article: Node, read: ReadDate) -> ParsedDate | None:
    raws = (node_text(article.get("dateModified")), *(metas.get(name) for name in _MODIFIED))
    return next((date for raw in raws if (date := read(raw))), None)


def _image(article: Node) -> str | None:
    value = article.get("image") or article.get("thumbnailUrl")
    value = value[0] if isinstance(value, list) and value else value
    return (
        node_text(value.get("url") or value.get("contentUrl") or value.get("@id"))
        if isinstance(value, dict)
        else node_text(value)
    )


def _language(tree: HtmlElement, metas: Metas, article: Node) -> str | None:
    root = tree.getroottree().getroot()
    value = (
        root.get("lang")
        or root.get("xml:lang")
        or node_text(article.get("inLanguage"))
        or metas.get("og:locale", "content-language", "language")
    )
    return value.strip() if value else None


def _canonical(tree: HtmlElement, url: str) -> str | None:
    """rel=canonical, absolute; None if there is none or the page names several."""
    found = {
        _absolute(link.get("href"), url)
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    }
    return found.pop() if len(found) == 1 else None


def _license(tree: HtmlElement, metas: Metas, article: Node, url: str) -> str | None:
    stated = article.get("license")
    stated = stated.get("url") or stated.get("@id") or stated.get("name") if isinstance(stated, dict) else stated
    links = tree.xpath("//head/link[@rel='license']/@href | //article//a[@rel='license']/@href")
    value = (
        node_text(stated)
        or metas.get("dcterms.license", "dc.license", "cc:license")
        or (_absolute(str(links[0]), url) if links else None)
    )
    return fold(value)[:MAX_URL] if value else None


def _paywalled(metas: Metas, article: Node) -> bool | None:
    free = article.get("isAccessibleForFree")
    free = free[0] if isinstance(free, list) and free else free
    tier = (metas.get("article:content_tier") or "").lower()
    if str(free).lower() in ("false", "http://schema.org/false", "https://schema.org/false") or tier == "locked":
        return True
    return (
        False
        if str(free).lower() in ("true", "http://schema.org/true", "https://schema.org/true") or tier == "free"
        else None
    )


def paid_elements(tree: HtmlElement, meta: Metadata) -> Iterator[HtmlElement]:
    """The elements that JSON-LD marks as paid for, as far as they were sent along."""
    wanted = set(meta.paid_classes)
    if wanted:
        yield from (node for node in tree.iter() if wanted & set((node.get("class") or "").split()))


def _paid_classes(article: Node) -> tuple[str, ...]:
    """https://developers.google.com/search/docs/appearance/structured-data/paywalled-content: hasPart, cssSelector."""
    parts = article.get("hasPart")
    selectors = [
        part.get("cssSelector")
        for part in (parts if isinstance(parts, list) else [parts])
        if isinstance(part, dict) and str(part.get("isAccessibleForFree")).lower() == "false"
    ]
    found = [
        name for one in selectors for name in _CSS_CLASS.findall(one if isinstance(one, str) else " ".join(one or ()))
    ]
    return tuple(dict.fromkeys(found))[:10]


def _tags(metas: Metas, article: Node) -> tuple[str, ...]:
    words = article.get("keywords") or metas.all(*_KEYWORDS)
    values = words if isinstance(words, list) else [words]
    split = [
        part
        for value in values
        if isinstance(value, str)
        for part in (value.split(",") if len(values) == 1 else [value])
    ]
    return tuple(dict.fromkeys(tag for part in split if (tag := plain_text(part, limit=100))))[:MAX_TAGS]


def _absolute(link: str | None, base: str) -> str | None:
    text = (link or "").strip()
    return absolute_url(text, base) if 0 < len(text) <= MAX_URL else None
