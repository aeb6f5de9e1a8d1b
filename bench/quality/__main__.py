"""`python -m bench.quality [--pin [--lower]] [--peers] [--plots]`: how good the decisions are, against pinned floors.

Exit code 1 if a floor is broken. What is on loan beside the checkout is measured where it lies, else left out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bench.quality import report
from bench.quality.flood import flood
from bench.quality.gate import fingerprint, judge
from bench.quality.measure import Result, mean_rates, ours, rates
from bench.quality.sets import FLOOD, REAL, LabelledSet, available

RESULTS = Path(__file__).with_name("results.md")
DRAWS = 8
DATED = ("helsinki", "fnc_dev", "fnc_dev_uniform")
ERR = Console(stderr=True)


def main() -> None:
    """Measure all sets, print the report, keep it in results.md if everything was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("--pin", action="store_true", help="create and raise floors; a worse figure is refused")
    parser.add_argument("--lower", action="store_true", help="accept worse figures as new floors")
    parser.add_argument("--peers", action="store_true", help="other tools on the same sets, in the same run")
    parser.add_argument("--plots", action="store_true", help="draw docs/images/reliability.png and candidates.png")
    arguments = parser.parse_args()
    sets, results, problems = {}, {}, []
    for name, load in available().items():
        with ERR.status(f"{name} …"):
            sets[name] = load()
            results[name] = ours(sets[name].articles)
            problems += gate(sets[name], results[name], pinning=arguments.pin, lower=arguments.lower)
    problems += _gate_means(sets, results, pinning=arguments.pin, lower=arguments.lower)
    said = report.all_tables(sets, results)
    with ERR.status("dated draws …"):
        table, drawn = report.dated_table([sets[name] for name in DATED if name in sets], results, DRAWS)
    said += table
    for name, found in drawn.items():
        data = fingerprint(sets[name.partition("/")[0]].sources)
        problems += judge(name, found.as_dict(), data, pinning=arguments.pin, lower=arguments.lower)
    if arguments.peers:
        said += report.peers_table(sets, results, ERR)
    elif RESULTS.exists():
        said += report.earlier_peers(RESULTS.read_text(encoding="utf-8"))
    if arguments.plots:
        from bench.quality.plots import draw_all

        draw_all(sets)
    Console().print(Markdown(said))
    if set(DATED) <= set(sets):
        RESULTS.write_text(f"# bench/quality\n\n`python -m bench.quality`\n\n{said}", encoding="utf-8")
    for problem in problems:
        ERR.print(f"[bold red]floor:[/] {problem}")
    sys.exit(1 if problems else 0)


def gate(labelled: LabelledSet, result: Result, *, pinning: bool = False, lower: bool = False) -> list[str]:
    """What is wrong with the pairs and clusters of a set."""
    data = fingerprint(labelled.sources)
    problems: list[str] = []
    if labelled.name == FLOOD:
        kept_apart = -float(sum(false for *_, false in flood(labelled.articles, result)))
        return judge("arabic/certainly false", {"pairs": kept_apart}, data, pinning=pinning, lower=lower)
    for what, found in (("matches", result.matched), ("clusters", result.clustered)):
        measured = rates(labelled.pairs, found).as_dict()
        problems += judge(f"{labelled.name}/{what}", measured, data, pinning=pinning, lower=lower)
    return problems


def _gate_means(
    sets: dict[str, LabelledSet], results: dict[str, Result], *, pinning: bool = False, lower: bool = False
) -> list[str]:
    """What is wrong with the means over the sets of real news, if all of them are here."""
    real = [sets[name] for name in REAL if name in sets]
    if len(real) < len(REAL):
        return []
    data = fingerprint([source for one in real for source in one.sources])
    return [
        problem
        for what, name in (("matches", "matched"), ("clusters", "clustered"))
        for problem in judge(
            f"mean/{what}", mean_rates(real, results, name).as_dict(), data, pinning=pinning, lower=lower
        )
    ]


if __name__ == "__main__":
    main()
