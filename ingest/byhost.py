"""Entries by the host of their page: in which order, and in which parts, a run takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from ingest.records import Entry
from ingest.text.urls import host_of


def host_by_host(entries: Sequence[Entry]) -> Iterator[int]:
    """Indices, one of each host by turns, so that a slow host does not hold all workers."""
    turns = zip_longest(*_grouped(entries).values())
    return (index for turn in turns for index in turn if index is not None)


def by_host(entries: Sequence[Entry], most: int) -> Iterator[list[Entry]]:
    """The retry queue in parts of one host each, of at most *most* entries."""
    for indices in _grouped(entries).values():
        for start in range(0, len(indices), most):
            yield [entries[index] for index in indices[start : start + most]]


def _grouped(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """Indices of the entries by the host of their page."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        groups[host_of(entry.link or "")].append(index)
    return groups
