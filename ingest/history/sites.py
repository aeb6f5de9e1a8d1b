"""The site that a feed is of: many feeds live on a host of their own, and lead to pages of another."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final
from urllib.parse import urlsplit

from ingest.fetch.headers import site_of
from ingest.records import Page

HEAD: Final = 1_000_000  # bytes of a feed in which its links are counted
# Links of entries and channels, in RSS, Atom, JSON Feed and sitemaps; not those of pictures.
_LINK: Final = re.compile(
    rb"<(?:\w+:)?(?:link|loc)(?:\s[^>]*?href\s*=\s*[\"'])?\s*>?\s*(?:<!\[CDATA\[)?\s*(https?://[^\s\"'<>\]]+)"
    rb"|\"(?:url|home_page_url)\"\s*:\s*\"(https?:\\?/\\?/[^\s\"]+)\"",
    re.IGNORECASE,
)

_LOC: Final = re.compile(rb"<(?:\w+:)?loc\s*>\s*(?:<!\[CDATA\[)?\s*(https?://[^\s<\]]+)", re.IGNORECASE)


def sites_of_feed(page: Page) -> list[str]:
    """The origins (`https://gazette.example`) that a feed document leads to, the most frequent first; its own last."""
    links = (match[1] or match[2].replace(b"\\", b"") for match in _LINK.finditer(page.body[:HEAD]))
    counted = Counter(site for link in links if (site := _site(link)))
    return list(dict.fromkeys([*(site for site, _ in counted.most_common(1)), site_of(page.final_url)]))


def links_of_sitemap(page: Page) -> list[str]:
    """The addresses that a feed lists that is a news sitemap."""
    return [one.decode("utf-8", "replace") for one in _LOC.findall(page.body[:HEAD])]


def _site(link: bytes) -> str | None:
    try:
        url = link.decode("ascii")
        return site_of(url) if urlsplit(url).hostname else None
    except ValueError:
        return None
