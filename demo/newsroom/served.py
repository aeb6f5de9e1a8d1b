"""The interface that the server needs of its newsroom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from demo.newsroom.site import Site


class Served(Protocol):
    """A newsroom as its server sees it; `demo.newsroom.Newsroom` is one."""

    site: Site
    window: timedelta  # how far back feeds reach
    limit: int  # entries in a feed
    slow: timedelta  # how long the slow page takes

    @property
    def now(self) -> datetime:
        """The instant as of which to answer."""

    def is_off(self, publisher: str) -> bool:
        """Whether a publisher answers 503."""

    def count(self, url: str) -> None:
        """Note one request."""

    def set_now(self, text: str) -> None:
        """Set `now`."""

    def fault(self, publisher: str, *, off: bool = True) -> None:
        """Switch a publisher off or on."""

    def status(self) -> dict[str, object]:
        """What the controls tell, as JSON values."""
