"""Hosts whose pages hang or crash extraction: after two of them the others wait for the next run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ingest.errors import Deferred, IngestError
from ingest.text.urls import host_of

MOST_STALLS: Final = 2  # pages of a host that hang or crash extraction; then its others wait for the next run
STALLS: Final = ("extract_timeout", "crashed")


@dataclass(slots=True)
class Stalls:
    """The stalled pages of one run, by host."""

    counts: Counter[str] = field(default_factory=Counter)

    def book(self, url: str, problem: IngestError) -> None:
        """Count the page if *problem* says that it stalled."""
        self.counts[host_of(url)] += problem.code in STALLS

    def check(self, url: str) -> None:
        """Raises Deferred if pages of the host kept extraction from all others."""
        if self.counts[host_of(url)] >= MOST_STALLS:
            reason = f"{MOST_STALLS} pages of {host_of(url)} hung or crashed extraction; the next run goes on with it"
            raise Deferred(url, reason)
