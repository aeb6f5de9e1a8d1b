"""Airflow's REST API as the tests ask it: with a login, and patiently."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

DONE = frozenset({"success", "failed"})
CONFLICT = 409
PATIENT = 1.0  # seconds between two looks at runs, which take many: each look is work for the api-server beside them
DAY = timedelta(days=1)
T = TypeVar("T")


def until(ask: Callable[[], T], *, seconds: float, what: str, every: float = 0.5) -> T:
    """The first true answer of *ask*; fails, saying what was waited for, after *seconds*."""
    give_up = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < give_up, f"waited {seconds:.0f} s for {what}; the last answer was {answer!r}"
        time.sleep(every)


@dataclass
class Api:
    """Airflow's REST API with a login; a question that meets a component in its restart is asked again."""

    address: str
    password: str
    token: str = ""

    def login(self) -> None:
        """Get a token, as the login page does."""
        self.token = self._send("POST", "/auth/token", {"username": "admin", "password": self.password})["access_token"]

    def get(self, path: str) -> Any:
        """GET, patiently."""
        return self._patient("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST once."""
        return self._send("POST", path, body)

    def pause(self, dag_id: str, *, paused: bool) -> None:
        """Pause a DAG, or let it run again."""
        self._send("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": paused})

    def trigger(self, dag_id: str, **fields: Any) -> str:
        """Start a run, without a logical date if *fields* names none; returns its id."""
        run = self.post(f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {}} | fields)
        return str(run["dag_run_id"])

    def trigger_day(self, day: str) -> str:
        """Start wirecopy_day for *day*, and unpause it."""
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        interval = {"data_interval_start": start.isoformat(), "data_interval_end": (start + DAY).isoformat()}
        run_id = self.trigger("wirecopy_day", logical_date=start.isoformat(), **interval)
        self.pause("wirecopy_day", paused=False)
        return run_id

    def delete_runs(self, dag_id: str) -> None:
        """Forget all runs of a paused DAG that has none at work."""
        for run in self.runs(dag_id):
            self._send("DELETE", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run['dag_run_id'])}", None)

    def clear(self, dag_id: str, run_id: str) -> None:
        """Clear a run, as the button on its page does: all its tasks are done again, under the same id."""
        self.post(f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/clear", {"dry_run": False, "only_failed": False})
        until(lambda: self.run(dag_id, run_id)["state"] not in DONE, seconds=30, what="the run's new start")

    def make_red(self, dag_id: str, run_id: str) -> None:
        """Mark a run as failed, as the button on its page does: its tasks are ended. A scheduler that has just looked
        at it may write its old state over that.
        """
        until(lambda: self._stays_red(dag_id, run_id), seconds=60, what=f"a red {dag_id} {run_id}")

    def _stays_red(self, dag_id: str, run_id: str) -> bool:
        self._send("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}", {"state": "failed"})
        time.sleep(2)  # two looks of the scheduler
        return str(self.run(dag_id, run_id)["state"]) == "failed"

    def end_scheduled(self, dag_id: str) -> None:
        """Mark scheduled runs as done. A DAG whose runs were deleted gets one more of its last interval, sooner or
        later, and that would go before those of a test.
        """
        for run in self.runs(dag_id):
            if run["run_type"] == "scheduled" and run["state"] in ("queued", "running"):
                path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run['dag_run_id'])}"
                self._send("PATCH", path, {"state": "success"})

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        return dict(self.get(f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}"))

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """All runs of a DAG, oldest first."""
        return list(self.get(f"/api/v2/dags/{dag_id}/dagRuns?limit=100&order_by=run_after")["dag_runs"])

    def finished(self, dag_id: str, run_id: str, *, seconds: float = 180) -> dict[str, Any]:
        """The run, when it is done."""
        return until(lambda: self._done(dag_id, run_id), seconds=seconds, what=f"{dag_id} {run_id}", every=PATIENT)

    def quiet(self, dag_id: str, *, seconds: float = 180) -> list[dict[str, Any]]:
        """All runs of a DAG, when none is queued or at work."""
        what = f"the end of all runs of {dag_id}"
        return until(lambda: self._all_done(dag_id), seconds=seconds, what=what, every=PATIENT)

    def idle(self, dag_id: str, *, seconds: float = 180) -> None:
        """Wait until no run of a DAG is at work; a paused one may have runs in its queue."""
        until(lambda: self._none_running(dag_id), seconds=seconds, what=f"an idle {dag_id}")

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str]:
        """State by task and map index."""
        found = self.get(f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances")["task_instances"]
        return {
            one["task_id"] + (f"[{one['map_index']}]" if one["map_index"] >= 0 else ""): one["state"] for one in found
        }

    def lines(self, dag_id: str, run_id: str, task: str) -> list[str]:
        """What the first try of a task has logged and the log's page shows at once: nothing of folded groups."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task}/logs/1?full_content=true"
        shown, folded = [], False
        for line in (one["event"] for one in self.get(path)["content"]):
            if line.startswith("::"):
                folded = line.startswith("::group::")
            elif not folded:
                shown.append(line)
        return shown

    def tries(self, dag_id: str, run_id: str, task: str) -> int:
        """How often a task was started; of a mapped one *task* names the index too, as in "pull/0"."""
        found = self.get(f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task}")
        return int(found["try_number"])

    def result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task returned."""
        task = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}"
        return self.get(f"{task}/xcomEntries/return_value?deserialize=true")["value"]

    def backfill(self, dag_id: str, first: str, last: str, *, reprocess: str = "none") -> None:
        """Backfill the days *first* to *last*, and unpause the DAG, as the form does."""
        body = {
            "dag_id": dag_id,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T00:00:00Z",
            "reprocess_behavior": reprocess,
            "max_active_runs": 3,
        }
        until(lambda: all(run["state"] in DONE for run in self.runs(dag_id)), seconds=180, what="the runs before")
        self.close_backfills()
        self.post("/api/v2/backfills", body)
        self.pause(dag_id, paused=False)

    def close_backfills(self) -> None:
        """Close backfills whose runs have ended: one of a DAG may be open, and the scheduler looks twice a minute."""
        for dag_id in ("wirecopy_live", "wirecopy_day"):
            for one in self.get(f"/api/v2/backfills?dag_id={dag_id}")["backfills"]:
                if not one["completed_at"]:
                    self._close(one["id"])

    def _close(self, backfill: int) -> None:
        try:
            self._send("PUT", f"/api/v2/backfills/{backfill}/cancel", None)
        except urllib.error.HTTPError as error:
            if error.code != CONFLICT:  # the scheduler was faster
                raise

    def healthy(self) -> bool:
        """All four components, and the metadata database."""
        from wirecopy.local.health import unhealthy

        return not unhealthy(self.address)

    def _done(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        run = self.run(dag_id, run_id)
        return run if run["state"] in DONE else None

    def _all_done(self, dag_id: str) -> list[dict[str, Any]] | None:
        runs = self.runs(dag_id)
        return runs if all(run["state"] in DONE for run in runs) else None

    def _none_running(self, dag_id: str) -> bool:
        return all(run["state"] != "running" for run in self.runs(dag_id))

    def _patient(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        give_up = time.monotonic() + 60
        while True:
            try:
                return self._send(method, path, body)
            except urllib.error.HTTPError as error:
                if error.code < 500 or time.monotonic() > give_up:
                    raise
            except OSError:
                if time.monotonic() > give_up:
                    raise
            time.sleep(0.5)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        request = urllib.request.Request(self.address + path, data=data, method=method, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode(errors="replace")[:1000])
            raise
