"""The two plots of docs/how-it-decides.md: is a probability of .8 right in 8 of 10, and what becomes a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import comb
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from bench.quality.measure import scores, wilson
from bench.quality.sets import REAL, LabelledSet
from dedupe.pairs.relations import probability
from dedupe.params import DEFAULTS

mpl.use("Agg")
import matplotlib.pyplot as plt

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
WORDS = 400  # of both texts of the candidate curve
OURS, THEIRS, OTHER, INK = "#1b6e8c", "#c2571a", "#8a6d1b", "#444444"


def draw_all(sets: Mapping[str, LabelledSet]) -> None:
    """Both plots, as files."""
    IMAGES.mkdir(exist_ok=True)
    if any(name in sets for name in REAL):
        draw_reliability([sets[name] for name in REAL if name in sets])
    draw_candidates()


def reliability(sets: list[LabelledSet]) -> list[tuple[float, float, int, int]]:
    """(mean probability, share of copies, copies, pairs) of each bin; partial pairs are none, disputed left out."""
    told = []
    for labelled in sets:
        labels = {(pair.left, pair.right): pair.label for pair in labelled.pairs if pair.label != "disputed"}
        told += [(probability(one), labels[pair] == "copy") for pair, one in scores(labelled).items() if pair in labels]
    rows = []
    for low, high in pairwise(BINS):
        inside = [(at, copy) for at, copy in told if low <= at < high or at == high == 1.0]
        if inside:
            copies = sum(copy for _, copy in inside)
            rows.append((sum(at for at, _ in inside) / len(inside), copies / len(inside), copies, len(inside)))
    return rows


def draw_reliability(sets: list[LabelledSet]) -> None:
    """Predicted against observed."""
    rows = reliability(sets)
    figure, axes = _axes("probability that wirecopy gives", "share that two readers call a copy")
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":", label="as promised")
    at, share = [row[0] for row in rows], [row[1] for row in rows]
    bounds = np.array([wilson(copies, total) for *_, copies, total in rows])
    errors = np.abs(bounds.T - np.array(share))
    axes.errorbar(at, share, yerr=errors, fmt="o-", color=OURS, capsize=3, label="labelled pairs, 90 % intervals")
    for where, height, (*_, total) in zip(at, share, rows, strict=True):
        axes.annotate(
            f"{total} pairs", (where, height), textcoords="offset points", xytext=(7, -12), fontsize=8, color=INK
        )
    axes.legend(frameon=False, loc="upper left")
    _save(figure, "reliability")


def draw_candidates() -> None:
    """Chance of becoming a candidate against the Jaccard similarity of two texts of WORDS words."""
    similar = np.linspace(0.005, 1, 200)
    figure, axes = _axes("Jaccard similarity of the word n-grams of two texts of 400 words", "chance to be looked at")
    axes.plot(
        similar,
        [_ours(float(one)) for one in similar],
        color=OURS,
        linewidth=2.2,
        label="wirecopy: 1 in 2 of all 4-grams",
    )
    for threshold, color in ((0.5, THEIRS), (0.8, OTHER)):
        bands, rows = _bands(threshold)
        axes.plot(
            similar,
            1 - (1 - similar**rows) ** bands,
            color=color,
            label=f"MinHashLSH at {threshold} ({bands} × {rows})",
        )
    axes.axvspan(0.03, 0.25, color="#000000", alpha=0.06, linewidth=0)
    axes.annotate("reworded copies", (0.14, 0.5), rotation=90, ha="center", va="center", color=INK, fontsize=9)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    _save(figure, "candidates")


def _ours(similarity: float) -> float:
    """Enough of the shared 4-grams are sampled: a binomial tail."""
    shared = round(2 * similarity / (1 + similarity) * WORDS)
    rate = 1 / DEFAULTS.sketch_rate
    least = max(DEFAULTS.candidate_shared, int(np.ceil(DEFAULTS.candidate_share * WORDS * rate)))
    return 1 - sum(comb(shared, k) * rate**k * (1 - rate) ** (shared - k) for k in range(min(least, shared + 1)))


def _bands(threshold: float) -> tuple[int, int]:
    """What datasketch chooses for 128 permutations."""
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=128)
    return index.b, index.r


def _axes(along: str, up: str) -> tuple[Any, Any]:
    figure, axes = plt.subplots(figsize=(7.2, 4.2), dpi=110)
    axes.set(xlabel=along, ylabel=up, xlim=(0, 1.02), ylim=(-0.02, 1.04))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _save(figure: Any, name: str) -> None:
    figure.tight_layout()
    figure.savefig(IMAGES / f"{name}.png")
    plt.close(figure)
