"""How long the runs of a running `wirecopy airflow` took: `python -m bench.airflow_runs HOME [--port 8080]`.

With `--feeds N` it starts one itself, in an empty home on port 18090, with N feeds of the farm and live intervals of a
minute, waits for four live runs, and stops it again.
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
from datetime import UTC, datetime
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
    parser.add_argument("--entries", type=int, default=5)
    asked = parser.parse_args()
    if asked.feeds:
        _own_stack(asked.feeds, asked.entries)
    else:
        _print_runs(asked.home, asked.port)


def _own_stack(feeds: int, entries: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name), Path(name) / "home"
        with farm(feeds=feeds, entries=entries, days=1, newest=datetime.now(UTC), folder=folder) as path:
            own = {"FEEDS": path, "DATA": folder / "data", "ALLOW_NETWORKS": "127.0.0.0/8", "HOST_GAP": "0"}
            env = os.environ | {f"WIRECOPY_{key}": str(value) for key, value in own.items()}
            env |= {"WIRECOPY_LIVE_MINUTES": "1"}
            command = [str(Path(sys.executable).parent / "wirecopy"), "airflow", "--home", str(home), "--port", "18090"]
            stack = subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
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
    password = json.loads((home / "passwords.json").read_text())["admin"]
    token = _call(port, "/auth/token", {"username": "admin", "password": password})["access_token"]
    runs: list[dict[str, Any]] = _call(port, "/api/v2/dags/~/dagRuns?limit=100", None, token)["dag_runs"]
    return runs


def _call(port: int, path: str, body: dict[str, str] | None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
