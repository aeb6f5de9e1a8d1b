"""Where the feeds of a site may be: declared by a page, listed by robots.txt, or at the usual places.

Pure: bytes in, candidates out. lxml reads the page. trafilatura.feeds.determine_feed does similar work, but drops the
queries of addresses (courlan.clean_url: `/feed?lang=de` becomes `/feed`) and the titles, and uses `<a>` only where
there is no `<link>`, so that an overview page of twenty feeds gives one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urldefrag, urljoin, urlsplit

from ingest.feed.formats.kinds import link_types, usual_places
from ingest.text.cleaning import fold
from ingest.text.urls import absolute_url, host_of, registered_domain

How = Literal["address", "link", "anchor", "robots", "usual place"]

FEED_TYPES: Final = re.compile(
    rf"\s*(?:application|text)/(?:x[.-])?(?:{'|'.join(link_types())})(?:\+?(?:xml|json))?\s*(?:;|$)"
)
# Sites call their feeds application/xml, application/json or nothing at all: then the address must look like one.
LIKE_A_FEED: Final = re.compile(
    r"[./_-](?:rss2?|atom|rdf)(?:\.(?:xml|php|json|aspx?))?/*$|/(?:feeds?|rss|atom)(?:/|\.(?:xml|json|php)|$)"
    r"|/(?:[^/?]*[_.-])?rss(?:[_.-][^/?]*)?/*$"  # a feed, or a page that lists them: /service/rss.html
    r"|[?&](?:feed|format|type|output)=(?:rss2?|atom|rdf|feed|100)(?:&|$)|^https?://(?:feeds?|rss)\d?\.[^/]+/.",
    re.IGNORECASE,
)
COMMENTS: Final = re.compile(r"comment|kommentar|comentario|commento|commentaire|yorum|/replies", re.IGNORECASE)
NEWS_SITEMAP: Final = re.compile(r"news|nachricht|noticia|actualit|notizi", re.IGNORECASE)
USUAL_PLACES: Final = tuple(usual_places())
MOST_LINKS: Final = 40  # of one page: a publisher's list of feeds has about as many; each costs a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address at which a feed may be."""

    url: str
    how: How


def page_candidates(body: bytes, url: str) -> list[Candidate]:
    """The feeds that the HTML page at *url* names, in its order, `<link rel=alternate>` first, without those of
    comments.

    An `<a>` counts if it looks like a feed and stays with the site or its feed host. At most MOST_LINKS.
    """
    tree = _tree(body)
    if tree is None:
        return []
    base = next((urljoin(url, found.get("href")) for found in tree.iter("base") if found.get("href")), url)
    links = (Candidate(url=found, how="link") for found in _absolute(_alternates(tree), base))
    anchors = (Candidate(url=found, how="anchor") for found in _absolute(_anchors(tree), base) if _is_near(found, url))
    return unique([*links, *anchors])[:MOST_LINKS]


def usual_candidates(url: str) -> list[Candidate]:
    """The usual places of the site of *url*, below its own folder first if it names one."""
    parts = urlsplit(url)
    site = f"{parts.scheme}://{parts.netloc}"
    own = [f"{url.partition('?')[0].rstrip('/')}{place}" for place in USUAL_PLACES[:3]] if len(parts.path) > 1 else []
    return unique(Candidate(url=place, how="usual place") for place in [*own, *(site + one for one in USUAL_PLACES)])


def unique(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Each address once, with the first reason for it."""
    found: dict[str, Candidate] = {}
    for one in candidates:
        found.setdefault(one.url, one)
    return list(found.values())


def names_news(sitemap: str) -> bool:
    """Whether the address of a sitemap says that it lists news."""
    return bool(NEWS_SITEMAP.search(urlsplit(sitemap).path))


def _tree(body: bytes) -> Any:
    from lxml import html

    try:
        return html.document_fromstring(body) if body.strip() else None
    except (ValueError, html.etree.ParserError):  # nothing but a comment, or a wrong declaration
        return None


def _alternates(tree: Any) -> Iterator[str]:
    for link in tree.iter("link"):
        kind, href = (link.get("type") or "").lower(), link.get("href") or ""
        if "alternate" not in (link.get("rel") or "").lower().split() or COMMENTS.search(link.get("title") or ""):
            continue
        if FEED_TYPES.match(kind) or (not kind.startswith("text/html") and _looks_like_a_feed(href)):
            yield href


def _anchors(tree: Any) -> Iterator[str]:
    for anchor in tree.iter("a"):
        href = anchor.get("href") or ""
        if _looks_like_a_feed(href) or FEED_TYPES.match((anchor.get("type") or "").lower()):
            yield href


def _looks_like_a_feed(href: str) -> bool:
    return bool(LIKE_A_FEED.search(href.partition("#")[0].strip()))


def _absolute(hrefs: Iterable[str], base: str) -> Iterator[str]:
    for href in hrefs:
        url = absolute_url(fold(href).replace(" ", "%20"), base)
        if url and not COMMENTS.search(url := urldefrag(url).url):
            yield url


def _is_near(url: str, page: str) -> bool:
    """On the page's own site, or on a host that is for feeds: another site's feed may be an advertisement."""
    host = host_of(url)
    return registered_domain(host) == registered_domain(host_of(page)) or host.startswith(("feeds.", "rss.", "feeds2."))
