"""Tombstones of removed pages and domains, so that they do not return: hashes of addresses, never the addresses
themselves.

They are in state/tombstones.json. Keep that file with the backups of the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.records import digest
from ingest.text.urls import article_id, canonical_url, host_of
from wirecopy.errors import StoreError
from wirecopy.store.files.layout import Layout


@dataclass(frozen=True)
class Tombstones:
    """Hashes of addresses that must not come back."""

    pages: frozenset[str] = frozenset()  # of canonical URLs
    domains: frozenset[str] = frozenset()  # of host names; hosts below them are meant too

    def covers(self, *urls: str | None) -> bool:
        """Whether any of *urls* was forgotten."""
        return bool(self.pages or self.domains) and any(self._covers(url) for url in urls if url)

    def _covers(self, url: str) -> bool:
        canonical = canonical_url(url)
        return not self.pages.isdisjoint((article_id(canonical), digest(canonical))) or any(
            digest(name) in self.domains for name in _names(host_of(url))
        )

    def with_pages(self, urls: Iterable[str]) -> Tombstones:
        """These tombstones and those of *urls*."""
        return Tombstones(self.pages | {article_id(canonical_url(url)) for url in urls}, self.domains)

    def with_domain(self, domain: str) -> Tombstones:
        """These tombstones and one for a host name and all hosts below it."""
        return Tombstones(self.pages, self.domains | {digest(domain.lower().strip("."))})

    def __or__(self, other: Tombstones) -> Tombstones:
        """The tombstones of both."""
        return Tombstones(self.pages | other.pages, self.domains | other.domains)


def _names(host: str) -> list[str]:
    """The host and the domains above it."""
    parts = host.split(".")
    return [".".join(parts[at:]) for at in range(len(parts))] if host else []


def read_tombstones(layout: Layout) -> Tombstones:
    """The tombstones of a data folder. Raises StoreError if the file is damaged: without it, what was removed on
    request would come back.
    """
    path = layout.state / "tombstones.json"
    text = layout.files.read_text(path)
    if text is None:
        return Tombstones()
    try:
        found = json.loads(text)
        return Tombstones(frozenset(found["pages"]), frozenset(found["domains"]))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{path} is damaged ({error}): it says which pages were removed on request. Restore it from a backup; "
            "only if nothing was ever removed, move it away."
        ) from error


def write_tombstones(layout: Layout, tombstones: Tombstones) -> None:
    """Replace the tombstones of a data folder. Call it inside `committing`."""
    said = {"pages": sorted(tombstones.pages), "domains": sorted(tombstones.domains)}
    layout.files.write_text(layout.state / "tombstones.json", json.dumps(said))
