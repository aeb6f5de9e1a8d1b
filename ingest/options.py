"""The knobs of fetching and extracting, as plain values: the desk fills them from its settings, the tests by hand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Final

Network = IPv4Network | IPv6Network

DEFAULT_USER_AGENT: Final = "wirecopy/0.1 (+https://example.org/set-WIRECOPY_USER_AGENT)"
"""Says to sites that nobody has set one, and to its user how to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """Options of requests: identity, waits and size limits."""

    user_agent: str = DEFAULT_USER_AGENT
    allow_networks: tuple[Network | str, ...] = ()  # non-public networks that may be reached all the same
    respect_robots: bool = True
    obey_tdm: bool = True  # a page that reserves text and data mining is Reserved
    read_tdmrep: bool = True  # fetch /.well-known/tdmrep.json of each page's host

    deadline: timedelta = timedelta(seconds=20)  # wall clock of one get with its redirects
    connect_timeout: timedelta = timedelta(seconds=10)  # per address that DNS gave
    # Both caps count twice: on the wire and after decompression (`.read()` of a bomb took 1.2 GB).
    page_bytes: int = 5_000_000
    feed_bytes: int = 10_000_000
    sitemap_bytes: int = 60_000_000  # of an archive sitemap: the protocol allows 50 MB, some go beyond
    header_bytes: int = 65_536  # all headers of one answer; sites with long policies send 10 to 20 kB
    max_redirects: int = 8

    connections: int = 32  # at once, over all hosts
    host_connections: int = 2  # at once, per host
    host_gap: timedelta = timedelta(milliseconds=500)  # between two requests to one host
    host_gaps: Mapping[str, timedelta] = field(default_factory=dict)  # of hosts that want a longer one
    max_crawl_delay: timedelta = timedelta(seconds=30)  # a longer Crawl-delay counts as this much
    # A host that failed so often in a row (no connection, deadline) gets no request for `host_rest`:
    # fifty entries of a dead host would cost fifty deadlines.
    host_failures: int = 4
    host_rest: timedelta = timedelta(minutes=5)
    host_time: timedelta | None = None  # most that one host may keep a run busy; its other pages are Deferred
    max_inline_wait: timedelta = timedelta(seconds=10)  # a Retry-After up to this is waited for; longer: an error

    # Of robots.txt and tdmrep.json alike:
    robots_bytes: int = 512_000  # RFC 9309 requires at least 500 KiB; the rest is not read
    robots_keep: timedelta = timedelta(hours=12)  # RFC 9309: not more than 24 hours
    robots_retry: timedelta = timedelta(minutes=10)  # an unreadable robots.txt is fetched again after this


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOptions:
    """Options of the worker processes: their number, and limits for one document."""

    obey_tdm: bool = True  # an article whose page reserves text and data mining is Reserved
    workers: int = field(default_factory=lambda: os.cpu_count() or 2)
    deadline: timedelta = timedelta(seconds=10)  # a page that takes longer is killed with its process
    # 10 MB of feed, the most that is fetched, take 1 to 2 s of CPU; in 40,000 small entries, with a broken one, 10.
    parse_deadline: timedelta = timedelta(seconds=20)  # a feed document that takes longer is killed with its process
    pages_per_worker: int = 500  # or feed documents; then the process is replaced, so that lost memory comes back
    memory_bytes: int | None = 2_000_000_000  # address space of one process (RLIMIT_AS); None: unlimited
