"""The cluster of one article for readers: members in order, the origin and why, matches inside it, and those that did
not merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from dedupe.grouping.origins import fold, is_agency
from dedupe.records import MERGING, ArticleText, ClusterRow, Match, Relation, Removed, Role, in_order, turned

Reason = Literal["given", "alone", "agency", "earliest", "longest"]
"""Why an article is the origin; docs/decisions/clusters.md has the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article as people are shown it. Also a `dedupe.records.Dated`."""

    id: str
    text: str
    title: str | None
    publisher: str | None
    agency: str | None
    language: str | None
    url: str | None  # None: from a collection file
    published_at: datetime | None  # aware, UTC
    whole_day: bool  # only the day of published_at is known
    date: date | None
    role: Role
    relation: Relation | None  # as in `clusters`
    probability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterView:
    """The cluster of the requested article; an article without copies is a cluster of one."""

    asked: str  # id of a member
    cluster_id: str
    origin_id: str
    members: tuple[Member, ...]  # in the order of the store
    inside: tuple[Match, ...]  # both ends are members
    evidence: Mapping[str, Match]  # for each copy, the match that makes it one
    apart: tuple[Match, ...]  # one end is a member; likeliest copies first
    others: Mapping[str, Member]  # the other ends of `apart`
    remarks: tuple[str, ...] = ()  # notes for readers about the state of the store
    given: bool = False  # the origin is no stored article but the text whose copies were asked for
    decided: Mapping[tuple[str, str], date] = field(default_factory=dict)  # of a stored match, the date of its row
    # What was taken out of both texts of a match, if it was asked for (`examining`).
    removed: Mapping[tuple[str, str], tuple[tuple[Removed, ...], tuple[Removed, ...]]] = field(default_factory=dict)

    @property
    def origin(self) -> Member:
        """The member that the others are copies of."""
        return self.member(self.origin_id)

    @property
    def start(self) -> Member:
        """The member that delays count from: the origin, or the first copy of a given text without a date."""
        dated = [one for one in self.members if one.published_at]
        return min(dated, key=in_order) if self.given and dated and not self.origin.published_at else self.origin

    @property
    def copies(self) -> tuple[Member, ...]:
        """All members but the origin, in order."""
        return tuple(member for member in self.members if member.id != self.origin_id)

    @property
    def reason(self) -> Reason:
        """The first rule that explains the choice of the origin."""
        if self.given:
            return "given"
        if len(self.members) == 1:
            return "alone"
        if any(is_agency(self.origin.publisher, fold(name)) for name in self.credited):
            return "agency"
        return "earliest" if self._timed and min(self.members, key=in_order) == self.origin else "longest"

    @property
    def credited(self) -> list[str]:
        """Agencies that members credit, sorted."""
        return sorted({member.agency for member in self.members if member.agency and fold(member.agency)})

    def removed_from(self, match: Match, name: str) -> tuple[Removed, ...] | None:
        """What was taken out of the text of article *name* when *match* was decided, whichever side it is on; None if
        that is not known.
        """
        if (taken := self.removed.get((match.left_id, match.right_id))) is not None:
            return taken[name == match.right_id]
        taken = self.removed.get((match.right_id, match.left_id))  # the match faces the other way
        return None if taken is None else taken[name == match.left_id]

    def member(self, name: str) -> Member:
        """The member or the other end of that id. Raises KeyError."""
        return next((member for member in self.members if member.id == name), None) or self.others[name]

    @property
    def _timed(self) -> bool:
        return any(one.published_at for one in self.members) or len({one.date for one in self.members}) > 1


def evidence_of(inside: Iterable[Match], origin_id: str) -> dict[str, Match]:
    """For each copy the match that shows it: with the origin, else the best one inside the cluster.

    Equal texts match only the first of them, so the match of a copy may lead to the origin in two steps. A later part
    of a text that recurs for weeks has none.
    """
    best: dict[str, Match] = {}
    for match in inside:
        direct = origin_id in (match.left_id, match.right_id)
        for name in (match.left_id, match.right_id) if direct or match.relation in MERGING else ():
            if name != origin_id and (name not in best or _rank(match, origin_id) > _rank(best[name], origin_id)):
                best[name] = match
    return best


def _rank(match: Match, origin_id: str) -> tuple[bool, float, float, str, str]:
    direct = origin_id in (match.left_id, match.right_id)
    return direct, match.probability, match.score, match.left_id, match.right_id


def other_end(match: Match, name: str) -> str:
    """The id of the end of *match* that is not *name*."""
    return match.right_id if match.left_id == name else match.left_id


def facing(match: Match, left_id: str) -> Match:
    """*match* with the article *left_id* on its left."""
    if match.left_id == left_id:
        return match
    return replace(
        match,
        left_id=match.right_id,
        right_id=match.left_id,
        coverage_left=match.coverage_right,
        coverage_right=match.coverage_left,
        passages=tuple(map(turned, match.passages)),
    )


def sorted_apart(matches: Iterable[Match], members: Iterable[str]) -> tuple[Match, ...]:
    """The matches with just one end among *members*, by falling probability."""
    inside = set(members)
    apart = [match for match in matches if (match.left_id in inside) != (match.right_id in inside)]
    return tuple(sorted(apart, key=lambda one: (-one.probability, -one.score, one.left_id, one.right_id)))


def standing_in(
    articles: Sequence[ArticleText], matches: Sequence[Match], clusters: Sequence[ClusterRow], asked: str
) -> ClusterView:
    """The cluster of article *asked* in a collection. Raises KeyError if there is no article of that id."""
    rows = {row.article_id: row for row in clusters}
    own = rows[asked]
    names = {row.article_id for row in clusters if row.cluster_id == own.cluster_id}
    shown = {one.id: _member(one, rows[one.id]) for one in articles}
    inside = tuple(match for match in matches if {match.left_id, match.right_id} <= names)
    apart = sorted_apart(matches, names)
    ends = {name for match in apart for name in (match.left_id, match.right_id)} - names
    return ClusterView(
        asked=asked,
        cluster_id=own.cluster_id,
        origin_id=own.origin_id,
        members=tuple(sorted((shown[name] for name in names), key=in_order)),
        inside=inside,
        evidence=evidence_of(inside, own.origin_id),
        apart=apart,
        others={name: shown[name] for name in sorted(ends)},
    )


def _member(article: ArticleText, row: ClusterRow) -> Member:
    when = article.published_at
    return Member(
        id=article.id,
        text=article.text,
        title=article.title,
        publisher=article.publisher,
        agency=article.agency,
        language=article.language,
        url=None,
        published_at=when,
        whole_day=False,
        date=article.date,
        role=row.role,
        relation=row.relation,
        probability=row.probability,
    )
