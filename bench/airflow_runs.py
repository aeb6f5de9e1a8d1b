"""How long the runs of a running `wirecopy airflow` took: `python -m bench.airflow_runs HOME [--port 8080]`.

With `--feeds N` it starts one itself, in an empty home on port 18090, with N feeds of the farm and live intervals of a
minute, waits for four live runs, and stops it again. With `--days D` too it backfills D past days instead, and with
`--sitemaps` days of October that only the sites' sitemaps list (bench.history), twice.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import psutil

from bench.farm import farm
from bench.history import FIRST, NOW, feed_list, serving

LIVE_RUNS = 4


def main() -> None:
    """Print one line per finished run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, nargs="?")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--feeds", type=int)
    parser.add_argument("--entries", type=int, default=5, help="of each feed, on each day")
    parser.add_argument("--days", type=int, default=0)
    parser.add_argument("--sitemaps", action="store_true")
    asked = parser.parse_args()
    if asked.feeds:
        _own_stack(asked.feeds, asked.entries, asked.days, asked.sitemaps)
    else:
        _print_runs(asked.home, asked.port)


def _own_stack(feeds: int, entries: int, days: int, sitemaps: bool) -> None:
    with tempfile.TemporaryDirectory() as name, _sites(feeds, entries, days, sitemaps, Path(name)) as (path, first):
        folder, home = Path(name), Path(name) / "home"
        own = {"FEEDS": path, "DATA": folder / "data", "ALLOW_NETWORKS": "127.0.0.0/8", "HOST_GAP": "0"}
        own |= {"NOW": NOW.isoformat()} if sitemaps else {}
        env = os.environ | {f"WIRECOPY_{key}": str(value) for key, value in own.items()}
        env |= {"WIRECOPY_LIVE_MINUTES": "1", "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": str(bool(days))}
        command = [str(Path(sys.executable).parent / "wirecopy"), "airflow", "--home", str(home), "--port", "18090"]
        stack = subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if days:
                _backfill(home, 18090, first, days, again=False)
            else:
                _wait_for_live_runs(home, 18090)
            print(f"CPU of the whole stack: {_cpu_of(stack.pid):.0f} s", flush=True)
            if sitemaps:
                _backfill(home, 18090, first, days, again=True)
                print(f"CPU of the whole stack: {_cpu_of(stack.pid):.0f} s", flush=True)
            print(f"{_articles(folder / 'data')} articles are in the store")
            _print_runs(home, 18090)
        finally:
            stack.send_signal(signal.SIGTERM)
            stack.wait(60)


@contextmanager
def _sites(feeds: int, entries: int, days: int, sitemaps: bool, folder: Path) -> Iterator[tuple[Path, datetime]]:
    """Running sites: their feed list, and the first day that they tell of."""
    if sitemaps:
        with serving(feeds, entries):
            yield feed_list(feeds, folder), datetime.combine(FIRST, datetime.min.time(), UTC)
        return
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    newest = today if days else datetime.now(UTC)
    with farm(feeds=feeds, entries=entries, days=days or 1, newest=newest, folder=folder) as path:
        yield path, today - timedelta(days=days)


def _wait_for_live_runs(home: Path, port: int) -> None:
    for _ in range(600):
        time.sleep(1)
        try:
            runs = _runs(home, port)
        except OSError:
            continue  # not up yet
        if sum(run["dag_id"] == "wirecopy_live" and run["state"] == "success" for run in runs) >= LIVE_RUNS:
            return
    raise SystemExit("no four live runs within ten minutes: look at the logs of the stack")


def _backfill(home: Path, port: int, first: datetime, days: int, *, again: bool) -> None:
    """Backfill *days* days from *first* on, as the form does, and say how long that took; *again*: all runs anew."""
    while True:
        try:
            _runs(home, port)
            break
        except OSError:
            time.sleep(1)  # not up yet
    body = {
        "dag_id": "wirecopy_day",
        "from_date": first.isoformat(),
        "to_date": (first + timedelta(days=days - 1)).isoformat(),
        "reprocess_behavior": "completed" if again else "none",
        "max_active_runs": 2,
    }
    token = _token(home, port)
    before = {run["dag_run_id"]: run["start_date"] for run in _runs(home, port, "wirecopy_day")}
    _call(port, "/api/v2/backfills", body, token)
    began = time.monotonic()
    for dag_id in ("wirecopy_dedupe", "wirecopy_day"):
        _call(port, f"/api/v2/dags/{dag_id}", {"is_paused": False}, token, method="PATCH")
    for _ in range(1200):
        time.sleep(1)
        ended = [run for run in _runs(home, port, "wirecopy_day") if run["state"] in {"success", "failed"}]
        if sum(run["start_date"] != before.get(run["dag_run_id"]) for run in ended) >= days:
            failed = sum(run["state"] == "failed" for run in ended)
            took = time.monotonic() - began
            print(f"{days} days: {took:.0f} s from the click to the last run, {failed} red", flush=True)
            _wait_for_the_end_of_backfills(port, token)
            return
    raise SystemExit("the backfill did not end within twenty minutes: look at the logs of the stack")


def _wait_for_the_end_of_backfills(port: int, token: str) -> None:
    """The scheduler closes a backfill some time after its last run, and refuses another one until then."""
    for _ in range(300):
        found = _call(port, "/api/v2/backfills?dag_id=wirecopy_day", None, token)["backfills"]
        if all(one["completed_at"] for one in found):
            return
        time.sleep(1)
    raise SystemExit("the scheduler has not closed the backfill within five minutes: look at its log")


def _cpu_of(pid: int) -> float:
    """CPU seconds of a process and its descendants that still live, and of children they have waited for."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(process.cpu_times()[:4]) for process in processes)


def _articles(data: Path) -> int:
    return int(pl.scan_parquet(data / "store" / "articles").select(pl.len()).collect().item())


def _print_runs(home: Path, port: int) -> None:
    for run in sorted(_runs(home, port), key=lambda run: run["start_date"] or ""):
        if run["end_date"]:
            began, ended = (datetime.fromisoformat(run[name]) for name in ("start_date", "end_date"))
            due = datetime.fromisoformat(run["run_after"])
            print(
                f"{run['dag_id']:<18}{run['state']:<9}{(ended - began).total_seconds():6.1f} s, "
                f"done {(ended - due).total_seconds():6.1f} s after it was due"
            )


def _runs(home: Path, port: int, dag_id: str = "~") -> list[dict[str, Any]]:
    """At most 100, which is as many as Airflow gives at once."""
    token = _token(home, port)
    runs: list[dict[str, Any]] = _call(port, f"/api/v2/dags/{dag_id}/dagRuns?limit=100", None, token)["dag_runs"]
    return runs


def _token(home: Path, port: int) -> str:
    password = json.loads((home / "passwords.json").read_text())["admin"]
    return str(_call(port, "/auth/token", {"username": "admin", "password": password})["access_token"])


def _call(port: int, path: str, body: dict[str, Any] | None, token: str = "", method: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
