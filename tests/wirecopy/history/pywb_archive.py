"""pywb as a web archive: the real program, in a virtual environment of its own (its pins contradict ours)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from tests.ports import free_port

PYWB = "pywb==2.10.0"
HOME = Path(sys.prefix) / PYWB.replace("==", "-")  # made once per environment: about 30 s
WARC = """
import io, json, sys
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
with open(sys.argv[1], "wb") as file:
    writer = WARCWriter(file, gzip=True)
    for url, when, text in json.load(sys.stdin):
        head = StatusAndHeaders("200 OK", [("Content-Type", "application/rss+xml")], protocol="HTTP/1.1")
        date = {"WARC-Date": when}
        body = io.BytesIO(text.encode())
        writer.write_record(writer.create_warc_record(url, "response", body, http_headers=head, warc_headers_dict=date))
"""


def installed() -> Path:
    """The folder of its programs; skips the test where it cannot be had."""
    ready, programs = HOME / ".ready", HOME / "bin"
    if not ready.exists():
        uv = Path(sys.prefix) / "bin" / "uv"
        into = ["--python", str(programs / "python"), PYWB]
        install = (
            [str(uv), "pip", "install", "-q", *into] if uv.exists() else [str(programs / "pip"), "install", "-q", PYWB]
        )
        for command in ([sys.executable, "-m", "venv", str(HOME)], install):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"{PYWB} cannot be installed: {done.stderr.strip()[-200:]}")
        ready.touch()
    return programs


@contextmanager
def serving_archive(folder: Path, captures: Mapping[str, Mapping[datetime, str]]) -> Iterator[str]:
    """The address of a collection that holds *captures* by address and instant."""
    programs = installed()
    rows = [[url, f"{when:%Y-%m-%dT%H:%M:%SZ}", text] for url, own in captures.items() for when, text in own.items()]
    run = {"cwd": folder, "check": True, "capture_output": True, "text": True}
    subprocess.run([programs / "python", "-c", WARC, "feeds.warc.gz"], input=json.dumps(rows), **run)
    subprocess.run([programs / "wb-manager", "init", "feeds"], **run)
    subprocess.run([programs / "wb-manager", "add", "feeds", "feeds.warc.gz"], **run)
    port = free_port()
    command = [programs / "wayback", "-b", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/feeds"
        _wait_for(f"{address}/cdx?url=none.example&output=json", server)
        yield address
    finally:
        server.kill()
        server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "pywb ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("pywb does not answer")
