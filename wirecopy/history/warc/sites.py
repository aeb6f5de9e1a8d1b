"""Which feed an address belongs to, by exact registered domain: an archive of the whole web has pages of all others."""

from __future__ import annotations

from functools import lru_cache

from ingest.feedlist.feedlist import FeedList
from ingest.records import Feed
from ingest.text.urls import host_of, registered_domain, without_www

MOST_HOSTS = 100_000  # remembered: a day of CC-NEWS has some 20,000


class Sites:
    """The domains of a feed list: of its feeds' hosts, and of hosts that [publishers] gives to a feed's publisher."""

    def __init__(self, feed_list: FeedList) -> None:
        self._by_host: dict[str, Feed] = {}
        self._by_domain: dict[str, Feed] = {}
        wanted = [feed for feed in feed_list.feeds if feed.history is None or "warc" in feed.history]
        self.feeds = tuple(wanted)
        for feed in wanted:
            self._add(host_of(feed.url), feed)
        publishers = {feed_list.publisher_of(host_of(feed.url)): feed for feed in reversed(wanted)}
        for host, name in feed_list.publishers.items():
            if name in publishers:
                self._add(host, publishers[name])
        self.choose = lru_cache(maxsize=MOST_HOSTS)(self._choose)

    @property
    def domains(self) -> frozenset[str]:
        """All that are wanted."""
        return frozenset(self._by_domain)

    def domains_of(self, feed: Feed) -> frozenset[str]:
        """Those whose pages become this feed's, if no other feed has their very host."""
        return frozenset(domain for domain, owner in self._by_domain.items() if owner.id == feed.id)

    def wants(self, url: str) -> tuple[str, bool]:
        """The registered domain of *url*, and whether it is one of `domains`."""
        return self.choose(_authority(url))

    def feed_of(self, url: str) -> Feed | None:
        """The feed of that very host, else the first one of its registered domain."""
        host = host_of(url)
        return self._by_host.get(without_www(host)) or self._by_domain.get(registered_domain(host))

    def _add(self, host: str, feed: Feed) -> None:
        if host:
            self._by_host.setdefault(without_www(host), feed)
            self._by_domain.setdefault(registered_domain(host), feed)

    def _choose(self, authority: str) -> tuple[str, bool]:
        domain = registered_domain(host_of(f"http://{authority}"))
        return domain, domain in self._by_domain


def _authority(url: str) -> str:
    """Host and port as written: cheap, because it is asked for every record of an archive."""
    pieces = url.split("/", 3)
    return pieces[2] if len(pieces) > 2 else ""
