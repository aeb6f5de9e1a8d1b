"""`python -m bench.slowhost [--feeds 59] [--entries 8] [--delay 30]`: does one slow host delay the others?

A live run of the command over feeds on loopback, then the same with one feed more, whose host asks for a Crawl-delay.
Measured is when all articles of the other feeds are readable in the store, from outside, and when the run ends.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from bench.farm import ADDRESSES, farm

SLOW = 39  # index of the slow feed, which has an address of its own
HOST_TIME = 60  # seconds: the run ends, and the bench with it


def main() -> None:
    """Measure both runs and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=59)
    parser.add_argument("--entries", type=int, default=8)
    parser.add_argument("--delay", type=int, default=30, help="seconds")
    asked = parser.parse_args()
    print("| run | all articles of the other feeds readable after | run ends after |\n|---|---|---|")
    for name, slow in (("without the slow host", False), (f"with a Crawl-delay of {asked.delay} s", True)):
        readable, ended = _measured(asked.feeds, asked.entries, asked.delay, slow=slow)
        print(f"| {name} | {readable:.1f} s | {ended:.1f} s |", flush=True)


def _measured(feeds: int, entries: int, delay: int, *, slow: bool) -> tuple[float, float]:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        settings = {"feeds": feeds + 1, "entries": entries, "days": 1, "newest": now, "folder": root}
        with farm(**settings, delays={ADDRESSES[SLOW]: delay}) as listed:  # type: ignore[arg-type]
            tables = listed.read_text().split("\n\n")
            listed.write_text("\n\n".join(tables if slow else [*tables[:SLOW], *tables[SLOW + 1 :]]))
            return _run(root, listed, wanted=feeds * entries)


def _run(root: Path, listed: Path, *, wanted: int) -> tuple[float, float]:
    """Seconds until *wanted* articles that are not of the slow feed are readable, and until the command ends."""
    variables = {
        "WIRECOPY_DATA": str(root / "data"), "WIRECOPY_FEEDS": str(listed), "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8",
        "WIRECOPY_HOST_GAP": "0", "WIRECOPY_HOST_TIME": f"{HOST_TIME}s",
    }  # fmt: skip
    command = [Path(sys.executable).parent / "wirecopy", "run", "--no-dedupe"]
    started, readable = time.monotonic(), float("nan")
    process = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.DEVNULL)
    while process.poll() is None or readable != readable:
        if readable != readable and _stored(root / "data") >= wanted:
            readable = time.monotonic() - started
        elif process.poll() is not None:
            break
        time.sleep(0.2)
    return readable, time.monotonic() - started


def _stored(data: Path) -> int:
    """Articles in the store that are not of the slow feed."""
    files = (data / "store" / "articles").glob("*/*.parquet")
    columns = [pq.ParquetFile(path).read(columns=["feed_id"])["feed_id"].to_pylist() for path in files]
    return sum(feed_id != f"feed-{SLOW}" for column in columns for feed_id in column)


if __name__ == "__main__":
    main()
