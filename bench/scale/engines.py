"""The same eight dates by each engine: CPU of everything that it starts, and whether the rows are the same."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bench.scale.window import NOW, days, fill
from tests.scale.sparks import Cluster
from wirecopy.store.files.layout import Layout

WIRECOPY = str(Path(sys.executable).parent / "wirecopy")
WORKERS = 2  # as many as the Spark has
EVERY = 0.2  # seconds between two looks at Spark: what a process does after its last one is not counted
Seen = tuple[int, str]  # a process: its number and name
MATCH = "import sys; from wirecopy import steps; print(steps.match(day=sys.argv[1]))"


def show(folder: Path, count: int) -> None:
    """Print a line for each engine."""
    source = folder / f"window-{count}"
    if not Layout(source).make().dates("articles"):
        fill(Layout(source), count)
    shutil.rmtree(source / "state", ignore_errors=True)
    for table in ("matches", "clusters", "sketches"):
        shutil.rmtree(source / "store" / table, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "dedupe.kernels.lib.compile"], check=True, stdout=subprocess.DEVNULL)
    files: dict[str, dict[str, bytes]] = {}
    first = 0.0
    for name, run in (("local", _local), ("tasks", _tasks), ("spark", _spark)):
        with tempfile.TemporaryDirectory(dir=folder) as place:
            root = Path(place) / "data"
            shutil.copytree(source, root)
            began, cpu = time.perf_counter(), run(root)
            wall = time.perf_counter() - began
            files[name] = {str(one.relative_to(root)): one.read_bytes() for one in (root / "store").rglob("*.parquet")}
        first = first or cpu
        same = "the same files" if files[name] == files["local"] else "OTHER FILES"
        print(f"{name:<6} {cpu:8.1f} CPU s = {cpu / first:.2f} x local, wall {wall:.0f} s, {same}", flush=True)


def _local(root: Path) -> float:
    return _children(lambda: _rededup(root))


def _tasks(root: Path) -> float:
    """As Airflow's workers do it, without Airflow: a process for each date, two at once, then dedupe."""

    def run() -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda day: _python(root, MATCH, day.isoformat()), days()))
        _rededup(root)

    return _children(run)


def _spark(root: Path) -> float:
    """A Spark of two workers of one core that runs already; the JVMs of its job are included."""
    with tempfile.TemporaryDirectory() as place:
        cluster = Cluster(Path(place), workers=WORKERS, memory="4g")
        try:
            (Path(place) / "spark-defaults.conf").write_text("spark.executor.memory 1g\nspark.driver.host 127.0.0.1\n")
            conf = {"SPARK_CONF_DIR": place, "WIRECOPY_SPARK_REMOTE": cluster.master, "PYSPARK_PYTHON": sys.executable}
            before = _used(cluster)
            with _watched(cluster) as used:
                client = _children(lambda: _rededup(root, "--engine", "spark", **conf))
            spent = {one: seconds - before.get(one, 0.0) for one, seconds in used.items()}
            java = sum(seconds for (_, name), seconds in spent.items() if name == "java")
            print(f"spark: client with its JVM {client:.1f} s, JVMs of executors, workers and master {java:.1f} s")
            return client + sum(spent.values())
        finally:
            cluster.stop()


def _used(cluster: Cluster) -> dict[Seen, float]:
    """CPU seconds of each process of *cluster*, by itself."""
    found: dict[Seen, float] = {}
    for process in cluster.all_processes():
        with suppress(psutil.Error):
            times = process.cpu_times()
            found[process.pid, process.name()] = times.user + times.system
    return found


@contextmanager
def _watched(cluster: Cluster) -> Iterator[dict[Seen, float]]:
    """The same, as each was last seen: executors end, and nobody waits for their Pythons."""
    used: dict[Seen, float] = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(EVERY):
            used.update(_used(cluster))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield used
    finally:
        done.set()
        thread.join()


def _rededup(root: Path, *words: str, **settings: str) -> None:
    ours = {"WIRECOPY_DATA": str(root), "WIRECOPY_NOW": NOW} | settings
    subprocess.run([WIRECOPY, "rededup", *words], check=True, env=os.environ | ours, stdout=subprocess.DEVNULL)


def _python(root: Path, *words: str) -> None:
    ours = {"WIRECOPY_DATA": str(root), "WIRECOPY_NOW": NOW, "WIRECOPY_DEDUPE_THREADS": "1"}
    subprocess.run([sys.executable, "-c", *words], check=True, env=os.environ | ours, stdout=subprocess.DEVNULL)


def _children(run: Callable[[], None]) -> float:
    """CPU seconds of the processes that *run* starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
