"""CPU per text of finding matches: `python bench/dedupe_speed.py TEXTS.parquet [--limit N]` (columns id, text)."""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from dedupe.clusters import group
from dedupe.matching import find_matches
from dedupe.records import ArticleNode
from dedupe.sketches import sketch_articles
from wirecopy.store.collection import read_collection


def main() -> None:
    """Print one line per step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    articles = read_collection(arguments.texts)[: arguments.limit]
    nodes = [ArticleNode(id=a.id, date=a.date, published_at=a.published_at, publisher=a.publisher) for a in articles]
    print(f"{len(articles):,} texts, {sum(len(a.text) for a in articles) / len(articles):,.0f} characters each")
    began = time.process_time()
    sketch_articles(articles)
    sketched = time.process_time()
    matches = find_matches(articles)
    matched = time.process_time()
    clusters = group(nodes, matches)
    grouped = time.process_time()
    for step, seconds in (("sketch", sketched - began), ("match", matched - sketched), ("group", grouped - matched)):
        print(f"{step:<8}{seconds:8.2f} CPU s {1e6 * seconds / len(articles):10,.0f} µs per text")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(matches):,} matches, {len({row.cluster_id for row in clusters}):,} clusters, peak {peak:.2f} GB")


if __name__ == "__main__":
    main()
