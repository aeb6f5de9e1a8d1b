"""Wall and CPU of our steps, without Airflow: `python -m bench.runs [--feeds 60] [--entries 5] [--days 0]`.

A live run that takes everything, then one with nothing new; with --days also one past run per day of a second store.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.farm import farm
from wirecopy import steps

NEWEST = datetime(2026, 11, 25, tzinfo=UTC)


def main() -> None:
    """Print one line per run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=60)
    parser.add_argument("--entries", type=int, default=5, help="of each feed")
    parser.add_argument("--days", type=int, default=0, help="spread the entries over so many days, and backfill them")
    asked = parser.parse_args()
    print(f"{asked.feeds:,} feeds of {asked.entries} entries, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with farm(feeds=asked.feeds, entries=asked.entries, days=asked.days or 1, newest=NEWEST, folder=folder) as path:
            os.environ |= {"WIRECOPY_FEEDS": str(path), "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8"}
            os.environ |= {
                "WIRECOPY_DATA": f"{name}/live",
                "WIRECOPY_NOW": NEWEST.isoformat(),
                "WIRECOPY_HOST_GAP": "0",
            }
            _timed("live, all new", lambda: _run("live", NEWEST, timedelta(minutes=15)))
            _timed("dedupe", steps.dedupe)
            os.environ["WIRECOPY_NOW"] = (NEWEST + timedelta(minutes=15)).isoformat()
            _timed("live, nothing new", lambda: _run("live", NEWEST + timedelta(minutes=15), timedelta(minutes=15)))
            os.environ["WIRECOPY_DATA"] = f"{name}/past"
            _timed(f"{asked.days} past days", lambda: _backfill(asked.days))


def _run(kind: str, end: datetime, length: timedelta) -> int:
    interval = {"start": (end - length).isoformat(), "end": end.isoformat()}
    planned = steps.plan(kind=kind, run_id=f"{kind}-{end:%d-%H-%M}", **interval)  # type: ignore[arg-type]
    counts = [steps.pull(**shard) for shard in planned["shards"]]
    report = steps.publish(run=planned["run"], pulled=counts)
    return int(report["outcomes"].get("stored", 0))


def _backfill(days: int) -> int:
    return sum(_run("day", NEWEST - timedelta(days=back), timedelta(days=1)) for back in range(days))


def _timed(what: str, work: object) -> None:
    """Wall, CPU of this process and of its extraction workers."""
    wall, cpu, children = time.monotonic(), time.process_time(), _children()
    result = work()  # type: ignore[operator]
    own, theirs = time.process_time() - cpu, _children() - children
    stored = f"{result:,} stored" if isinstance(result, int) else ""
    print(
        f"{what:<20}{time.monotonic() - wall:8.1f} s wall{own:8.1f} CPU s here{theirs:8.1f} in workers  {stored}",
        flush=True,
    )


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
