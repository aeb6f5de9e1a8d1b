"""`python -m bench.speed curve|live|event`: how fast copies are found, step by step, and in how much memory."""

from __future__ import annotations

import argparse
import tempfile
from itertools import islice
from pathlib import Path

from bench.speed import curve, event, live
from bench.speed.texts import texts as made_up
from dedupe.kernels.lib import blocks
from wirecopy.explain.collection import read_collection


def main() -> None:
    """Run one bench and print its table."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    commands = parser.add_subparsers(dest="bench", required=True)
    all_at_once = commands.add_parser("curve", help="all texts of one window at once")
    all_at_once.add_argument("--texts", type=int, default=10_000)
    all_at_once.add_argument("--collection", type=Path, help="a parquet file (id, text) instead of made-up texts")
    all_at_once.add_argument("--threads", type=int, help="default: all processors")
    all_at_once.add_argument("--datasketch", action="store_true", help="also by MinHash.bulk and MinHashLSH")
    today = commands.add_parser("live", help="new articles of today against seven stored days")
    today.add_argument("--stored", type=int, default=10_000, help="articles of each stored day")
    today.add_argument("--today", type=int, default=0, help="articles of today that are stored and computed already")
    today.add_argument("--new", type=int, default=1_000)
    crowd = commands.add_parser("event", help="one event that thousands report, amid mixed news of eight dates")
    crowd.add_argument("--reports", type=int, default=10_000)
    crowd.add_argument("--others", type=int, default=4_000, help="articles on other things")
    crowd.add_argument("--versions", type=int, default=6, help="how many the agency sent; 1: all reword one report")
    crowd.add_argument("--unthinned", action="store_true", help="compare each report with all its candidates")
    crowd.add_argument("--whole", action="store_true", help="compute all dates, and the clusters")
    arguments = parser.parse_args()
    if arguments.bench == "live":
        live.show(arguments.stored, arguments.today, arguments.new)
        return
    if arguments.bench == "event":
        event.show(
            arguments.reports, arguments.others, arguments.versions,
            unthinned=arguments.unthinned, whole=arguments.whole,
        )  # fmt: skip
        return
    if arguments.threads:
        blocks.threads = lambda: arguments.threads
    show_curve(arguments.texts, arguments.collection, with_datasketch=arguments.datasketch)


def show_curve(count: int, collection: Path | None, *, with_datasketch: bool) -> None:
    """Print a table of steps."""
    source = [one.text for one in islice(read_collection(collection), count)] if collection else made_up(count)
    with tempfile.TemporaryDirectory() as folder:
        curve.warm_up(Path(folder))
        clock, counts = curve.run(source, Path(folder) / "texts")
    total = counts["texts"]
    print(f"{total:,} texts: {counts['matches']:,} matches, {counts['copies']:,} copies; peak {curve.peak():.2f} GB")
    print(f"{'step':<12}{'CPU µs per text':>16}{'share':>8}{'wall s':>9}{'peak GB':>9}")
    whole, wall = sum(clock.cpu.values()), sum(clock.wall.values())
    for step, seconds in [*clock.cpu.items(), ("all", whole)]:
        print(
            f"{step:<12}{1e6 * seconds / total:>16,.1f}{seconds / whole:>8.0%}{clock.wall.get(step, wall):>9.1f}"
            f"{clock.peak.get(step, curve.peak()):>9.2f}"
        )
    if with_datasketch:
        texts = list(source) if collection else list(made_up(count))
        theirs = curve.datasketch(texts)
        through = sum(clock.cpu[step] for step in ("read", "sketch", "context", "candidates"))
        print(
            f"datasketch, 5-grams, MinHash.bulk, MinHashLSH at .5: {1e6 * theirs / total:,.0f} µs per text: "
            f"{theirs / through:.1f} times ours through candidates, {theirs / whole:.1f} times ours with everything"
        )


if __name__ == "__main__":
    main()
