"""How long the runs of a running `wirecopy airflow` took: `python -m bench.airflow_runs HOME [--port 8080]`.

With `--feeds N` it starts one itself, in an empty home on port 18090, with N feeds of the farm and live intervals of a
minute, waits for four live runs, and stops it again. With `--days D` too it backfills D past days instead.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from bench.farm import farm

LIVE_RUNS = 4


def main() -> None:
    """Print one line per finished run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, nargs="?")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--feeds", type=int)
    parser.add_argument("--entries", type=int, default=5, help="of each feed, on each day")
    parser.add_argument("--days", type=int, default=0)
    asked = parser.parse_args()
    if asked.feeds:
        _own_stack(asked.feeds, asked.entries, asked.days)
    else:
        _print_runs(asked.home, asked.port)


def _own_stack(feeds: int, entries: int, days: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name), Path(name) / "home"
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        newest = today if days else datetime.now(UTC)
        with farm(feeds=feeds, entries=entries, days=days or 1, newest=newest, folder=folder) as path:
            own = {"FEEDS": path, "DATA": folder / "data", "ALLOW_NETWORKS": "127.0.0.0/8", "HOST_GAP": "0"}
            env = os.environ | {f"WIRECOPY_{key}": str(value) for key, value in own.items()}
            env |= {"WIRECOPY_LIVE_MINUTES": "1", "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": str(bool(days))}
            command = [str(Path(sys.executable).parent / "wirecopy"), "airflow", "--home", str(home), "--port", "18090"]
            stack = subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                if days:
                    _backfill(home, 18090, today - timedelta(days=days), days)
                else:
                    _wait_for_live_runs(home, 18090)
                _print_runs(home, 18090)
                print(f"CPU of the whole stack: {_cpu_of(stack.pid):.0f} s")
            finally:
                stack.send_signal(signal.SIGTERM)
                stack.wait(60)


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


def _backfill(home: Path, port: int, first: datetime, days: int) -> None:
    """Backfill *days* days from *first* on, as the form does, and say how long that took."""
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
        "reprocess_behavior": "none",
        "max_active_runs": 2,
    }
    token = _token(home, port)
    _call(port, "/api/v2/backfills", body, token)
    began = time.monotonic()
    for dag_id in ("wirecopy_dedupe", "wirecopy_day"):
        _call(port, f"/api/v2/dags/{dag_id}", {"is_paused": False}, token, method="PATCH")
    for _ in range(1200):
        time.sleep(1)
        runs = [run for run in _runs(home, port) if run["run_type"] == "backfill"]
        if len(runs) >= days and all(run["state"] in {"success", "failed"} for run in runs):
            print(f"{days} days: {time.monotonic() - began:.0f} s from the click to the last green run")
            return
    raise SystemExit("the backfill did not end within twenty minutes: look at the logs of the stack")


def _cpu_of(pid: int) -> float:
    """CPU seconds of a process and its descendants that still live, and of children they have waited for."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(process.cpu_times()[:4]) for process in processes)


def _print_runs(home: Path, port: int) -> None:
    for run in sorted(_runs(home, port), key=lambda run: run["start_date"] or ""):
        if run["end_date"]:
            began, ended = (datetime.fromisoformat(run[name]) for name in ("start_date", "end_date"))
            due = datetime.fromisoformat(run["run_after"])
            print(
                f"{run['dag_id']:<18}{run['state']:<9}{(ended - began).total_seconds():6.1f} s, "
                f"done {(ended - due).total_seconds():6.1f} s after it was due"
            )


def _runs(home: Path, port: int) -> list[dict[str, Any]]:
    token = _token(home, port)
    runs: list[dict[str, Any]] = _call(port, "/api/v2/dags/~/dagRuns?limit=100", None, token)["dag_runs"]
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
