"""The part of a site that a feed is of, by the beginnings of its articles' addresses. Pure.

A sitemap is of a whole site. Of a feed such as https://gazette.example/sport/rss.xml only what lies below /sport/ is
meant. A section is believed if all articles that the feed shows lie below it, and the feed's own address or home page
has the same word: what ten articles happen to have in common proves nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Final
from urllib.parse import unquote, urlsplit

from ingest.text.urls import host_of, registered_domain, without_www

LEAST: Final = 5  # articles that a feed has to show
_WORDS: Final = re.compile(r"[^\W_]+")
_MAIN: Final = frozenset(("m", "mobile", "amp"))  # hosts of a whole site, as www is
Section = tuple[str, ...]
"""Beginnings of addresses, each `/path/` or `host/path/` in lower case; none: the whole site."""


def section_of(feed_url: str, home: str | None, links: Sequence[str]) -> Section:
    """The section that a feed shows to be of, by its own address, its *home* page and the *links* of its entries."""
    domains = Counter(registered_domain(host_of(link)) for link in links)
    site = max(domains, key=domains.__getitem__, default="")
    own = [link for link in links if registered_domain(host_of(link)) == site]
    if len(own) < LEAST:
        return ()
    named = {word for url in (feed_url, home or "") for word in _WORDS.findall(_behind_the_host(url))}
    levels = zip(*(_folders(link) for link in own), strict=False)
    shared = [level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels)]
    while shared and not named.issuperset(_WORDS.findall(shared[-1])):
        shared.pop()  # by chance, or of all articles of the site
    host = _own_host(feed_url, own)
    return (f"{host}/{''.join(f'{one}/' for one in shared)}",) if host or shared else ()


def section_given(beginnings: Sequence[str]) -> Section:
    """The section that feeds.toml gives: `/` is the whole site."""
    given = tuple(f"{one.lower().rstrip('/')}/" for one in beginnings)
    return () if "/" in given else given


def told(section: Section) -> str:
    """A sentence for the books; empty for the whole site."""
    return f"only what lies below {' and '.join(section)}" if section else ""


def lies_in(url: str, section: Section) -> bool:
    """Whether the page at *url* is of *section*; one at a relative address is of any host."""
    if not section:
        return True
    host, path = without_www(host_of(url)), f"{_path(url).rstrip('/')}/"
    return any(_begins(host, path, one) for one in section)


def _begins(host: str, path: str, beginning: str) -> bool:
    wanted, _, rest = beginning.partition("/")
    return wanted in ("", host or wanted) and path.startswith(f"/{rest}")


def _own_host(feed_url: str, links: Sequence[str]) -> str:
    """sport.gazette.example, if the feed and all its articles are there; empty for the main host of a site."""
    hosts = {without_www(host_of(url)) for url in (*links, feed_url)}
    host = hosts.pop()
    main = not hosts and (host == registered_domain(host) or host.partition(".")[0] in _MAIN)
    return "" if hosts or main else host


def _folders(url: str) -> list[str]:
    return [segment for segment in _path(url).split("/")[1:-1] if segment]


def _behind_the_host(url: str) -> str:
    parts = urlsplit(url)
    return unquote(f"{parts.path} {parts.query}").lower()


def _path(url: str) -> str:
    return re.sub(r"/{2,}", "/", unquote(urlsplit(url).path).lower()) or "/"
