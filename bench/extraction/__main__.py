"""`python -m bench.extraction [--peers PYTHON] [--data DIR] [--pin [--lower]]`: what extraction gets right, against
floors.

Exit code 1 if a goal or a floor is missed. PYTHON is that of an environment with bench/requirements-peers.txt; with it
every tool reads the same pages in the same run, and results.md is written.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.extraction.dates import PRINTED, date_section, measured_dates, read_dates
from bench.extraction.errors import error_table
from bench.extraction.generator import generate, pages_and_truth
from bench.extraction.habits import habit_pages, habit_table
from bench.extraction.scores import Reading, measured
from bench.extraction.sets import MANIFESTS, ON_LOAN, Labelled, is_held, manifests, read_set
from bench.extraction.tools import PEERS, peer, wirecopy
from bench.markdown import table
from bench.quality.gate import fingerprint, judge

RESULTS: Final = Path(__file__).with_name("results.md")
FLOORS: Final = Path(__file__).with_name("floors.json")
GOALS: Final = {"fundus": {"text_f1": 0.95, "minute": 0.92, "title": 0.80, "authors": 0.85}}
MAX_SECONDS: Final = 10.0
MEASURES: Final = (
    "text_f1", "minute", "title", "authors", "passage_precision", "passage_recall", "passage_f1", "day",
)  # fmt: skip
OWN: Final = {"generated": generate, "habits": habit_pages}
WALLS: Final = frozenset({"paywall", "consent", "robot_check", "index_page"})
NOTES: Final = {
    "generated": "75 pages, made from reports of the demo newsroom: every way of telling, setting and framing a text.",
    "habits": "36 pages, made from two reports each of 18 habits by which pages mislead (habits.py).",
    "fundus": "130 pages of 93 publishers. Looked at while the rules were made; for revision 5 one half.",
    "trafilatura": "990 pages. Passages lost and won by revision 3 were looked at; for revision 5 one half.",
    "htmldate": "1,000 pages, some of trafilatura's. Wrong days were looked at for revision 3, for 5 in one half.",
}
Readings = Mapping[str, Sequence[Reading]]  # by tool


def main() -> None:
    """Measure the sets that are there and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.extraction", description=__doc__)
    parser.add_argument("--data", type=Path, default=ON_LOAN, help="folder of fundus/, trafilatura/ and htmldate/")
    parser.add_argument("--peers", metavar="PYTHON", help="python of an environment with bench/requirements-peers.txt")
    parser.add_argument("--pin", action="store_true", help="create and raise floors; a worse figure is refused")
    parser.add_argument("--lower", action="store_true", help="accept worse figures as new floors")
    arguments = parser.parse_args()
    names = [name for name in MANIFESTS if (arguments.data / name).is_dir()]
    if not names:
        print(
            f"{arguments.data}: none of {', '.join(MANIFESTS)} is there; name their folder with --data", file=sys.stderr
        )
        if arguments.data != ON_LOAN:
            sys.exit(2)  # the borrowed pages may be elsewhere: then our own are read alone
    gate = partial(judge, pinning=arguments.pin, lower=arguments.lower, path=FLOORS)
    said = date_section()
    problems = gate("extraction/dates", measured_dates(read_dates()), fingerprint([PRINTED]))
    with TemporaryDirectory() as folder:
        for name in (*OWN, *names):
            pages = OWN[name](Path(folder)) if name in OWN else read_set(arguments.data / name)
            data = fingerprint(pages_and_truth(pages) if name in OWN else manifests(arguments.data / name))
            readings = _read(pages, arguments.peers)
            said += _section(name, pages, readings)
            problems += _missed(name, pages, readings["wirecopy"])
            problems += gate(f"extraction/{name}", measured(pages, readings["wirecopy"]), data)
    print(said)
    if arguments.peers:
        RESULTS.write_text(f"# bench/extraction\n\n`python -m bench.extraction --peers PYTHON`\n\n{said}", "utf-8")
    print("\n".join(problems), file=sys.stderr)
    sys.exit(1 if problems else 0)


def _read(pages: Sequence[Labelled], python: str | None) -> Readings:
    """Ours and the peers' readings of *pages*."""
    peers = {tool: list(peer(python, tool, pages)) for tool in PEERS} if python else {}
    return {"wirecopy": list(wirecopy(pages))} | peers


def _missed(name: str, pages: Sequence[Labelled], readings: Sequence[Reading]) -> list[str]:
    """The goals that are missed, as sentences."""
    found = measured(pages, readings)
    goals = GOALS.get(name, {})
    low = [f"{name}: {key} {found[key]:.4f}, goal {least}" for key, least in goals.items() if found[key] < least]
    slow = [(page, one) for page, one in zip(pages, readings, strict=True) if one.wall > MAX_SECONDS]
    return low + [f"{name}: {page.path.name} took {one.wall:.1f} s, the goal is {MAX_SECONDS} s" for page, one in slow]


def _section(name: str, pages: Sequence[Labelled], readings: Readings) -> str:
    """One set's table as Markdown, one tool per row, and the pages that ours refused."""
    found = {tool: measured(pages, given) for tool, given in readings.items()}
    columns = [key for key in MEASURES if key in found["wirecopy"]]
    head = ["tool", *columns, "CPU per page", "slowest page", "failed"]
    rows = []
    for tool, given in readings.items():
        spent = [
            f"{1000 * sum(one.cpu for one in given) / len(given):.0f} ms",
            f"{max(one.wall for one in given):.1f} s",
        ]
        failed = str(sum(bool(one.error) for one in given))
        rows.append([tool, *(_figure(tool, key, found[tool]) for key in columns), *spent, failed])
    refused = Counter(one.error.split(":")[0] for one in readings["wirecopy"] if one.error)
    listed = ", ".join(f"{code} {count}" for code, count in sorted(refused.items())) or "none"
    halves = _halves(name, pages, readings["wirecopy"], columns)
    errors = habit_table(pages, readings) if name == "habits" else error_table(pages, readings["wirecopy"])
    walls = [f"- {one.error}" for one in readings["wirecopy"] if one.error.split(":")[0] in WALLS]
    return "\n".join(
        [
            *(f"## {name}", "", NOTES[name], "", table(head, rows), "", *halves),
            *(f"Refused by wirecopy: {listed}", *walls, "", *([errors, ""] if errors else []), ""),
        ]
    )


def _halves(name: str, pages: Sequence[Labelled], readings: Sequence[Reading], columns: Sequence[str]) -> list[str]:
    """Our figures in the half of a borrowed set whose errors were looked at, and in the one that was held back."""
    if name not in MANIFESTS:
        return []
    rows = []
    for label, wanted in (("looked at", False), ("held", True)):
        half = [(page, one) for page, one in zip(pages, readings, strict=True) if is_held(page) == wanted]
        found = measured([page for page, _ in half], [one for _, one in half])
        rows.append([label, str(len(half)), *(f"{found[key]:.3f}" for key in columns)])
    return [table(["half, wirecopy", "pages", *columns], rows), ""]


def _figure(tool: str, key: str, found: Mapping[str, float]) -> str:
    """A dash where a tool has no such field at all: readability-lxml reads neither dates nor authors."""
    silent = tool == "readability-lxml" and key in ("minute", "authors", "day")
    return "–" if silent else f"{found[key]:.3f}"


if __name__ == "__main__":
    main()
