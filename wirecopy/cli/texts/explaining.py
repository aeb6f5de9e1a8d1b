"""`wirecopy explain`: an article's cluster, who published when, who is the origin and why, and the shared passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from dedupe.records import ArticleText, ClusterRow
from wirecopy.cli.show.clusters import delay_seconds, match_as_json, member_as_json, print_view, say
from wirecopy.cli.show.console import ERR, plain, print_json, progress_bar
from wirecopy.cli.show.pagefile import write_page
from wirecopy.cli.texts.clustering import Map, find_copies, names_of
from wirecopy.errors import UsageError
from wirecopy.explain import wording
from wirecopy.explain.clusterview import ClusterView, standing_in
from wirecopy.explain.collection import read_collection
from wirecopy.explain.examining import MOST_TEXTS, InStore, with_removed
from wirecopy.explain.incontext import InCollection
from wirecopy.explain.lookup import cluster_view_of
from wirecopy.pages.selfcontained import cluster_page
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import layout_of

LISTED = 8  # articles named when a name fits several


def explain(
    article: Annotated[str, Parameter(help="An article_id or how it begins, an address, or words of a headline.")],
    /,
    *,
    in_: Annotated[
        Path | None, Parameter(name=["--in"], help="A collection (as for `wirecopy cluster`) instead of the store.")
    ] = None,
    mapped: Map = None,
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
    wirecopy explain "stolen astrolabe"
    wirecopy explain astrolabe --html astrolabe.html
    wirecopy explain https://gazette.example/2026/11/harbour
    wirecopy explain astrolabe --in articles.jsonl
    ```
    """
    view = _in_collection(in_, article, names_of(mapped)) if in_ else _in_store(article)
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
    layout = layout_of(load_settings())
    return with_removed(cluster_view_of(layout, name), InStore(layout, MOST_TEXTS))


def _in_collection(path: Path, name: str, names: Mapping[str, str]) -> ClusterView:
    articles = read_collection(path, names=names)
    found = _named(articles, name, path)
    with progress_bar() as report:
        matches, clusters = find_copies(articles, progress=report)
    asked = _of_one_cluster(found, clusters, name, path)
    return with_removed(standing_in(articles, matches, clusters, asked), InCollection(articles))


def _named(articles: Sequence[ArticleText], name: str, path: Path) -> list[ArticleText]:
    """The article with the id *name*, or with one that begins so, or those with its words in their headlines."""
    by_id = [one for one in articles if one.id == name] or [one for one in articles if name and one.id.startswith(name)]
    words = name.casefold().split()
    found = by_id or [one for one in articles if words and all(word in (one.title or "").casefold() for word in words)]
    if not found:
        some = ", ".join(repr(one.id) for one in articles[:5])
        raise UsageError(
            f"{path} has no id that begins with {name!r}, and no headline with these words. "
            f"Ids there: {some}{' …' * (len(articles) > 5)}"
        )
    return found


def _of_one_cluster(found: Sequence[ArticleText], clusters: Sequence[ClusterRow], name: str, path: Path) -> str:
    """The first of *found*, if all are in one cluster."""
    cluster_of = {row.article_id: row.cluster_id for row in clusters}
    first = {cluster_of[one.id]: one for one in reversed(found)}
    if len(first) > 1:
        some = [f"  {one.id}  {one.publisher or ''}: {one.title or ''}" for one in list(first.values())[:LISTED]]
        listed = "\n".join(some)
        raise UsageError(f"{path}: several clusters have {name!r}; give more of it, or an id:\n{listed}")
    return found[0].id


def _print(view: ClusterView) -> None:
    say(f"[bold]{plain(wording.headline(view.origin))}[/]")
    say(plain(f"cluster {view.cluster_id}: {wording.overview(view)}"))
    say(plain(wording.why_origin(view)))
    print_view(view)


def _as_json(view: ClusterView) -> dict[str, Any]:
    """Everything but the texts; passages have the text of both sides."""
    return {
        "asked": view.asked,
        "cluster_id": view.cluster_id,
        "origin_id": view.origin_id,
        "reason": view.reason,
        "why": wording.why_origin(view),
        "remarks": list(view.remarks),
        "members": [member_as_json(one) | {"delay_seconds": delay_seconds(one, view.origin)} for one in view.members],
        "matches": [match_as_json(view, one) for one in view.inside],
        "apart": [match_as_json(view, one) | {"why": wording.why_apart(one)} for one in view.apart],
        "others": [member_as_json(one) for one in view.others.values()],
    }
