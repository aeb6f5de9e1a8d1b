"""A Spark of this machine: a master and workers of one core, each a process of its own, from the wheel of pyspark."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil
import pytest

from tests.ports import free_port

HOST = "127.0.0.1"
EXECUTOR = "CoarseGrainedExecutorBackend"  # the class of an executor's process
# What an executor finds installed: this environment without wirecopy, whose code comes as an archive.
WITHOUT_US = 'import sys\nsys.meta_path[:] = [one for one in sys.meta_path if "ditable" not in repr(one)]\n'


def spark_home() -> Path:
    """The folder of Spark; skips where there is no Spark or no Java."""
    pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: make scale-test installs it")
    if not shutil.which("java"):
        pytest.skip("there is no Java for Spark: apt-get install default-jre-headless")
    return Path(pyspark.__file__).parent


def until(holds: Callable[[], object], *, seconds: float, what: str) -> None:
    """Waits. Fails with *what* after *seconds*."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"no {what} within {seconds:.0f} s")
        time.sleep(0.1)


class Cluster:
    """Its processes, their logs and the environment of everything that talks to it."""

    def __init__(self, folder: Path, *, workers: int = 2, memory: str = "1g") -> None:
        self.home, self.folder = spark_home(), folder
        self._started: list[subprocess.Popen[bytes]] = []
        self._files: list[IO[bytes]] = []
        site = folder / "executors"
        site.mkdir()
        (site / "sitecustomize.py").write_text(WITHOUT_US)
        ours = {name: value for name, value in os.environ.items() if not name.startswith("WIRECOPY_")}
        self.environment = ours | {
            "SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": HOST, "PYSPARK_PYTHON": sys.executable,
            "SPARK_NO_DAEMONIZE": "1", "PYTHONPATH": str(site),
        }  # fmt: skip
        port, page = free_port(), free_port()
        self.master = f"spark://{HOST}:{port}"
        words = ("--host", HOST, "--port", str(port), "--webui-port", str(page))
        self._start("master", "spark-class", "org.apache.spark.deploy.master.Master", *words)
        self._wait("master", "I have been elected leader")
        self.workers = [self._worker(number, memory) for number in range(workers)]
        for number in range(workers):
            self._wait(f"worker-{number}", "Successfully registered with master")

    def _worker(self, number: int, memory: str) -> psutil.Process:
        words = ("--host", HOST, "--webui-port", str(free_port()), "--cores", "1", "--memory", memory, "--work-dir")
        kind = "org.apache.spark.deploy.worker.Worker"
        return self._start(
            f"worker-{number}", "spark-class", kind, *words, str(self.folder / f"work-{number}"), self.master
        )

    @contextmanager
    def connect_server(self) -> Iterator[str]:
        """A server of Spark Connect, by its address. It takes all cores: nobody else gets one before it has ended."""
        port = free_port()
        conf = {
            "spark.connect.grpc.binding.port": port, "spark.connect.grpc.binding.address": HOST,
            "spark.driver.host": HOST, "spark.ui.enabled": "false", "spark.executor.memory": "512m",
            "spark.pyspark.python": sys.executable,
        }  # fmt: skip
        given = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
        kind = "org.apache.spark.sql.connect.service.SparkConnectServer"
        words = ("--class", kind, "--master", self.master, *given, "spark-internal")
        server = self._start("connect", "spark-submit", *words)
        try:
            self._wait("connect", "Spark Connect server started")
            yield f"sc://{HOST}:{port}"
        finally:
            server.terminate()  # a signal at which it gives its executors back
            server.wait(60)

    def all_processes(self) -> list[psutil.Process]:
        """What runs now: what was started, and what that started."""
        running = [one.pid for one in self._started if one.poll() is None]
        return [process for pid in running for process in (psutil.Process(pid), *_below(pid))]

    def executors(self) -> list[psutil.Process]:
        """Those that run now."""
        children = [child for one in self.workers for child in _below(one.pid)]
        return [one for one in children if EXECUTOR in " ".join(_words(one))]

    def stop(self) -> None:
        """Ends what was started, the executors too."""
        for one in reversed([child for started in self._started for child in (*_below(started.pid), started)]):
            one.kill()
        for started in self._started:
            started.wait(20)
        for file in self._files:
            file.close()

    def _start(self, name: str, program: str, *words: str) -> psutil.Process:
        log = (self.folder / f"{name}.log").open("wb")
        self._files.append(log)
        command = [str(self.home / "bin" / program), *words]
        started = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=self.folder)
        self._started.append(started)
        return psutil.Process(started.pid)

    def _wait(self, name: str, said: str) -> None:
        log = self.folder / f"{name}.log"
        until(lambda: re.search(said, log.read_text(errors="replace")), seconds=180, what=f"{said!r} in {log}")


def _below(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
