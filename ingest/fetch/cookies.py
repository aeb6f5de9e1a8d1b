"""Cookies within one chain of redirects: some sites go round until theirs comes back. Nothing is kept beyond it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ingest.text.urls import host_of, registered_domain

MAX_COOKIES: Final = 20  # of one chain
MAX_COOKIE_CHARS: Final = 4_000  # of one cookie, as browsers take


class ChainCookies:
    """The cookies that the answers of one chain have set, by the site that set them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def keep(self, url: str, cookies: Iterable[tuple[str, str]]) -> None:
        """Remember *cookies*, which the answer of *url* set; those beyond the caps are left out."""
        for name, value in cookies:
            if len(self._kept) < MAX_COOKIES and len(name) + len(value) <= MAX_COOKIE_CHARS:
                self._kept[_site(url), name] = value

    def header(self, url: str) -> str:
        """The Cookie header for *url*; empty if its site has set none."""
        site = _site(url)
        return "; ".join(f"{name}={value}" for (where, name), value in self._kept.items() if where == site)


def _site(url: str) -> str:
    """The registered domain; an address in numbers, or a name without one, stands for itself."""
    host = host_of(url)
    return registered_domain(host) or host
