"""Two texts side by side, and the timeline of a cluster, as the templates want them: everything but the HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dedupe.matching.compare import Comparison
from dedupe.records import Match, Passage, Removed
from wirecopy.explain import wording
from wirecopy.explain.clusterview import ClusterView, Member, facing, other_end
from wirecopy.pages.marking import Paragraph, Side, paragraphs, reading_order

HUES: Final = 12  # as many passages as a match shows: each has its colour
OPEN: Final = 3  # of them unfolded from the start
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One text of a pair."""

    label: str  # publisher, or the name of the file
    title: str
    when: str
    url: str | None
    language: str | None
    paragraphs: Sequence[Paragraph]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts side by side, with their match."""

    anchor: str
    heading: str
    relation: str
    meaning: str
    note: str
    unfolded: bool
    figures: Sequence[tuple[str, str, float | None]]  # name, value, 0..1 for a bar
    passages: Sequence[Passage]  # numbered from 1 in the order of the left text
    removed: Sequence[str]  # what was taken out of both texts before they were compared, a line for each reason
    left: Pane
    right: Pane


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One article on the timeline."""

    member: Member
    asked: bool
    when: str
    delay: str
    position: float | None  # 0..100 between the first and the last; None: undated
    url: str | None
    anchor: str | None  # of its pair
    relation: str
    probability: str


def figures(match: Match | Comparison) -> list[tuple[str, str, float | None]]:
    """The evidence in numbers: (name, value, length of its bar)."""
    quoted = wording.agreement(match)
    return [
        ("probability that a reader calls it a copy", wording.probable(match.probability), match.probability),
        ("score", f"{match.score:.2f}", match.score),
        ("of the first text's narrative is in the second", f"{match.coverage_left:.0%}", match.coverage_left),
        ("of the second text's narrative is in the first", f"{match.coverage_right:.0%}", match.coverage_right),
        ("of the shorter text has counterparts in the same order", f"{match.ordered_share:.0%}", match.ordered_share),
        ("agreement of the quotations", quoted, None if quoted == "none" else match.quotation_agreement),
        *([("decided by", wording.decided_by(match.reason), None)] if match.reason else ()),
    ]


def cluster_pairs(view: ClusterView) -> Iterator[Pair]:
    """Each copy beside its origin, or beside the member that it matches; copies without a match are left out."""
    for number, copy in enumerate(view.copies, 1):
        match = view.evidence.get(copy.id)
        if match is None:
            continue
        partner = view.member(other_end(match, copy.id))
        note = ""
        if partner.id != view.origin_id:
            name = isolated(wording.publisher(partner))
            note = f"It has no match with the origin itself: it belongs here by its match with {name}."
        unfolded = number <= OPEN and match.relation != "identical"
        yield _pair(view, f"copy-{copy.id}", match, (partner, copy), note, unfolded=unfolded)


def apart_pairs(view: ClusterView) -> Iterator[Pair]:
    """Members beside the articles that they match, but are not merged with."""
    names = {member.id for member in view.members}
    for match in view.apart:
        own, other = sorted((match.left_id, match.right_id), key=lambda name: name not in names)
        note = f"Not merged: {wording.why_apart(match)}."
        ends = view.member(own), view.member(other)
        yield _pair(view, f"apart-{other}-{own}", match, ends, note, unfolded=False)


def _pair(
    view: ClusterView, anchor: str, match: Match, ends: tuple[Member, Member], note: str, *, unfolded: bool
) -> Pair:
    left, right = ends
    turned = facing(match, left.id)
    removed = [view.removed_from(match, one.id) or () for one in ends]
    shown = reading_order(turned.passages)
    return Pair(
        anchor=re.sub(r"\W", "-", anchor),
        heading=wording.publisher(right),
        relation=wording.relation_name(match.relation),
        meaning=wording.MEANING[match.relation],
        note=note,
        unfolded=unfolded,
        figures=figures(turned),
        passages=shown,
        removed=[*taken_out(left, removed[0]), *taken_out(right, removed[1])],
        left=pane_of(left, shown, "left", removed[0]),
        right=pane_of(right, shown, "right", removed[1]),
    )


def taken_out(member: Member, removed: Sequence[Removed]) -> list[str]:
    """Lines that say what was taken out of the text of *member*."""
    return [f"{isolated(wording.publisher(member))}: {line}" for line in wording.taken_out(removed, member.text)]


def pane_of(member: Member, passages: Sequence[Passage], side: Side, removed: Sequence[Removed] = ()) -> Pane:
    """The text of *member* with *passages* marked, and what was *removed*."""
    return Pane(
        label=wording.publisher(member),
        title=wording.headline(member) if member.title else "",
        when=wording.instant(member.published_at, whole_day=member.whole_day),
        url=safe_url(member.url),
        language=member.language if LANGUAGE.fullmatch(member.language or "") else None,
        paragraphs=paragraphs(member.text, passages, side, removed),
    )


def plain_pane(label: str, text: Sequence[Paragraph]) -> Pane:
    """A text that has nothing but a name."""
    return Pane(label=label, title="", when="", url=None, language=None, paragraphs=text)


def safe_url(url: str | None) -> str | None:
    """*url* if following it only reads a page: `javascript:` and the like come from hostile feeds."""
    return url if url and re.match(r"https?://", url, re.IGNORECASE) else None


def isolated(name: str) -> str:
    """*name* between marks that keep the direction of its script to itself (Unicode: FSI, PDI)."""
    return f"\u2068{name}\u2069"


def stops_of(view: ClusterView, anchors: Iterable[str]) -> Iterator[Stop]:
    """The members in order of time; *anchors* are those of the pairs that are shown."""
    times = [member.published_at for member in view.members if member.published_at]
    begin, length = (min(times), (max(times) - min(times)).total_seconds()) if times else (None, 0.0)
    known = set(anchors)
    for member in view.members:
        position = None
        if begin is not None and member.published_at is not None:
            position = 100 * (member.published_at - begin).total_seconds() / length if length else 0.0
        anchor = re.sub(r"\W", "-", f"copy-{member.id}")
        yield Stop(
            member=member,
            asked=member.id == view.asked,
            when=wording.instant(member.published_at, whole_day=member.whole_day),
            delay=wording.delay(member, view.start),
            position=position,
            url=safe_url(member.url),
            anchor=anchor if anchor in known else None,
            relation=wording.relation_name(member.relation) if member.relation else "",
            probability=wording.probable(member.probability),
        )
