"""The tables of a run, as Markdown."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console

from bench.markdown import table
from bench.quality.flood import flood
from bench.quality.leaveout import leave_one_out
from bench.quality.measure import (
    Rates,
    Result,
    by_zone,
    dated,
    interval,
    mean_rates,
    ours,
    rates,
    scores,
    strictly,
    wilson,
)
from bench.quality.peers import PEERS, SIZES, THRESHOLDS, above
from bench.quality.sets import FLOOD, REAL, LabelledSet, Pair

Sets = Mapping[str, LabelledSet]
Results = Mapping[str, Result]
NOT_FOR_PEERS = ("series",)
PEERS_HEAD = "## Other tools"  # the last section
BANDS = ((0.0, 0.06), (0.06, 0.20), (0.20, 0.30), (0.30, 0.50), (0.50, 1.01))


def all_tables(sets: Sets, results: Results) -> str:
    """Every table of ours."""
    said = "## Pairs and clusters\n\nCopy against independent, weighted; in brackets 90 % of 1,000 resamplings.\n\n"
    said += "The last column counts partial copies as none. In the mean each set of real news weighs one.\n\n"
    said += table(["set", "what", "precision", "recall", "F1", "strict precision"], _rows(sets, results)) + "\n\n"
    said += "## Bands of the score\n\nLabelled pairs of all sets of real news, by how many match.\n\n"
    said += table(["s", "copies, matched", "partial, matched", "independent, matched"], _bands(sets, results)) + "\n\n"
    if len(_real(sets)) > 1:
        said += leave_one_out(_real(sets))
    if FLOOD in sets:
        said += "## The flood of series\n\nTen papers, four days of August 2015: texts that look like an instalment, "
        said += "matches of two of them, and those that lie two or more days apart, which are certainly false.\n\n"
        rows = flood(sets[FLOOD].articles, results[FLOOD])
        said += table(["kind", "texts", "matches", "certainly false"], [[str(cell) for cell in row] for row in rows])
        said += "\n\n"
    said += "## Zones of the score\n\nWeight of the labelled pairs of a zone of s, and how much of it matches.\n\n"
    said += table(["set", "s", "copies", "found", "independent", "taken for copies"], _zones(sets, results)) + "\n\n"
    if "generated" in sets:
        said += "## Generated kinds\n\n"
        said += table(["kind", "pairs", "found, or kept apart", "90 %", "relations"], _kinds(sets, results)) + "\n\n"
    return said


def _rows(sets: Sets, results: Results) -> list[list[str]]:
    rows = []
    for name, labelled in sets.items():
        for what, found in (("matches", results[name].matched), ("clusters", results[name].clustered)):
            if not labelled.pairs:
                continue
            got, strict = rates(labelled.pairs, found), rates(strictly(labelled.pairs), found)
            low, high = interval(labelled.pairs, found)
            rows.append([
                name, what, f"{got.precision:.3f} [{low.precision:.2f}–{high.precision:.2f}]",
                f"{got.recall:.3f} [{low.recall:.2f}–{high.recall:.2f}]", f"{got.f1:.3f}", f"{strict.precision:.3f}",
            ])  # fmt: skip
    for what, name in (("matches", "matched"), ("clusters", "clustered")):
        got = mean_rates(_real(sets), results, name)
        rows.append(["mean", what, f"{got.precision:.3f}", f"{got.recall:.3f}", f"{got.f1:.3f}", ""])
    return rows


def _real(sets: Sets) -> list[LabelledSet]:
    return [sets[name] for name in REAL if name in sets]


def _bands(sets: Sets, results: Results) -> list[list[str]]:
    told: dict[tuple[float, float], Counter[tuple[str, bool]]] = {band: Counter() for band in BANDS}
    for labelled in _real(sets):
        known = scores(labelled)
        for pair in labelled.pairs:
            score = known[pair.left, pair.right].score if (pair.left, pair.right) in known else -1.0
            for low, high in BANDS:
                if low <= score < high:
                    told[low, high][pair.label, results[labelled.name].matched(pair)] += 1
    return [
        [f"{low:.2f}–{min(high, 1.0):.2f}"]
        + [f"{found[label, True] + found[label, False]}, {found[label, True]}"
           for label in ("copy", "partial", "independent")]
        for (low, high), found in told.items()
    ]  # fmt: skip


def _zones(sets: Sets, results: Results) -> list[list[str]]:
    return [
        [name, zone, f"{copies:.0f}", f"{found:.0f}", f"{independent:.0f}", f"{taken:.0f}"]
        for name in ("fnc_dev", "fnc_dev_uniform", "helsinki")
        if name in sets
        for zone, copies, found, independent, taken in by_zone(sets[name], results[name])
    ]


def _kinds(sets: Sets, results: Results) -> list[list[str]]:
    result = results["generated"]
    relations = {frozenset((match.left_id, match.right_id)): match.relation for match in result.matches}
    kinds: dict[str, list[Pair]] = {}
    for pair in sets["generated"].pairs:
        kinds.setdefault(pair.kind, []).append(pair)
    rows = []
    for kind, pairs in kinds.items():
        right = sum(result.matched(pair) == (pair.label == "copy") for pair in pairs)
        low, high = wilson(right, len(pairs))
        said = Counter(relations.get(frozenset((pair.left, pair.right)), "none") for pair in pairs)
        rows.append([
            kind, str(len(pairs)), f"{right / len(pairs):.2f}", f"{low:.2f}–{high:.2f}",
            ", ".join(f"{name} {count}" for name, count in said.most_common()),
        ])  # fmt: skip
    return rows


def dated_table(sets: Sequence[LabelledSet], results: Results, draws: int) -> tuple[str, dict[str, Rates]]:
    """Clusters when the articles are spread over days: the table, and the rates by set and days."""
    rows, found = [], {}
    for labelled in sets:
        rows.append(_dated_row(labelled.name, "no dates", rates(labelled.pairs, results[labelled.name].clustered)))
        for days in (2, 4):
            drawn = [ours(dated(labelled.articles, days, seed)).clustered for seed in range(draws)]
            got = _mean([rates(labelled.pairs, one) for one in drawn])
            found[f"{labelled.name}/clusters over {days} days"] = got
            rows.append(_dated_row(labelled.name, f"{days} days", got))
    said = f"## Clusters with dates\n\nMeans of {draws} seeded draws of dates.\n\n"
    return said + table(["set", "dates", "precision", "recall", "F1"], rows) + "\n\n", found


def _dated_row(name: str, dates: str, got: Rates) -> list[str]:
    return [name, dates, f"{got.precision:.3f}", f"{got.recall:.3f}", f"{got.f1:.3f}"]


def _mean(found: Sequence[Rates]) -> Rates:
    return Rates(sum(one.precision for one in found) / len(found), sum(one.recall for one in found) / len(found))


def peers_table(sets: Sets, results: Results, progress: Console) -> str:
    """F1 of matches and clusters of every tool on every set."""
    names, measured = [name for name in sets if sets[name].pairs and name not in NOT_FOR_PEERS], commit()
    rows = [["wirecopy", *(_cell(sets[name], results[name]) for name in names)]]
    for peer in PEERS:
        with progress.status(f"{peer.name} …"):
            rows.append([peer.name, *(_cell(sets[name], peer.find(sets[name].articles)) for name in names)])
    with progress.status("datasketch at its best …"):
        size, threshold = _best(sets)
        best = [_cell(sets[name], above(sets[name].articles, size, threshold)) for name in names]
    rows.append([f"MinHash at its best on fnc_dev and helsinki: {size}-grams, {threshold}", *best])
    said = f"{PEERS_HEAD}\n\nF1 of matches / of clusters, grouped by the same rule. Measured at {measured}.\n\n"
    return said + table(["tool", *names], rows) + "\n\n"


def commit() -> str:
    """The commit that is measured, for tables that are not made anew each time."""
    found = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "an unknown commit"


def earlier_peers(report: str) -> str:
    """The table of other tools in an earlier *report*, with the commit that it was measured at; "" if there is none."""
    _, head, rest = report.partition(PEERS_HEAD)
    return head + rest


def _cell(labelled: LabelledSet, result: Result) -> str:
    return f"{rates(labelled.pairs, result.matched).f1:.2f} / {rates(labelled.pairs, result.clustered).f1:.2f}"


def _best(sets: Sets) -> tuple[int, float]:
    """The shingle size and threshold with the best mean F1 of matches on the labelled collections there are."""
    chosen = [sets[name] for name in ("fnc_dev", "helsinki") if name in sets] or list(sets.values())

    def mean(size: int, threshold: float) -> float:
        return sum(rates(one.pairs, above(one.articles, size, threshold).matched).f1 for one in chosen) / len(chosen)

    return max(((size, threshold) for size in SIZES for threshold in THRESHOLDS), key=lambda pair: mean(*pair))
