"""Pairs of articles whose relation is known: labelled by readers, printed by the demo newsroom, or generated."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.quality.generator import generate
from bench.quality.graded import grade
from bench.quality.prose import reports
from bench.quality.series import series
from dedupe.records import ArticleText
from demo.newsroom.site import Site
from demo.newsroom.truth import copy_pairs, independent_pairs, template_pairs
from demo.newsroom.world import load_world
from wirecopy.explain.collection import read_collection

SHARED = Path(__file__).resolve().parents[3] / "shared"
ANCHOR = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles and what they are: copy, independent, partial or disputed."""

    left: str
    right: str
    label: str
    weight: float = 1.0  # pairs of its stratum that it stands for
    kind: str = ""  # of a generated pair


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A collection with pairs that are known."""

    name: str
    articles: Sequence[ArticleText]
    pairs: Sequence[Pair]
    sources: Sequence[Path | str] = field(default_factory=tuple)  # what its fingerprint is made of


def seeds() -> LabelledSet:
    """000 and 001 are one report reworded, all other pairs are independent."""
    files = sorted((SHARED / "seeds").glob("*.json")) or sorted((SHARED / "seeds").glob("*.txt"))
    articles = [ArticleText(id=file.stem[:3], text=_text(file)) for file in files]
    names = [article.id for article in articles]
    pairs = [
        Pair(a, b, "copy" if (a, b) == ("000", "001") else "independent")
        for number, a in enumerate(names)
        for b in names[number + 1 :]
    ]
    return LabelledSet("seeds", articles, pairs, files)


def _text(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    return str(json.loads(text)["text"]) if file.suffix == ".json" else text


def labelled(name: str, labels: str) -> LabelledSet:
    """A collection of real news and its labels."""
    folder = SHARED / "data" / "pairs"
    articles = [replace(one, date=None, published_at=None) for one in read_collection(folder / f"{name}.parquet")]
    with (folder / f"{labels}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = [
        Pair(row.get("left_id") or row["a"], row.get("right_id") or row["b"], row["label"], float(row.get("weight", 1)))
        for row in rows
    ]
    return LabelledSet(
        labels.removesuffix("_labels").replace("_labels", ""),
        articles,
        pairs,
        [folder / f"{name}.parquet", folder / f"{labels}.csv"],
    )


def newswire(name: str) -> LabelledSet:
    """A collection of ordinary newspapers and the labels of its pairs: with publishers and dates, where they are known.

    A pair that was drawn from two strata weighs for both. The Arabic one has no labels: it shows the flood of series.
    """
    folder = SHARED / "data" / "newswire"
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == name]
    pairs = [Pair(row["a"], row["b"], row["label"], float(row["weight"]), row["reason"]) for row in rows]
    sources = [folder / f"{name}.parquet", folder / "labels.csv"]
    return LabelledSet(name, read_collection(folder / f"{name}.parquet"), pairs, sources)


def dedupe_pairs() -> LabelledSet:
    """Seven real pairs, five of them hard negatives."""
    file = SHARED / "data" / "dedupe_pairs" / "pairs.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    articles = [
        ArticleText(id=f"{number}{side}", text=row[f"text_{side}"], publisher=_site(row[f"url_{side}"]))
        for number, row in enumerate(rows)
        for side in "ab"
    ]
    pairs = [
        Pair(f"{n}a", f"{n}b", "copy" if row["label"] == "positive" else "independent", kind=row["why"])
        for n, row in enumerate(rows)
    ]
    return LabelledSet("dedupe_pairs", articles, pairs, [file])


def _site(url: str) -> str:
    """The registered domain, as the desk would name the publisher."""
    return ".".join(url.split("/")[2].split(".")[-2:])


def newsroom() -> LabelledSet:
    """The demo newsroom's articles and its truth."""
    world = load_world()
    truth = [one for one in Site(world=world, anchor=ANCHOR, port=80).truth() if one.ends == "article"]
    articles = [
        ArticleText(
            id=one.url, text="\n".join(world.articles[one.slug].versions[0].paragraphs), publisher=one.publisher
        )
        for one in truth
    ]
    labels = {"copy": copy_pairs(truth), "independent": independent_pairs(truth) | template_pairs(truth)}
    pairs = [Pair(*sorted(pair), label) for label, found in labels.items() for pair in sorted(found, key=sorted)]
    return LabelledSet("newsroom", articles, pairs, [article.text for article in articles])


def generated() -> LabelledSet:
    """Copies and hard negatives derived from the newsroom's reports."""
    articles, pairs = generate(reports())
    return LabelledSet("generated", articles, [Pair(*one) for one in pairs], [article.text for article in articles])


def printed_series() -> LabelledSet:
    """Series in seven languages, with their reprints."""
    articles, pairs = series()
    return LabelledSet("series", articles, [Pair(*one) for one in pairs], [article.text for article in articles])


def graded() -> LabelledSet:
    """Pairs at the edge of what is found, derived from the newsroom's reports."""
    articles, pairs = grade(reports())
    return LabelledSet("graded", articles, [Pair(*one) for one in pairs], [article.text for article in articles])


OWN: dict[str, Callable[[], LabelledSet]] = {
    "newsroom": newsroom, "generated": generated, "graded": graded, "series": printed_series,
}  # fmt: skip
REAL = ("persian", "turkish", "portuguese", "helsinki", "fnc_dev", "fnc_dev_uniform")
"""Sets of real news with labelled copies: those of the mean in which each weighs one."""
FLOOD = "arabic"
ON_LOAN: dict[str, Callable[[], LabelledSet]] = {
    "seeds": seeds,
    "dedupe_pairs": dedupe_pairs,
    "helsinki": lambda: labelled("helsinki", "helsinki_labels"),
    "fnc_dev": lambda: labelled("fnc_dev", "fnc_dev_labels"),
    **{name: partial(newswire, name) for name in ("persian", "turkish", "portuguese", FLOOD)},
    "fnc_dev_uniform": lambda: labelled("fnc_dev", "fnc_dev_labels_uniform"),
}


def available() -> dict[str, Callable[[], LabelledSet]]:
    """The sets that this machine has: what is on loan lies beside the checkout, or is left out."""
    return OWN | (ON_LOAN if SHARED.is_dir() else {})
