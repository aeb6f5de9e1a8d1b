"""robots.txt by RFC 9309: one per origin, read through the same careful fetcher as everything else (wellknown.py).

No such file: all is allowed. A server that fails (5xx, 429): nothing is allowed for a while, a RobotsUnavailable that
can be retried. No connection: that error itself, because the page could not be had either.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from ingest.errors import FetchError, HttpStatus, RobotsDisallowed, RobotsUnavailable
from ingest.fetch.headers import site_of
from ingest.fetch.wellknown import ParsedFiles, WellKnown
from ingest.options import FetchOptions

if TYPE_CHECKING:
    from protego import Protego

AGENT: Final = "wirecopy"  # the name that robots.txt may single out


class Robots:
    """The rules of the hosts of one run."""

    def __init__(self, options: FetchOptions, files: WellKnown) -> None:
        self._options, self._files = options, files
        self._parsed = ParsedFiles(_parse)

    async def check(self, url: str) -> timedelta:
        """The Crawl-delay for *url*, zero if there is none.

        Raises RobotsDisallowed, RobotsUnavailable, or the error of the request.
        """
        site = site_of(url)
        try:
            text = await self._files.read(f"{site}/robots.txt")
        except FetchError as error:
            raise _for_page(url, error) from error
        if text is None:
            return timedelta()
        rules = self._parsed.rules(site, text)
        if not rules.can_fetch(url, AGENT):
            raise RobotsDisallowed(url, f"{site}/robots.txt forbids this path for {AGENT}")
        delay = rules.crawl_delay(AGENT) or 0.0
        return min(timedelta(seconds=min(max(delay, 0.0), 86_400.0)), self._options.max_crawl_delay)

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that robots.txt of the site of *url* lists, as whole URLs; raises the error of the request."""
        site = site_of(url)
        text = await self._files.read(f"{site}/robots.txt")
        listed = self._parsed.rules(site, text).sitemaps if text else ()
        return tuple(dict.fromkeys(urljoin(f"{site}/", one.strip()) for one in listed))


def _parse(text: str) -> Protego:
    from protego import Protego

    return Protego.parse(text)


def _for_page(url: str, error: FetchError) -> FetchError:
    """The error of the request for robots.txt, as an error of the page."""
    if isinstance(error, HttpStatus):
        return RobotsUnavailable(
            url, f"{error.url} answered {error.status}, and then nothing may be fetched (RFC 9309, 2.3.1.4)"
        )
    return type(error)(url, f"asking for robots.txt first: {error.reason}")
