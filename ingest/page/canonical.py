"""Which URL a page goes by: its rel=canonical, unless that would give many pages one identity.

The article_id is made from it, so a wrong canonical merges different articles for good; a missed one costs a near-
duplicate that the dedupe finds. Doubt means the URL after redirects.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from ingest.text.urls import canonical_url, registered_domain

_AMP_CACHES: Final = frozenset({"ampproject.org", "ampproject.net", "googleusercontent.com", "bing-amp.com"})


def page_canonical(claimed: str | None, final_url: str) -> str:
    """The canonical URL of the page at *final_url* that *claimed* its canonical to be there; in canonical spelling."""
    own = canonical_url(final_url)
    if not claimed:
        return own
    other = canonical_url(claimed)
    return other if other == own or _plausible(other, own) else own


def _plausible(claimed: str, own: str) -> bool:
    """Same site, not the front page or a section above the page, not the bare script of a page told apart by its
    query.
    """
    there, here = urlsplit(claimed), urlsplit(own)
    if not there.hostname or not _same_site(there.hostname, here.hostname or ""):
        return False
    if there.path in ("", "/") and not there.query:
        return here.path in ("", "/") and not here.query
    if there.path == here.path and here.query and not there.query:
        return names_a_page(there.path)
    is_above = here.path.startswith(there.path.rstrip("/") + "/") and len(here.path) > len(there.path) + 1
    return not is_above or names_a_page(there.path)


def _same_site(there: str, here: str) -> bool:
    """Subdomains of one registered domain (m., amp., www.) are one site; two addresses must be equal; AMP caches
    speak for others.
    """
    site = registered_domain(here)
    return site == registered_domain(there) or site in _AMP_CACHES


def names_a_page(path: str) -> bool:
    """The last part of *path* looks like one article: a number, or a slug of several words."""
    last = path.rstrip("/").rpartition("/")[2]
    return any(letter.isdigit() for letter in last) or last.count("-") + last.count("_") >= 2
