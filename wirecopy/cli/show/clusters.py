"""A cluster in a terminal and as JSON: its members, what each copy shares, and what did not merge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dedupe.records import Match, Removed
from wirecopy.cli.show.console import OUT, plain, print_rows
from wirecopy.cli.show.fitting import Kind
from wirecopy.cli.show.headed import print_headed
from wirecopy.cli.show.passages import print_passages, print_removed
from wirecopy.explain import wording
from wirecopy.explain.clusterview import ClusterView, Member, facing, other_end

KINDS: tuple[Kind, ...] = ("firm", "text", "firm", "text", "number", "number")
PASSAGES = 3  # of each copy that a terminal shows, longest first
COPIES = 8  # copies with passages shown
APART = 5  # matches that did not merge


def print_view(view: ClusterView) -> None:
    """Everything below the headline: members in order, what each copy shares, and what did not merge."""
    for remark in view.remarks:
        say(f"[yellow]{plain(remark)}[/]")
    _print_members(view)
    for copy in view.copies if not OUT.is_terminal else view.copies[:COPIES]:
        _print_evidence(view, copy)
    if OUT.is_terminal and len(view.copies) > COPIES:
        say(f"{len(view.copies) - COPIES} more copies: --html FILE shows what each shares, --json has it all.")
    _print_apart(view)


def _print_members(view: ClusterView) -> None:
    if OUT.is_terminal:
        shown = ("published (UTC)", "publisher", "delay", "relation", "prob.", "score")
        rows = [_member_row(view, one) for one in view.members]
        OUT.print()
        print_headed(shown, rows, KINDS, [[wording.headline(one)] for one in view.members])
    else:
        columns = (
            "article_id",
            "published_at",
            "delay",
            "publisher",
            "role",
            "relation",
            "probability",
            "score",
            "reason",
            "title",
            "url",
        )
        print_rows("", columns, [_member_line(view, one) for one in view.members])


def _member_row(view: ClusterView, member: Member) -> tuple[str, ...]:
    match = view.evidence.get(member.id)
    asked = "→ " if member.id == view.asked and len(view.members) > 1 else ""
    return (
        wording.instant(member.published_at, whole_day=member.whole_day),
        f"{asked}{wording.publisher(member)}",
        wording.delay(member, view.start),
        wording.relation_name(member.relation) if member.relation else member.role,
        wording.probable(member.probability),
        f"{match.score:.2f}" if match else "",
    )


def _member_line(view: ClusterView, member: Member) -> tuple[object, ...]:
    match = view.evidence.get(member.id)
    return (
        member.id,
        member.published_at.isoformat() if member.published_at else "",
        wording.delay(member, view.start),
        member.publisher or "",
        member.role,
        member.relation or "",
        "" if member.probability is None else member.probability,
        round(match.score, 4) if match else "",
        (match.reason or "") if match else "",
        member.title or "",
        member.url or "",
    )


def _print_evidence(view: ClusterView, copy: Member) -> None:
    """The passages that a copy shares with its origin, or with the member that it matches."""
    match = view.evidence.get(copy.id)
    if match is None:
        return
    partner = view.member(other_end(match, copy.id))
    turned = facing(match, partner.id)
    name, other = wording.publisher(copy), wording.publisher(partner)
    where = other if partner.id == view.origin_id else f"{other}, a copy itself"
    said = f"{name}: {wording.MEANING[match.relation]} ({where})"
    if match.relation == "identical":
        say(f"\n{plain(said)}")
        return
    OUT.print()
    _print_shared(turned, (partner, copy), said + _decided(match))
    _print_removed(view, turned)


def _print_removed(view: ClusterView, match: Match) -> None:
    ends = view.member(match.left_id), view.member(match.right_id)
    print_removed(
        [view.removed_from(match, one.id) or () for one in ends],
        (ends[0].text, ends[1].text),
        (wording.publisher(ends[0]), wording.publisher(ends[1])),
    )


def _decided(match: Match) -> str:
    decided = wording.decided_by(match.reason)
    return f"; decided by {decided}" if decided else ""


def _print_shared(match: Match, ends: tuple[Member, Member], said: str) -> None:
    if not match.passages:
        say(f"{plain(said)}; no stretch of words is long enough to be shown")
        return
    print_passages(
        sorted(match.passages, key=lambda one: one.quotation),  # narrative before quotations
        (ends[0].text, ends[1].text),
        (wording.publisher(ends[0]), wording.publisher(ends[1])),
        title=f"[{len(match.passages)} passages] {said}" if len(match.passages) > PASSAGES else said,
        limit=PASSAGES,
    )


def _print_apart(view: ClusterView) -> None:
    if not view.apart:
        return
    OUT.print()
    _print_related(view) if OUT.is_terminal else _print_related_lines(view)
    for match in view.apart[:APART] if view.removed else ():
        _print_removed(view, match)
    if len(view.apart) > APART:
        say(f"{len(view.apart) - APART} more: --json has all of them.")


def _related(view: ClusterView) -> list[tuple[Match, Member]]:
    """The first matches that did not merge, each with its end outside of the cluster."""
    names = {one.id for one in view.members}
    return [
        (match, view.others[match.right_id if match.left_id in names else match.left_id])
        for match in view.apart[:APART]
    ]


def _print_related(view: ClusterView) -> None:
    """Whom and when, below it the headline and why it stands apart."""
    found = _related(view)
    rows = [
        (
            wording.instant(other.published_at, whole_day=other.whole_day),
            wording.publisher(other),
            wording.delay(other, view.start),
            wording.relation_name(match.relation),
            wording.probable(match.probability),
            f"{match.score:.2f}",
        )
        for match, other in found
    ]
    below = [[wording.headline(other), wording.why_apart(match) + _decided(match)] for match, other in found]
    OUT.print("[bold]related, but not merged[/]")
    print_headed(("published (UTC)", "publisher", "delay", "relation", "prob.", "score"), rows, KINDS, below)


def _print_related_lines(view: ClusterView) -> None:
    rows = [
        (
            wording.instant(other.published_at, whole_day=other.whole_day),
            other.id,
            f"{wording.relation_name(match.relation)}: {wording.why_apart(match)}{_decided(match)}",
            wording.probable(match.probability),
            f"{match.score:.2f}",
        )
        for match, other in _related(view)
    ]
    print_rows("related, but not merged", ("published (UTC)", "article", "why apart", "prob.", "score"), rows)


def say(markup: str) -> None:
    """A sentence: on a terminal wrapped between words, unless it names a command that somebody copies."""
    OUT.print(markup, soft_wrap=not OUT.is_terminal or "`" in markup)


def member_as_json(member: Member) -> dict[str, Any]:
    """Everything but the text."""
    found = asdict(member)
    found.pop("text")
    return found | {"published_at": member.published_at.isoformat() if member.published_at else None}


def delay_seconds(member: Member, origin: Member) -> float | None:
    """After the origin; None if a date is unknown."""
    if member.published_at is None or origin.published_at is None:
        return None
    return (member.published_at - origin.published_at).total_seconds()


def match_as_json(view: ClusterView, match: Match) -> dict[str, Any]:
    """Passages have the text of both sides."""
    left, right = view.member(match.left_id).text, view.member(match.right_id).text
    passages = [
        asdict(one) | {"left": left[one.left_start : one.left_end], "right": right[one.right_start : one.right_end]}
        for one in match.passages
    ]
    return asdict(match) | {
        "passages": passages,
        "removed_left": _removed_as_json(view.removed_from(match, match.left_id), left),
        "removed_right": _removed_as_json(view.removed_from(match, match.right_id), right),
    }


def _removed_as_json(removed: Sequence[Removed] | None, text: str) -> list[dict[str, Any]] | None:
    """What was taken out, with its text; None if it was not looked up (a pair beyond those that are shown)."""
    return None if removed is None else [asdict(one) | {"text": text[one.start : one.end]} for one in removed]
