"""A bucket server and a PostgreSQL on loopback, one of each for all tests of a session that ask for them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from sqlalchemy import NullPool, create_engine

from tests.ports import free_ports
from wirecopy.local.home import Home
from wirecopy.local.postgres import accepts

BUCKET = "news"
KEY, SECRET = "wirecopykey", "wirecopysecret"
READY_WITHIN = 120  # seconds; SeaweedFS takes about ten for its first PUT, and far more on a busy machine
PORTS = (
    "s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "filer.port", "filer.port.grpc", "volume.port",
    "volume.port.grpc",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BucketServer:
    """An S3-compatible server with the bucket BUCKET; its environment is set for this process and its children."""

    endpoint: str
    process: subprocess.Popen[bytes]

    def new_url(self) -> str:
        """A store_url that nobody used before."""
        return f"s3://{BUCKET}/{uuid.uuid4().hex}"


def environment(endpoint: str) -> dict[str, str]:
    """What every S3 client reads."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
    }


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketServer]:
    """SeaweedFS: master, volume, filer and S3 in one process, every port named, usage reports off."""
    folder = tmp_path_factory.mktemp("seaweed")
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    with TemporaryFile() as log, pytest.MonkeyPatch.context() as patch:
        process = subprocess.Popen(
            _command(folder, ports), cwd=folder, stdout=log, stderr=log, start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        )  # fmt: skip
        try:
            for name, value in environment(endpoint).items():
                patch.setenv(name, value)
            _wait_for_a_put(process, endpoint)
            yield BucketServer(endpoint, process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # its own way to end takes 20 s, and nothing of it is kept
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _command(folder: Path, ports: dict[str, int]) -> list[str]:
    identity = {
        "name": "wirecopy",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    # -master.telemetry is an option that `weed server` takes and does not list: usage would be reported otherwise.
    return [
        str(Path(sys.executable).parent / "weed"), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        "-filer", "-s3", "-master.telemetry=false", f"-s3.config={config}", "-master.volumeSizeLimitMB=64",
        "-volume.max=40", "-s3.port.iceberg=0", "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]  # fmt: skip


def _wait_for_a_put(process: subprocess.Popen[bytes], endpoint: str) -> None:
    """Until an object can be written: the bucket is there long before a volume is."""
    import obstore
    from obstore.store import S3Store

    until = time.monotonic() + READY_WITHIN
    while True:
        assert process.poll() is None, "SeaweedFS ended"
        try:
            _make_bucket(endpoint)
            store = S3Store(BUCKET, client_options={"allow_http": True}, retry_config={"max_retries": 0})
            obstore.put(store, "ready", b"1")
        except Exception:  # whatever a server says that is not ready yet
            assert time.monotonic() < until, "SeaweedFS takes no object"
            time.sleep(0.3)
        else:
            return


def _make_bucket(endpoint: str) -> None:
    """PUT of the bucket's name, signed: obstore makes no buckets, but signs an address."""
    from datetime import timedelta
    from urllib.request import Request, urlopen

    import obstore
    from obstore.store import S3Store

    store = S3Store(BUCKET, client_options={"allow_http": True})
    address = obstore.sign(store, "PUT", "", timedelta(minutes=5))
    with urlopen(Request(address, method="PUT"), timeout=10):
        pass


@pytest.fixture
def postgresql(postgresql_server: str) -> str:
    """The address of a new database, as SQLAlchemy takes it."""
    return new_database(postgresql_server)


def new_database(sockets: str) -> str:
    """The same, in the server whose socket is in the folder *sockets*."""
    name, address = f"t{uuid.uuid4().hex}", "postgresql+psycopg2://postgres@/{}?host={}"
    server = create_engine(address.format("postgres", sockets), poolclass=NullPool)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return address.format(name, sockets)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The folder of the socket of an embedded PostgreSQL."""
    home = Home(tmp_path_factory.mktemp("pg"))
    server = subprocess.Popen([sys.executable, "-m", "wirecopy.local.postgres", home.root])
    try:
        until = time.monotonic() + 60
        while not accepts(home.database):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.2)
        yield str(home.database.sockets)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(home.database.base, ignore_errors=True)
