"""The tables of bench.ingest."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from bench.ingest.measuring import Spent
from bench.markdown import table
from bench.pages import Pages

RESULTS: Final = Path(__file__).with_name("results.md")
FETCH_GOAL: Final = 600  # pages per CPU second
LIVE_GOAL: Final = 0.9  # of bare trafilatura's pages per CPU second
STEPS: Final = 8  # rows of the memory table
LIBRARIES: Final = ("aiohttp", "trafilatura", "lxml", "pyarrow", "sqlalchemy")


def head(pages: Pages, feeds: int) -> str:
    """The head of the report: versions, cores, command."""
    kind = f"{len(pages.sources):,} real pages, changed per URL" if pages.sources else "made-up pages of 350 words"
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"# bench/ingest\n\n`python -m bench.ingest`\n\n{feeds} feeds on 40 loopback addresses; {kind}, sent as gzip.\n"
        f"{os.cpu_count()} cores, shared with other work; Python {platform.python_version()}, {versions}.\n"
    )


def fetching(run: Spent, pages: int) -> str:
    """Pages per CPU second of the fetcher."""
    rate = pages / run.result
    rows = [[f"{pages:,}", f"{run.result:.1f} s", f"{1e6 * run.result / pages:,.0f} µs", f"**{rate:,.0f}**"]]
    title = f"## The fetcher alone: goal {FETCH_GOAL} pages per CPU second\n\n"
    return title + table(["pages", "CPU", "CPU per page", "pages per CPU second"], rows) + "\n"


def live(run: Spent, bare: Mapping[str, float], pages: int) -> str:
    """A live run beside trafilatura on the same pages."""
    rows = [_row("a live run: plan, pull, publish", pages, run.all_cpu, bare["default"], f"{run.wall:.0f} s")]
    for name, cpu in (("– the steps' own process", run.cpu), ("– its extraction workers", run.children)):
        rows += [[name, f"{cpu:.1f} s", f"{1e3 * cpu / pages:.1f} ms", "", "", ""]]
    rows += [_row("trafilatura alone, `with_metadata=True`", pages, bare["default"], bare["default"], "")]
    rows += [_row("trafilatura alone, also `fast=True`", pages, bare["fast"], bare["default"], "")]
    columns = ["", "CPU", "CPU per page", "pages per CPU second", "share of trafilatura's", "wall"]
    outcomes = ", ".join(f"{name} {count:,}" for name, count in sorted(run.result.items()))
    stored = run.result.get("stored", 0)
    return (
        f"## End to end: goal {LIVE_GOAL:.0%} of trafilatura's pages per CPU second\n\n{table(columns, rows)}\n\n"
        f"{pages:,} entries: {outcomes}. {stored / run.all_cpu:.1f} articles stored per CPU second of all processes, "
        f"{stored / run.wall:.1f} per second.\n"
    )


def _row(name: str, pages: int, cpu: float, bare: float, wall: str) -> list[str]:
    return [name, f"{cpu:.1f} s", f"{1e3 * cpu / pages:.1f} ms", f"{pages / cpu:.1f}", f"{bare / cpu:.0%}", wall]


def memory(run: Spent, pages: int) -> str:
    """The memory of all processes together, over the run."""
    rows, medians = [], []
    for step in range(STEPS):
        first, last = pages * step // STEPS, pages * (step + 1) // STEPS
        held = [megabytes for done, megabytes in run.memory if first <= done < last]
        if held:
            medians.append(median(held))
            rows.append([f"{first:,}–{last:,}", f"{medians[-1]:,.0f}", f"{max(held):,.0f}"])
    held = [megabytes for done, megabytes in run.memory if done >= pages]
    rows += [["publish", f"{median(held):,.0f}", f"{max(held):,.0f}"]] if held else []
    return (
        f"## Memory of a live run of {pages:,} pages\n\nResident MB of the steps' process and its extraction workers, "
        "looked at twice a second; what they share counts in each.\n\n"
        f"{table(['pages done', 'median', 'most'], rows)}\n\n"
        f"From the second eighth to the last the median changes by {medians[-1] / medians[1] - 1:+.0%}. "
        f"{run.all_cpu:.0f} CPU s, {pages / run.all_cpu:.1f} pages per CPU second.\n"
    )
