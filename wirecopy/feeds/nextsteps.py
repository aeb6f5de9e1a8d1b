"""What to do about a feed that could not be read, by the code of its poll."""

from __future__ import annotations

from typing import Final

NEXT_STEPS: Final = {
    "robots": "ask the site for permission, or remove the feed",
    "robots_unavailable": "wait: the site's robots.txt cannot be read",
    "refused_address": "allow its network in WIRECOPY_ALLOW_NETWORKS if it is yours",
    "timeout": "try again later, or raise WIRECOPY_FETCH_TIMEOUT",
    "connect": "look at the address and at the network",
    "too_large": "raise WIRECOPY_FEED_BYTES if you trust it",
    "http_4xx": "open the address in a browser: it may have moved, or want a key (headers in feeds.toml)",
    "http_5xx": "wait: it is the server's fault",
    "http_3xx": "open the address in a browser and take the one it ends at",
    "not_a_feed": "take the address of the feed itself, not of a page that links to it",
    "parse_timeout": "tell its publisher what is odd about it, or take another feed of the site",
    "parse_crashed": "look into the log: the last lines before it name the library",
}


def next_step(code: str) -> str:
    """The next step; of a code that has none of its own a general one."""
    return NEXT_STEPS.get(code, "look at the address")
