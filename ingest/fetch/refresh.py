"""Pages that only lead on, also where a feed was: a meta refresh at once, on a page that has nearly no text of its own.

https://html.spec.whatwg.org/multipage/semantics.html#attr-meta-http-equiv-refresh
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import urldefrag, urljoin

from ingest.records import Page
from ingest.text.urls import is_web

MAX_REFRESHES: Final = 3  # one after another
MAX_SECONDS: Final = 5.0  # a longer wait is a news ticker's, or a page that is meant to be read first
MAX_TEXT_CHARS: Final = 400  # of a page that only leads on: "You are being redirected, click here"
MAX_BYTES: Final = 100_000  # a bigger page is no mere signpost
_HEAD_BYTES: Final = 1_000  # in which a document says what it is
_FEED: Final = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.IGNORECASE)
_META: Final = re.compile(r"<meta\b[^>]*http-equiv\s*=\s*[\"']?refresh\b[^>]*>", re.IGNORECASE)
_CONTENT: Final = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_LEADS: Final = re.compile(
    r"\s*(?P<seconds>\d*\.?\d*)\s*[;,\s]\s*(?:url\s*=\s*)?(?P<mark>[\"']?)(?P<url>.+)", re.IGNORECASE
)
_HIDDEN: Final = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")


def refresh_target(page: Page) -> str | None:
    """The absolute address that *page* leads to at once; None if it is a page to be read, or leads to itself."""
    if len(page.body) > MAX_BYTES or _FEED.search(page.body[:_HEAD_BYTES]):
        return None
    text = page.body.decode("utf-8", "replace")
    found = next((target for meta in _META.findall(text) if (target := _target(meta, page.final_url))), None)
    if found is None or found == urldefrag(page.final_url).url:
        return None
    return found if len(" ".join(_TAG.sub(" ", _HIDDEN.sub(" ", text)).split())) <= MAX_TEXT_CHARS else None


def _target(meta: str, base: str) -> str | None:
    content = _CONTENT.search(meta)
    leads = _LEADS.fullmatch(html.unescape(next(filter(None, content.groups()), ""))) if content else None
    if not leads or float(leads["seconds"].rstrip(".") or 0) > MAX_SECONDS:
        return None
    try:
        url = urldefrag(urljoin(base, leads["url"].strip().rstrip(leads["mark"] or "\0").strip())).url
    except ValueError:
        return None
    return url if is_web(url) else None
