"""Debian's nginx over a folder, on a free port of loopback: a real server with its own ideas of types and ranges."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

CONFIG = """
{user}
daemon off;
master_process off;
pid {state}/pid;
error_log {state}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {state}/body; proxy_temp_path {state}/proxy; fastcgi_temp_path {state}/fastcgi;
    uwsgi_temp_path {state}/uwsgi; scgi_temp_path {state}/scgi;
    types {{ text/html html; application/xml xml; }}
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        {locations}
    }}
}}
"""


@contextmanager
def serving_folder(folder: Path, state: Path, locations: str = "") -> Iterator[str]:
    """The address of *folder*; *locations* are nginx's own blocks. Skips the test where nginx is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    state.mkdir(exist_ok=True)
    port = free_port()
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    config = state / "nginx.conf"
    config.write_text(CONFIG.format(user=user, state=state, folder=folder, port=port, locations=locations))
    log = state / "start.log"
    with log.open("wb") as told:
        server = subprocess.Popen(
            [program, "-p", state, "-e", state / "error.log", "-c", config], stdout=told, stderr=told
        )
    try:
        _wait_for(port, server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx does not answer")
