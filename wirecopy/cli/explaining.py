"""`wirecopy explain`: an article's cluster, who published when, who is the origin and why, and the shared passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from dedupe.records import Match, Removed
from wirecopy.cli.clustering import find_copies
from wirecopy.cli.show.console import ERR, OUT, plain, print_json, print_rows, progress_bar
from wirecopy.cli.show.pagefile import write_page
from wirecopy.cli.show.passages import print_passages, print_removed
from wirecopy.errors import UsageError
from wirecopy.explain import wording
from wirecopy.explain.clusterview import ClusterView, Member, facing, other_end, standing_in
from wirecopy.explain.collection import read_collection
from wirecopy.explain.examining import MOST_TEXTS, InCollection, InStore, with_removed
from wirecopy.explain.lookup import cluster_view_of
from wirecopy.pages.selfcontained import cluster_page
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import Layout

PASSAGES = 3  # of each copy that a terminal shows, longest first
COPIES = 8  # copies with passages shown
APART = 5  # matches that did not merge


def explain(
    article: Annotated[str, Parameter(help="An article_id or how it begins, an address, or words of a headline.")],
    /,
    *,
    in_: Annotated[
        Path | None, Parameter(name=["--in"], help="A collection (as for `wirecopy cluster`) instead of the store.")
    ] = None,
    html: Annotated[
        Path | None, Parameter(name=["--html"], help="Also write one self-contained page, all texts side by side.")
    ] = None,
    json: Annotated[bool, Parameter(name=["--json"], help="All of it as one JSON document on stdout.")] = False,
) -> int:
    """Show who copied whom: an article's cluster in order of time, its origin and why, and the shared passages.

    Each copy comes with its relation, its score and the probability that a reader calls it a copy; matches that did not
    merge, such as updates and round-ups, are listed after them. Each pair shows what was taken out of the texts before
    they were compared: quotations, formulas of a publisher, recurring lines, common language.

    ```
    wirecopy explain 2de6a62f
    wirecopy explain "stolen astrolabe"
    wirecopy explain https://gazette.example/2026/11/harbour --html harbour.html
    wirecopy explain row-17 --in articles.jsonl
    ```
    """
    view = _in_collection(in_, article) if in_ else _in_store(article)
    if html:
        write_page(html, cluster_page(view))
    if json:
        print_json(_as_json(view))
    else:
        _print(view)
    if html:
        ERR.print(f"written: {plain(html)}", soft_wrap=True)
    return 0


def _in_store(name: str) -> ClusterView:
    layout = Layout(load_settings().root)
    return with_removed(cluster_view_of(layout, name), InStore(layout, MOST_TEXTS))


def _in_collection(path: Path, name: str) -> ClusterView:
    articles = read_collection(path)
    asked = _only_id([one.id for one in articles], name, path)
    with progress_bar() as report:
        matches, clusters = find_copies(articles, progress=report)
    return with_removed(standing_in(articles, matches, clusters, asked), InCollection(articles))


def _only_id(ids: list[str], name: str, path: Path) -> str:
    """The id that is *name*, or the only one that begins with it."""
    if name in ids:
        return name
    found = [one for one in ids if name and one.startswith(name)]
    if len(found) == 1:
        return found[0]
    known = "several ids that begin with" if found else "no id that begins with"
    some = ", ".join(map(repr, (found or ids)[:5]))
    raise UsageError(f"{path} has {known} {name!r}. Ids there: {some}{' …' * (len(found or ids) > 5)}")


def _print(view: ClusterView) -> None:
    _say(f"[bold]{plain(wording.headline(view.origin))}[/]")
    _say(plain(f"cluster {view.cluster_id}: {wording.overview(view)}"))
    _say(plain(wording.why_origin(view)))
    for remark in view.remarks:
        _say(f"[yellow]{plain(remark)}[/]")
    _print_members(view)
    for copy in view.copies if not OUT.is_terminal else view.copies[:COPIES]:
        _print_evidence(view, copy)
    if OUT.is_terminal and len(view.copies) > COPIES:
        _say(f"{len(view.copies) - COPIES} more copies: --html FILE shows what each shares, --json has it all.")
    _print_apart(view)


def _print_members(view: ClusterView) -> None:
    if OUT.is_terminal:
        shown = ("published (UTC)", "delay", "article", "relation", "prob.", "score")
        print_rows("", shown, [_member_row(view, one) for one in view.members], numbers="prob. score")
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
        wording.delay(member, view.origin),
        f"{asked}{wording.publisher(member)}\n{wording.headline(member)}",
        wording.relation_name(member.relation) if member.relation else member.role,
        wording.probable(member.probability),
        f"{match.score:.2f}" if match else "",
    )


def _member_line(view: ClusterView, member: Member) -> tuple[object, ...]:
    match = view.evidence.get(member.id)
    return (
        member.id,
        member.published_at.isoformat() if member.published_at else "",
        wording.delay(member, view.origin),
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
        _say(f"\n{plain(said)}")
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
        _say(f"{plain(said)}; no stretch of words is long enough to be shown")
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
    names = {one.id for one in view.members}
    lines = []
    for match in view.apart[:APART]:
        other = view.others[match.right_id if match.left_id in names else match.left_id]
        lines.append(
            (
                wording.instant(other.published_at, whole_day=other.whole_day),
                f"{wording.publisher(other)}\n{wording.headline(other)}" if OUT.is_terminal else other.id,
                f"{wording.relation_name(match.relation)}: {wording.why_apart(match)}{_decided(match)}",
                wording.probable(match.probability),
                f"{match.score:.2f}",
            )
        )
    OUT.print()
    columns = ("published (UTC)", "article", "why apart", "prob.", "score")
    print_rows("related, but not merged", columns, lines, numbers="prob. score")
    for match in view.apart[:APART] if view.removed else ():
        _print_removed(view, match)
    if len(view.apart) > APART:
        _say(f"{len(view.apart) - APART} more: --json has all of them.")


def _say(markup: str) -> None:
    OUT.print(markup, soft_wrap=True)


def _as_json(view: ClusterView) -> dict[str, Any]:
    """Everything but the texts; passages have the text of both sides."""
    return {
        "asked": view.asked,
        "cluster_id": view.cluster_id,
        "origin_id": view.origin_id,
        "reason": view.reason,
        "why": wording.why_origin(view),
        "remarks": list(view.remarks),
        "members": [_plain(one) | {"delay_seconds": _delay(one, view.origin)} for one in view.members],
        "matches": [_match_as_json(view, one) for one in view.inside],
        "apart": [_match_as_json(view, one) | {"why": wording.why_apart(one)} for one in view.apart],
        "others": [_plain(one) for one in view.others.values()],
    }


def _plain(member: Member) -> dict[str, Any]:
    found = asdict(member)
    found.pop("text")
    return found | {"published_at": member.published_at.isoformat() if member.published_at else None}


def _delay(member: Member, origin: Member) -> float | None:
    if member.published_at is None or origin.published_at is None:
        return None
    return (member.published_at - origin.published_at).total_seconds()


def _match_as_json(view: ClusterView, match: Match) -> dict[str, Any]:
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
