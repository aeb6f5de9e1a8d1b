"""Matches → clusters, by quorum and never by closure: one weak link must not chain two well-knit groups together.

Grouping is a function of the nodes and links handed over, and near-linear in a component however long it reaches in
time.
Articles of one content are one voice; a content that recurs for weeks is cut into stretches of seven days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dedupe.grouping.origins import find_origin
from dedupe.grouping.quorum import DuplicateGroup, Edge, merge
from dedupe.params import DEFAULTS, Params
from dedupe.records import MERGING, SPEAKING, ClusterRow, Node, Relation, Role, in_order


class Link(Protocol):
    """A match as grouping sees it; `Match` will do."""

    @property
    def left_id(self) -> str:
        """The earlier article."""

    @property
    def right_id(self) -> str:
        """The later article."""

    @property
    def relation(self) -> Relation:
        """How they are related."""

    @property
    def score(self) -> float:
        """s, 0..1."""

    @property
    def jaccard(self) -> float:
        """Of word 5-grams, 0..1."""

    @property
    def probability(self) -> float:
        """That a reader calls it a copy, 0..1."""

    @property
    def of_crowd(self) -> bool | None:
        """Whether the later article was compared with its nearest ones only; None: nobody said."""


def components(edges: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Connected components of *edges*, sorted by their smallest id."""
    parent: dict[str, str] = {}
    for left, right in edges:
        one, two = _root(parent, left), _root(parent, right)
        parent[max(one, two)] = min(one, two)
    found: dict[str, set[str]] = {}
    for name in parent:
        found.setdefault(_root(parent, name), set()).add(name)
    return [found[root] for root in sorted(found)]


def _root(parent: dict[str, str], name: str) -> str:
    """The representative of *name*, halving the path on the way."""
    parent.setdefault(name, name)
    while parent[name] != name:
        parent[name] = parent[parent[name]]
        name = parent[name]
    return name


def group(nodes: Sequence[Node], matches: Sequence[Link], params: Params = DEFAULTS) -> list[ClusterRow]:
    """One row per node, in the order of the nodes. Hand over whole components: all nodes that merging matches connect.

    Matches with an end that is not among *nodes* are ignored; so are the relations that do not merge.
    """
    ordered = sorted(nodes, key=in_order)
    place = {node.id: number for number, node in enumerate(ordered)}
    links = [match for match in matches if match.left_id in place and match.right_id in place]
    contents = _contents(place, links)
    duplicate_groups = _duplicate_groups(ordered, contents, params.cluster_days)
    crowd = _crowd(place, links, contents)
    for duplicates in duplicate_groups:
        duplicates.of_crowd = duplicates.content in crowd
    groups = merge(duplicate_groups, _edges(duplicate_groups, links, place, contents, params), params)
    rows: list[ClusterRow] = []
    partners = _partners(links)
    for grouped in groups:
        members = sorted(number for duplicates in grouped for number in duplicate_groups[duplicates].members)
        rows += _rows(
            [ordered[number] for number in members],
            partners,
            {ordered[number].id: contents[number] for number in members},
        )
    return sorted(rows, key=lambda row: place[row.article_id])


def _contents(place: dict[str, int], links: Sequence[Link]) -> list[int]:
    """For each node, the first node of the same content: `identical` is the one relation that may be closed."""
    contents = list(range(len(place)))
    for names in components((link.left_id, link.right_id) for link in links if link.relation == "identical"):
        numbers = sorted(place[name] for name in names)
        for number in numbers:
            contents[number] = numbers[0]
    return contents


def _crowd(place: dict[str, int], links: Sequence[Link], contents: list[int]) -> set[int]:
    """The contents that were compared with their nearest texts only, whenever they were the later one."""
    later: dict[bool, set[int]] = {True: set(), False: set()}
    for link in links:
        one, two = contents[place[link.left_id]], contents[place[link.right_id]]
        if link.relation in SPEAKING and one != two:
            later[bool(link.of_crowd)].add(two)
    return later[True] - later[False]


def _duplicate_groups(ordered: Sequence[Node], contents: list[int], days: int) -> list[DuplicateGroup]:
    """The nodes of each content, cut where a stretch would reach over more than *days*;
    in the order of their first members.
    """
    open_groups: dict[int, DuplicateGroup] = {}
    duplicate_groups: list[DuplicateGroup] = []
    for number, node in enumerate(ordered):
        day = node.date.toordinal() if node.date is not None else 0
        duplicates = open_groups.get(contents[number])
        if duplicates is None or day - duplicates.first_day > days:
            duplicates = open_groups[contents[number]] = DuplicateGroup(
                content=contents[number], first_day=day, last_day=day, members=[]
            )
            duplicate_groups.append(duplicates)
        duplicates.members.append(number)
        duplicates.last_day = day
    return duplicate_groups


def _edges(
    duplicate_groups: Sequence[DuplicateGroup],
    links: Sequence[Link],
    place: dict[str, int],
    contents: list[int],
    params: Params,
) -> list[Edge]:
    """Edges between voices, strongest first: a match of one article of a content holds for all of them."""
    found: dict[tuple[int, int], tuple[float, float]] = {}  # of two contents: (score, probability)
    for link in links:
        one, two = sorted((contents[place[link.left_id]], contents[place[link.right_id]]))
        if link.relation in SPEAKING and one != two:
            score, likely = found.get((one, two), (0.0, 0.0))
            score = max(score, round(max(link.score, link.jaccard), 6))
            likely = max(likely, link.probability if link.relation in MERGING else 0.0)
            found[one, two] = score, likely
    spoken: dict[int, list[int]] = {}
    for number, duplicates in enumerate(duplicate_groups):
        spoken.setdefault(duplicates.content, []).append(number)
    return sorted(
        (
            Edge(-score, left, right, likely >= params.merge_probability)
            for (one, two), (score, likely) in found.items()
            for left, right in _meetings(duplicate_groups, spoken[one], spoken[two])
        )
    )


def _meetings(duplicate_groups: Sequence[DuplicateGroup], one: list[int], two: list[int]) -> Iterable[tuple[int, int]]:
    """Pairs of voices of two contents that could stand in one cluster: their stretches overlap or nearly do."""
    begin = 0
    for left in one:
        while begin < len(two) and duplicate_groups[two[begin]].last_day < duplicate_groups[left].first_day - 7:
            begin += 1
        for right in two[begin:]:
            if duplicate_groups[right].first_day > duplicate_groups[left].last_day + 7:
                break
            yield left, right


Partners = dict[str, list[tuple[str, Relation, float, float]]]


def _partners(links: Sequence[Link]) -> Partners:
    """For each article the matches it has: (other, relation, probability, score)."""
    found: Partners = {}
    for link in links:
        found.setdefault(link.left_id, []).append((link.right_id, link.relation, link.probability, link.score))
        found.setdefault(link.right_id, []).append((link.left_id, link.relation, link.probability, link.score))
    return found


@dataclass(frozen=True, slots=True)
class _RelationToOrigin:
    relation: Relation | None
    probability: float | None


def _rows(members: Sequence[Node], partners: Partners, contents: dict[str, int]) -> list[ClusterRow]:
    """The rows of one cluster, *members* in order."""
    if len(members) == 1:
        return [_alone(members[0].id)]  # most are: no origin to look for
    origin = find_origin(members)
    rows = []
    for node in members:
        role: Role = "origin" if node.id == origin.id else "copy"
        related = _RelationToOrigin(None, None)
        if role == "copy":
            related = _relation_to_origin(node.id, origin.id, partners, contents)
        rows.append(
            ClusterRow(
                article_id=node.id,
                cluster_id=members[0].id,
                role=role,
                origin_id=origin.id,
                relation=related.relation,
                probability=related.probability,
                cluster_size=len(members),
            )
        )
    return rows


def _alone(name: str) -> ClusterRow:
    """The row of an article that is no copy and has none."""
    return ClusterRow(
        article_id=name, cluster_id=name, role="alone", origin_id=name, relation=None, probability=None, cluster_size=1
    )


def _relation_to_origin(name: str, origin: str, partners: Partners, contents: dict[str, int]) -> _RelationToOrigin:
    """How a copy is related: to the origin, else to the best match inside its cluster."""
    inside = [match for match in partners.get(name, []) if match[0] in contents]
    direct = [match for match in inside if match[0] == origin]
    if not direct and contents[name] == contents[origin]:
        return _RelationToOrigin("identical", 1.0)
    best = max(
        direct or [match for match in inside if match[1] in MERGING],
        key=lambda match: (match[2], match[3], match[0]),
        default=None,
    )
    if best is None:  # a later stretch of a recurring content, whose own match lies in the stretch before
        return _RelationToOrigin("identical", 1.0)
    return _RelationToOrigin(best[1], best[2])
