"""Quality on the labelled sets on loan, with floors.

One pair of fnc_dev (D073) is 16 % of its copies' weight, and is missed.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from dedupe.clusters import group
from dedupe.matching import find_matches
from dedupe.records import MERGING, ArticleNode, ArticleText

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Labelled:
    copies: set[tuple[str, str]]
    weights: dict[tuple[str, str], float]  # copies and independents


@dataclass(frozen=True)
class Result:
    matched: set[tuple[str, str]]
    cluster: dict[str, str]


def read_labels(file: Path) -> Labelled:
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    pairs = [(row.get("left_id", row.get("a")), row.get("right_id", row.get("b")), row) for row in rows]
    weights = {(a, b): float(row.get("weight", 1)) for a, b, row in pairs if row["label"] in ("copy", "independent")}
    return Labelled({(a, b) for a, b, row in pairs if row["label"] == "copy"}, weights)


def run(file: Path) -> Result:
    parquet = pytest.importorskip("pyarrow.parquet")
    articles = [ArticleText(id=row["id"], text=row["text"]) for row in parquet.read_table(file).to_pylist()]
    matches = find_matches(articles)
    nodes = [ArticleNode(id=article.id, word_count=len(article.text.split())) for article in articles]
    matched = {
        pair for m in matches if m.relation in MERGING for pair in ((m.left_id, m.right_id), (m.right_id, m.left_id))
    }
    return Result(matched, {row.article_id: row.cluster_id for row in group(nodes, matches)})


@pytest.fixture(scope="module")
def results(shared) -> dict[str, Result]:
    return {name: run(shared / "data/pairs" / f"{name}.parquet") for name in ("fnc_dev", "helsinki")}


def precision_recall(found: set[tuple[str, str]], labels: Labelled) -> tuple[float, float]:
    right = sum(labels.weights[pair] for pair in found & labels.copies)
    return (
        right / max(sum(labels.weights[pair] for pair in found), 1e-9),
        right / sum(labels.weights[pair] for pair in labels.copies),
    )


# Floors lie one or two pairs under the measured figures (in brackets), weighted.
FLOORS = [
    ("fnc_dev", "fnc_dev_labels", 0.90, 0.75, "matched"),  # (.923 .779)
    ("fnc_dev", "fnc_dev_labels_uniform", 0.90, 0.65, "matched"),  # (.948 .720)
    ("helsinki", "helsinki_labels", 1.0, 0.85, "matched"),  # (1.000 .895)
    ("fnc_dev", "fnc_dev_labels", 0.90, 0.70, "clusters"),  # (.942 .734)
    ("fnc_dev", "fnc_dev_labels_uniform", 0.90, 0.60, "clusters"),  # (.942 .641)
    ("helsinki", "helsinki_labels", 1.0, 0.85, "clusters"),  # (1.000 .895)
]


@pytest.mark.parametrize(("data", "labels", "precision", "recall", "what"), FLOORS, ids=lambda value: str(value))
def test_floors(shared, results, data: str, labels: str, precision: float, recall: float, what: str) -> None:
    """Copies against independent reports: precision first."""
    truth, result = read_labels(shared / "data/pairs" / f"{labels}.csv"), results[data]
    pairs = set(truth.weights)
    together = {(a, b) for a, b in pairs if result.cluster[a] == result.cluster[b]}
    found = pairs & result.matched if what == "matched" else together
    got = precision_recall(found, truth)
    assert got[0] >= precision - 1e-9, got
    assert got[1] >= recall - 1e-9, got


def test_dedupe_pairs(shared) -> None:
    """Both copies of the seven pairs are found.

    One negative, a court report that quotes without marks, stays false (s .21).
    """
    rows = [
        json.loads(line)
        for line in (shared / "data/dedupe_pairs/pairs.jsonl").read_text(encoding="utf-8").split("\n")
        if line
    ]
    articles = [
        ArticleText(id=f"{number}{side}", text=row[f"text_{side}"], publisher=site(row[f"url_{side}"]))
        for number, row in enumerate(rows)
        for side in "ab"
    ]
    merging = {(m.left_id, m.right_id) for m in find_matches(articles) if m.relation in MERGING}
    assert {f"{number}" for number, row in enumerate(rows) if row["label"] == "positive"} <= {a[0] for a, _ in merging}
    assert len(merging) <= 3


def site(url: str) -> str:
    """The registered domain, as the desk would name the publisher."""
    return ".".join(url.split("/")[2].split(".")[-2:])
