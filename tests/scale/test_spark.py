"""Dates as tasks of a real Spark, whose executors and clients are killed: the rows are those of one process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bench.speed.live import fill
from bench.speed.texts import texts
from tests.bucket import BucketServer
from tests.scale.sparks import Cluster, until
from wirecopy.store.files.layout import Layout

TEXTS, DATES = 10_000, 8
FIRST = datetime(2026, 11, 13, tzinfo=UTC)
NOW = "2026-11-26T00:00:00+00:00"
PATIENCE = 600  # seconds; it takes about one minute on an idle machine
WIRECOPY = str(Path(sys.executable).parent / "wirecopy")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight dates of articles, nothing computed. Nobody writes into it: take a copy."""
    layout = Layout(tmp_path_factory.mktemp("filled") / "data").make()
    source = texts(TEXTS, seed=5)
    for number in range(DATES):
        fill(layout, FIRST + timedelta(days=number), islice(source, TEXTS // DATES), f"d{number}")
    return Path(layout.root)


@pytest.fixture(scope="module")
def alone(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that one process makes of them."""
    root = tmp_path_factory.mktemp("alone") / "data"
    shutil.copytree(filled, root)
    subprocess.run([WIRECOPY, "rededup"], env=os.environ | settings(root), check=True, capture_output=True)
    return files_of(root)


@pytest.fixture(scope="module")
def cluster(bucket_server: BucketServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers of one core, which have the credentials of the bucket in their environment."""
    cluster = Cluster(tmp_path_factory.mktemp("spark"))
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def root(filled: Path, tmp_path: Path) -> Path:
    """The data folder that client and executors share."""
    shutil.copytree(filled, tmp_path / "data")
    return tmp_path / "data"


def settings(root: Path) -> dict[str, str]:
    return {"WIRECOPY_DATA": str(root), "WIRECOPY_NOW": NOW}


def files_of(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted((root / "store").rglob("*.parquet"))}


def staged(root: Path) -> list[Path]:
    return list((root / "state/found").glob("*"))


class Client:
    """`wirecopy rededup` on a Spark, while it runs."""

    def __init__(self, cluster: Cluster, root: Path, remote: str, *words: str, **variables: str) -> None:
        given = {name: value for name, value in cluster.environment.items() if name != "PYTHONPATH"}
        conf = root.parent / "conf"
        conf.mkdir(exist_ok=True)
        (conf / "spark-defaults.conf").write_text("spark.executor.memory 512m\nspark.driver.host 127.0.0.1\n")
        self._log = root.parent / "client.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [WIRECOPY, "rededup", "--engine", "spark", "--json", "--verbose", *words],
                env=given | settings(root) | variables | {"SPARK_CONF_DIR": str(conf), "WIRECOPY_SPARK_REMOTE": remote},
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip

    def result(self) -> dict[str, Any]:
        """What it prints when it has done all."""
        said, _ = self._process.communicate(timeout=PATIENCE)
        assert self._process.returncode == 0, self.log()
        found: dict[str, Any] = json.loads(said)
        return found

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()


def test_an_executor_is_killed(cluster: Cluster, root: Path, alone: dict[str, bytes]) -> None:
    """In the midst of the matches: its dates run again elsewhere. Every file is that of one process, and nothing of a
    dead attempt is in the store.
    """
    client = Client(cluster, root, cluster.master)
    until(lambda: staged(root), seconds=PATIENCE, what="first staged matches")
    victim = cluster.executors()[0]
    victim.send_signal(signal.SIGKILL)
    result = client.result()
    assert not victim.is_running()
    assert len(result["dates"]) == DATES
    assert files_of(root) == alone
    # The Python of the killed executor outlives it, and may end its date after the sweep: such a file waits a week.
    assert len(staged(root)) <= 1
    assert {path.name for path in (root / "store").iterdir()} == {"articles", "matches", "clusters", "sketches"}
    print(client.log()[-2000:])


def test_a_client_is_killed(cluster: Cluster, root: Path, alone: dict[str, bytes]) -> None:
    """By Spark Connect, to which the client only has an address. What it had started ends or not, its successor uses
    what fits and does the rest.
    """
    with cluster.connect_server() as remote:
        client = Client(cluster, root, remote)
        until(lambda: staged(root), seconds=PATIENCE, what="first staged matches")
        client.kill()
        later = Client(cluster, root, remote)
        result = later.result()
        assert 0 < len(result["dates"]) <= DATES
        assert files_of(root) == alone
        again = Client(cluster, root, remote, "--from", "2026-11-19", "--to", "2026-11-20", "--again").result()
        assert again["dates"] == ["2026-11-19", "2026-11-20"]
        assert files_of(root) == alone
        print(later.log()[-2000:])


def test_the_store_is_on_a_bucket(
    cluster: Cluster, root: Path, alone: dict[str, bytes], bucket_server: BucketServer, postgresql: str, tmp_path: Path
) -> None:
    """Client and executors share no folder, and executors have no database: its objects are those of one process."""
    place = {"WIRECOPY_STORE_URL": bucket_server.new_url(), "WIRECOPY_STATE_URL": postgresql}
    here, back = tmp_path / "here", tmp_path / "back"
    copied(root, place["WIRECOPY_STORE_URL"], **settings(here), **place)
    result = Client(cluster, here, cluster.master, **place).result()
    assert len(result["dates"]) == DATES
    copied(place["WIRECOPY_STORE_URL"], back, **settings(here), **place)
    assert files_of(back) == alone
    assert not list(here.rglob("*.parquet"))


def copied(source: Path | str, target: Path | str, **variables: str) -> None:
    """A store from a folder to a bucket, or back."""
    command = [WIRECOPY, "store", "copy", str(source), str(target)]
    subprocess.run(command, env=os.environ | variables, check=True, capture_output=True)
