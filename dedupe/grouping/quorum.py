"""Merging by quorum: two groups become one if enough of their cross pairs match and the whole stays within a week.

A match with a probability under `Params.merge_probability` starts no merge: it only counts in the quorum of another.
Such matches rest on s alone, and are the first to fall when later texts show what was common language.

A voice of a crowd was compared with its nearest texts only (`matching.crowds`), so the pairs that it lacks say nothing.
It takes no part while the others merge; then it joins the group that holds most of its matches, if these are a quorum
of the texts that it was compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dedupe.params import Params

ROUNDS = 5  # later merges can make an earlier refusal a yes; the labelled sets settle in two rounds
EXACT = 1e-9  # a third of three is one


@dataclass(slots=True)
class DuplicateGroup:
    """Articles of one content within some days: one voice in a quorum."""

    content: int
    first_day: int
    last_day: int
    members: list[int]
    of_crowd: bool = False  # compared with its nearest texts only


class Edge(NamedTuple):
    """A match between two voices; edges sort from the strongest down, ties in the order of the articles."""

    minus_score: float
    left: int
    right: int
    likely: bool  # at least `Params.merge_probability`: may start a merge


def merge(duplicate_groups: Sequence[DuplicateGroup], edges: Sequence[Edge], params: Params) -> list[list[int]]:
    """Groups of voices. *edges*: sorted, each pair of voices once."""
    groups = _Groups(duplicate_groups, edges)
    crowd = {number for number, duplicates in enumerate(duplicate_groups) if duplicates.of_crowd}
    groups.merge([edge for edge in edges if edge.left not in crowd and edge.right not in crowd], params)
    if crowd:
        own: dict[int, list[Edge]] = {number: [] for number in sorted(crowd)}
        for edge in edges:
            later = max(edge.left, edge.right)  # voices come in the order of their first members
            if later in crowd:
                own[later].append(edge)
        for number, found in own.items():
            groups.admit(number, found, params)
        groups.merge(edges, params)
    return [group for group in groups.duplicate_groups if group]


class _Groups:
    """The state of a merge. Small groups move into large ones, so each voice moves at most log n times."""

    def __init__(self, duplicate_groups: Sequence[DuplicateGroup], edges: Sequence[Edge]) -> None:
        self.of = list(range(len(duplicate_groups)))
        self.duplicate_groups = [[number] for number in range(len(duplicate_groups))]
        self.days = [(duplicates.first_day, duplicates.last_day) for duplicates in duplicate_groups]
        self.crossing: list[dict[int, int]] = [{} for _ in duplicate_groups]  # other group → matching cross pairs
        for edge in edges:
            self.crossing[edge.left][edge.right] = 1
            self.crossing[edge.right][edge.left] = 1
        self._next: dict[int, int] = {}  # group → the one that takes a crowd's voices when it spans its days

    def merge(self, edges: Sequence[Edge], params: Params) -> None:
        """Merges along *edges*, sorted, as far as the quorum allows it."""
        for _ in range(ROUNDS):
            waiting = [edge for edge in edges if edge.likely and self.of[edge.left] != self.of[edge.right]]
            changed = [self.try_merge(edge, params) for edge in waiting]  # a list: every edge is tried
            if not any(changed):
                break

    def admit(self, voice: int, edges: Sequence[Edge], params: Params) -> None:
        """A voice of a crowd joins the group that holds most of its matches. *edges*: with earlier voices, sorted.

        If the group spans its days already, the voice joins the one that took others of the crowd after it, or begins
        that one.
        """
        found: dict[int, list[Edge]] = {}
        for edge in edges:
            found.setdefault(self.of[min(edge.left, edge.right)], []).append(edge)
        if not found:
            return
        most = max(found, key=lambda group: (len(found[group]), -found[group][0].minus_score, -min(self.days[group])))
        need = _need(found[most][0], params) * params.crowd_kept
        if len(found[most]) + EXACT < need or not any(edge.likely for edge in found[most]):
            return
        while self._days_with(most, voice) > params.cluster_days:
            if most not in self._next:
                self._next[most] = voice
                return
            most = self._next[most]
        self._move(voice, most)

    def try_merge(self, edge: Edge, params: Params) -> bool:
        """Merges the groups of an edge if the quorum allows it."""
        one, two = self.of[edge.left], self.of[edge.right]
        if one == two:
            return False
        pairs = len(self.duplicate_groups[one]) * len(self.duplicate_groups[two])
        if (
            self._days_with(one, two) > params.cluster_days
            or self.crossing[one][two] + EXACT < _need(edge, params) * pairs
        ):
            return False
        self._join(one, two)
        return True

    def _days_with(self, one: int, two: int) -> int:
        """The days that two groups span together."""
        return max(self.days[one][1], self.days[two][1]) - min(self.days[one][0], self.days[two][0])

    def _join(self, one: int, two: int) -> None:
        """Moves the lighter group into the heavier one."""
        if self._weight(one) < self._weight(two):
            one, two = two, one
        self._move(two, one)

    def _move(self, two: int, one: int) -> None:
        """Moves the group *two* into *one*."""
        for duplicates in self.duplicate_groups[two]:
            self.of[duplicates] = one
        self.duplicate_groups[one] += self.duplicate_groups[two]
        self.days[one] = min(self.days[one][0], self.days[two][0]), max(self.days[one][1], self.days[two][1])
        for other, count in self.crossing[two].items():
            del self.crossing[other][two]
            if other != one:
                self.crossing[one][other] = self.crossing[one].get(other, 0) + count
                self.crossing[other][one] = self.crossing[one][other]
        self.duplicate_groups[two], self.crossing[two] = [], {}

    def _weight(self, group: int) -> int:
        return len(self.duplicate_groups[group]) + len(self.crossing[group])


def _need(edge: Edge, params: Params) -> float:
    """The share of pairs that have to match if two groups merge along *edge*."""
    return params.strong_quorum if -edge.minus_score >= params.strong_edge else params.quorum
