"""The whole stack for a test: a Docker daemon with images, compose, and Airflow's REST API. Every wait is bounded."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest

from tests.docker.conftest import DOCKER, ROOT
from tests.ports import free_port

PROJECT = "wirecopy-test"
IMAGE = "wirecopy-airflow:test"
BUCKET_IMAGE = "wirecopy-bucket:test"
BASE_IMAGES = ("BASE_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE")
# For machines without an image registry: a script that starts dockerd and makes stand-ins of the official images.
STAND_INS = Path(os.environ.get("OFFLINE_IMAGES", ROOT.parent / "shared" / "tools" / "offline_images.sh"))
CANNOT = 77  # its exit code where no Docker daemon can run
STARTED = time.monotonic()
Found = TypeVar("Found")


def say(text: str) -> None:
    """One line of progress."""
    print(f"[{time.monotonic() - STARTED:4.0f} s] {text}", flush=True)


@contextlib.contextmanager
def phase(name: str) -> Iterator[None]:
    """Tell what begins, and how long it took."""
    say(f"{name} …")
    began = time.monotonic()
    yield
    say(f"{name}: {time.monotonic() - began:.1f} s")


def wait_for(what: str, look: Callable[[], Found | None], *, seconds: float, every: float = 1.0) -> Found:
    """The first true result of *look*; fails after *seconds*, telling what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"after {seconds:.0f} s still no {what}")


@contextlib.contextmanager
def docker_daemon() -> Iterator[dict[str, str]]:
    """Variables by which docker reaches a daemon that has images to start from; skips where there is none to be had."""
    given = {name: os.environ[name] for name in BASE_IMAGES if os.environ.get(name)}
    if len(given) == len(BASE_IMAGES) or (_answers({}) and _has_registry()):
        yield given
    elif STAND_INS.is_file():
        yield from _stand_ins()
    else:
        pytest.skip("no Docker daemon here that can pull images (or name your own in " + ", ".join(BASE_IMAGES) + ")")


def _answers(variables: Mapping[str, str]) -> bool:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        command = ["docker", "version", "-f", "{{.Server.Version}}"]
        return not subprocess.run(command, env=os.environ | variables, capture_output=True, timeout=30).returncode
    return False


def _has_registry() -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return not subprocess.run(["docker", "pull", "-q", "redis:7.4"], capture_output=True, timeout=180).returncode
    return False


def _stand_ins() -> Iterator[dict[str, str]]:
    """Start what the script starts, and stop it again unless it ran before."""
    before = _exports("env")
    ran = _answers(before)
    answer = subprocess.run(["bash", STAND_INS, "up"], capture_output=True, text=True, timeout=900)
    print(answer.stderr, flush=True)
    if answer.returncode == CANNOT:
        pytest.skip(answer.stderr.strip().splitlines()[-1])
    assert answer.returncode == 0, answer.stderr
    try:
        yield _exports("env")
    finally:
        if not ran:
            subprocess.run(["bash", STAND_INS, "down"], timeout=120)


def _exports(word: str) -> dict[str, str]:
    text = subprocess.run(["bash", STAND_INS, word], capture_output=True, text=True, timeout=60, check=True).stdout
    lines = [line.removeprefix("export ") for line in text.splitlines()]
    return dict(line.split("=", 1) for line in lines)


class Stack:
    """Files of docker/ with one .env; `variables` go before what stands in it."""

    def __init__(self, env_file: Path, variables: Mapping[str, str], *files: str) -> None:
        self.files = [word for file in files or ("compose.yaml",) for word in ("-f", str(DOCKER / file))]
        self.port = free_port()
        self.env_file = env_file
        inherited = {
            name: value for name, value in os.environ.items() if name in {"PATH", "HOME"} or name.startswith("DOCKER_")
        }
        self.variables = inherited | dict(variables) | {"AIRFLOW_IMAGE": IMAGE, "AIRFLOW_PORT": str(self.port)}
        lines = env_file.read_text().splitlines()
        self.secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        self._token = ""

    def docker(self, *words: str | Path, seconds: float = 120, check: bool = True) -> str:
        """stdout of `docker …`."""
        answer = subprocess.run(["docker", *words], env=self.variables, capture_output=True, text=True, timeout=seconds)
        assert answer.returncode == 0 or not check, f"docker {words}\n{answer.stdout[-4000:]}\n{answer.stderr[-4000:]}"
        return answer.stdout

    def compose(self, *words: str, seconds: float = 120, check: bool = True) -> str:
        """stdout of `docker compose …`."""
        place = ("--env-file", self.env_file, "-p", PROJECT, *self.files)
        return self.docker("compose", *place, *words, seconds=seconds, check=check)

    def container(self, service: str) -> str:
        """Id of a service's container."""
        return self.compose("ps", "--all", "--quiet", service).strip()

    def remove(self) -> None:
        """Containers, networks, volumes and the image: nothing is left."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5", seconds=180, check=False)
        self.docker("image", "rm", "--force", IMAGE, BUCKET_IMAGE, check=False)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """If the block fails, print what a person would look at."""
        try:
            yield
        except Exception:
            with contextlib.suppress(Exception):
                print(self.compose("ps", "--all"))
                print(self.compose("logs", "--tail", "40", check=False))
                failed = [task for task in self.tasks("wirecopy_day") if task["state"] not in {"success", "skipped"}]
                for task in failed:
                    print(task["task_id"], task["map_index"], task["state"], task["hostname"], self.log(task)[-3000:])
            raise

    def memory(self) -> str:
        """What each container uses now."""
        names = self.compose("ps", "--quiet").split()
        line = "{{.Name}} {{.MemUsage}}"
        found = self.docker("stats", "--no-stream", "--format", line, *names).replace(f"{PROJECT}-", "").splitlines()
        return ", ".join(" ".join(one.split()[:2]) for one in sorted(found))

    def api(self, path: str, body: object = None, *, method: str | None = None) -> Any:
        """JSON of Airflow's REST API, logged in as admin."""
        return json.loads(self._ask(f"/api/v2/{path}", body, method, self._login()))

    def page(self, path: str) -> str:
        """A page or list of ours, as the api-server shows it."""
        return self._ask(f"/wirecopy{path}", None, None, self._login())

    def _login(self) -> dict[str, str]:
        if not self._token:
            login = {"username": "admin", "password": self.secrets["ADMIN_PASSWORD"]}
            self._token = json.loads(self._ask("/auth/token", login, None, {}))["access_token"]
        return {"Authorization": f"Bearer {self._token}"}

    def _ask(self, path: str, body: object, method: str | None, headers: dict[str, str]) -> str:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method or ''} {path}: {error.code} {error.read().decode()[:2000]}") from error

    def runs(self, dag: str) -> dict[str, str]:
        """State of each run."""
        return {run["dag_run_id"]: run["state"] for run in self.api(f"dags/{dag}/dagRuns")["dag_runs"]}

    def tasks(self, dag: str, run: str = "~") -> list[dict[str, Any]]:
        """Task instances of a run, or of all."""
        found: list[dict[str, Any]] = self.api(f"dags/{dag}/dagRuns/{quote(run)}/taskInstances")["task_instances"]
        return found

    def log(self, task: Mapping[str, Any]) -> str:
        """The log of a task instance's last try, as the UI gets it."""
        place = f"dags/{task['dag_id']}/dagRuns/{quote(task['dag_run_id'])}/taskInstances/{task['task_id']}"
        lines = self.api(f"{place}/logs/{task['try_number']}?map_index={task['map_index']}")["content"]
        return "\n".join(str(line.get("event", line)) for line in lines)


@contextlib.contextmanager
def running(env_file: Path, variables: Mapping[str, str], *files: str) -> Iterator[Stack]:
    """A stack that is built, up and healthy; in the end nothing of it is left."""
    with contextlib.ExitStack() as cleaning:
        with phase("Docker daemon and images"):
            daemon = cleaning.enter_context(docker_daemon())
        stack = Stack(env_file, daemon | variables, *files)
        stack.remove()  # what a killed test left
        cleaning.callback(stack.remove)
        cleaning.callback(say, "removing everything …")
        with phase("build"):
            stack.compose("build", seconds=900)
        with phase("up --wait"), stack.explained():
            stack.compose("up", "--detach", "--wait", seconds=420)
        yield stack
