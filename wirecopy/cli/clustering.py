"""`wirecopy cluster`: find the copies in any collection of texts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from wirecopy.cli.console import ERR, OUT, print_counts, print_json, progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.records import ArticleText, ClusterRow, Match


def cluster(
    source: Annotated[Path, Parameter(help="A .jsonl, .ndjson or .parquet file.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Folder for matches.parquet and clusters.parquet.")],
    json: Annotated[bool, Parameter(name=["--json"], help="The summary as JSON on stdout.")] = False,
) -> int:
    """Find the copies in a collection of texts.

    Columns: id and text; optionally publisher, published_at, title, language, agency.

    An unknown publisher counts as another one. If every row has a published_at, articles more than seven days apart are
    not compared; without dates all is one context.

    ```
    wirecopy cluster articles.jsonl --out result/
    wirecopy cluster articles.parquet --out result/ --json
    ```
    """
    from dedupe.clusters import group
    from dedupe.matching import find_matches
    from wirecopy.store.collection import read_collection, write_result

    articles = read_collection(source)
    if any(article.published_at and not article.date for article in articles):
        ERR.print("Some rows have no published_at: dates are ignored, all is one context.")
    with progress_bar() as report:
        matches = find_matches(articles, progress=report)
        clusters = group([_node(article) for article in articles], matches)
    files = write_result(out, matches, clusters)
    summary = _summary(articles, matches, clusters)
    if json:
        print_json(summary | {"files": [str(path) for path in files]})
        return 0
    print_counts(str(source), {name: count for name, count in summary.items() if name != "relations"})
    if summary["relations"]:
        print_counts("matches by relation", summary["relations"])
    OUT.print(f"written: {files[0]}, {files[1]}", soft_wrap=True)
    return 0


def _node(article: ArticleText) -> Any:
    from dedupe.records import ArticleNode

    return ArticleNode(
        id=article.id,
        date=article.date,
        published_at=article.published_at,
        publisher=article.publisher,
        agency=article.agency,
        word_count=len(article.text.split()),
    )


def _summary(
    articles: Sequence[ArticleText], matches: Sequence[Match], clusters: Sequence[ClusterRow]
) -> dict[str, Any]:
    sizes = Counter(row.cluster_id for row in clusters)
    return {
        "articles": len(articles),
        "matches": len(matches),
        "clusters of two or more": sum(size > 1 for size in sizes.values()),
        "copies": sum(row.role == "copy" for row in clusters),
        "alone": sum(row.role == "alone" for row in clusters),
        "largest cluster": max(sizes.values(), default=0),
        "relations": dict(sorted(Counter(match.relation for match in matches).items())),
    }
