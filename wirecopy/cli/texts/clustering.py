"""`wirecopy cluster`: find the copies in any collection of texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from dedupe.grouping.clusters import group
from dedupe.matching.matching import find_matches
from dedupe.records import ArticleNode, ArticleText, ClusterRow, Match
from wirecopy.cli.show.console import ERR, OUT, Report, plain, print_counts, print_json, print_rows, progress_bar
from wirecopy.cli.show.fitting import Kind
from wirecopy.cli.show.headed import print_headed
from wirecopy.cli.show.targets import refuse_data_folder
from wirecopy.errors import UsageError
from wirecopy.explain import wording
from wirecopy.explain.collection import read_collection, write_result

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST = 10  # clusters that the summary lists
NAMES = 3  # publishers named of each
ID_SHOWN = 12  # characters of its origin's id


Map = Annotated[
    list[str] | None,
    Parameter(name=["--map"], help="How the files call a column, as title=headline; may be repeated."),
]


def cluster(
    *sources: Annotated[
        Path, Parameter(name="SOURCES", help="Files (.jsonl, .ndjson, .parquet, .csv, .tsv, .txt), or folders of them.")
    ],
    mapped: Map = None,
    out: Annotated[Path | None, Parameter(help="Folder for the files matches and clusters.")] = None,
    format: Annotated[Literal["parquet", "csv"], Parameter(help="Of these files; default: parquet.")] = "parquet",
    min_probability: Annotated[
        float, Parameter(help="Keep only matches that a reader calls a copy with at least this probability, 0 to 1.")
    ] = 0.0,
    json: Annotated[bool, Parameter(name=["--json"], help="The summary as JSON on stdout.")] = False,
) -> int:
    """Find the copies in a collection of texts.

    Columns: text; optionally id (or article_id; else row-1, row-2, …), publisher, published_at, title, language and
    agency. Files that call them otherwise are read with --map. A .txt file is one article. An unknown publisher counts
    as another one. If every row has a published_at, articles more than seven
    days apart are not compared; else all is one context.

    ```
    wirecopy cluster articles.jsonl
    wirecopy cluster export.csv --map text=body --map title=headline
    wirecopy cluster texts/ --out result/ --format csv
    wirecopy cluster monday.parquet tuesday.parquet --out result/ --min-probability 0.9
    wirecopy explain astrolabe --in articles.jsonl
    ```
    """
    _check(sources, min_probability)
    if out:
        refuse_data_folder(out)
    with progress_bar() as report:
        articles = read_collection(*sources, names=names_of(mapped), progress=report)
        matches, clusters = find_copies(articles, least=min_probability, progress=report)
    if any(article.published_at and not article.date for article in articles):
        ERR.print("Some rows have no published_at: dates are ignored, all is one context.")
    files = write_result(out, articles, matches, clusters, format) if out else ()
    found = _Found(articles, matches, clusters)
    if json:
        print_json(found.summary() | {"files": [str(path) for path in files]})
        return 0
    _print(found, ", ".join(map(str, sources)))
    if files:
        ERR.print(f"written: {plain(', '.join(map(str, files)))}", soft_wrap=True)
    elif OUT.is_terminal:
        ERR.print("Nothing was written: --out FOLDER keeps the matches and a row per article.")
    return 0


def names_of(given: Sequence[str] | None) -> dict[str, str]:
    """Our names → theirs, of `--map ours=theirs`. Raises UsageError."""
    pairs = [one.partition("=") for one in given or ()]
    for ours, sign, theirs in pairs:
        if not (ours and sign and theirs):
            raise UsageError(f"--map {ours}{sign}{theirs} names no two columns. Write: --map title=headline.")
    return {ours: theirs for ours, _, theirs in pairs}


def find_copies(
    articles: Sequence[ArticleText], *, least: float = 0.0, progress: Report | None = None
) -> tuple[list[Match], list[ClusterRow]]:
    """The matches of a collection that are at least that probable, and the clusters that follow from them."""
    matches = [match for match in find_matches(articles, progress=progress) if match.probability >= least]
    return matches, group([_node(article) for article in articles], matches)


def _check(sources: Sequence[Path], least: float) -> None:
    if not sources:
        raise UsageError("Name a file or a folder of texts: `wirecopy cluster articles.jsonl`.")
    if not 0 <= least <= 1:
        raise UsageError(f"--min-probability is {least:g}; give a number from 0 to 1, such as 0.9.")


def _node(article: ArticleText) -> Any:
    return ArticleNode(
        id=article.id,
        date=article.date,
        published_at=article.published_at,
        publisher=article.publisher,
        agency=article.agency,
        word_count=len(article.text.split()),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The matches and clusters, and their sums."""

    articles: Sequence[ArticleText]
    matches: Sequence[Match]
    clusters: Sequence[ClusterRow]

    def summary(self) -> dict[str, Any]:
        sizes = Counter(row.cluster_id for row in self.clusters)
        return {
            "articles": len(self.articles),
            "matches": len(self.matches),
            "clusters of two or more": sum(size > 1 for size in sizes.values()),
            "copies": sum(row.role == "copy" for row in self.clusters),
            "alone": sum(row.role == "alone" for row in self.clusters),
            "largest cluster": max(sizes.values(), default=0),
            "relations": dict(Counter(match.relation for match in self.matches).most_common()),
            "largest": self.largest(),
        }

    def largest(self) -> list[dict[str, Any]]:
        """The largest clusters: size, origin and publishers, most articles first."""
        by_id = {article.id: article for article in self.articles}
        members: dict[str, list[ClusterRow]] = {}
        for row in self.clusters:
            if row.cluster_size > 1:
                members.setdefault(row.cluster_id, []).append(row)
        chosen = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))[:LARGEST]
        return [_described(rows, by_id) for _, rows in chosen]


def _described(rows: Sequence[ClusterRow], by_id: dict[str, ArticleText]) -> dict[str, Any]:
    origin = by_id[rows[0].origin_id]
    publishers = Counter(name for row in rows if (name := by_id[row.article_id].publisher))
    return {
        "cluster_id": rows[0].cluster_id,
        "articles": len(rows),
        "publishers": [name for name, _ in publishers.most_common()],
        "origin_id": origin.id,
        "origin_publisher": origin.publisher,
        "origin": wording.headline(origin),
    }


def _print(found: _Found, title: str) -> None:
    summary = found.summary()
    print_counts(
        title,
        {
            "articles": summary["articles"],
            "  copies": summary["copies"],
            "  origins, one of each cluster": summary["clusters of two or more"],
            "  independent": summary["alone"],
            "matches": summary["matches"],
            **{f"  {wording.relation_name(name)}": count for name, count in summary["relations"].items()},
        },
    )
    if summary["largest"]:
        OUT.print()
        _print_largest(summary["largest"])
        if OUT.is_terminal:
            name = quote(summary["largest"][0]["origin_id"])
            OUT.print(f"One of them from near: wirecopy explain {plain(name)} --in {plain(title)}", soft_wrap=True)


def _print_largest(largest: Sequence[dict[str, Any]]) -> None:
    rows = [(one["articles"], one["origin"], _names(one), _short(one["origin_id"])) for one in largest]
    if not OUT.is_terminal:
        print_rows("largest clusters", ("articles", "origin", "publishers", "origin_id"), rows, numbers="articles")
        return
    OUT.print("[bold]largest clusters[/]")
    lines = [(f"{articles}", publishers, name) for articles, _, publishers, name in rows]
    kinds: tuple[Kind, ...] = ("number", "text", "firm")
    print_headed(("articles", "publishers", "origin_id"), lines, kinds, [[origin] for _, origin, _, _ in rows])


def _short(name: str) -> str:
    """The id; of a long one on a terminal its beginning, which `explain` takes too."""
    return name if len(name) <= ID_SHOWN or not OUT.is_terminal else f"{name[:ID_SHOWN]}…"


def _names(one: dict[str, Any]) -> str:
    """Some publishers by name, the origin's first."""
    first = [one["origin_publisher"]] if one["origin_publisher"] else []
    names = first + [name for name in one["publishers"] if name not in first]
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more
