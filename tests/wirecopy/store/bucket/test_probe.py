"""probe: servers that ignore conditions are refused before anything is written, and doctor says which kind of fault."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.bucket import environment
from wirecopy.cli.checkup import checkup
from wirecopy.errors import StoreError
from wirecopy.store.files.bucket.objects import Bucket
from wirecopy.store.files.bucket.paths import BucketPath
from wirecopy.store.files.bucket.probe import bucket_faults
from wirecopy.store.files.layout import Beside, Layout

HONEST = frozenset({"create", "replace", "read", "at-once"})


@contextmanager
def a_server(keeps: frozenset[str]) -> Iterator[str]:
    """A small S3 that keeps only some of HONEST; its address."""
    objects: dict[str, bytes] = {}
    guard = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            key, body = self._key(), self.rfile.read(int(self.headers["Content-Length"]))
            if "at-once" in keeps:
                with guard:
                    self._put(key, body)
                return
            refused = self._refused(objects.get(key))
            time.sleep(0.2)  # it has compared, and has not written yet
            self._answer(412) if refused else self._kept(key, body)

        def _put(self, key: str, body: bytes) -> None:
            self._answer(412) if self._refused(objects.get(key)) else self._kept(key, body)

        def _kept(self, key: str, body: bytes) -> None:
            objects[key] = body
            self._answer(200, tag=tag(body))

        def _refused(self, now: bytes | None) -> bool:
            if self.headers.get("If-None-Match") and "create" in keeps and now is not None:
                return True
            wanted = self.headers.get("If-Match")
            return bool(wanted and "replace" in keeps and (now is None or tag(now) != wanted))

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            if "list-type" in query:
                self._answer(200, listing(objects, query.get("prefix", [""])[0]))
                return
            body = objects.get(self._key())
            if body is None:
                self._answer(404)
                return
            if "read" in keeps and self.headers.get("If-Match", tag(body)) != tag(body):
                self._answer(412)
                return
            first, last = range_of(self.headers.get("Range"), len(body))
            told = f"bytes {first}-{last - 1}/{len(body)}" if self.headers.get("Range") else None
            self._answer(206 if told else 200, body[first:last], tag(body), told)

        do_HEAD = do_GET  # noqa: N815 - the name that the library calls

        def do_POST(self) -> None:
            """Removes many at once, as obstore asks."""
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            keys = re.findall("<Key>(.*?)</Key>", asked)
            for key in keys:
                objects.pop(key, None)
            deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

        def _key(self) -> str:
            return unquote(urlsplit(self.path).path).removeprefix("/news/")

        def _answer(self, status: int, body: bytes = b"", tag: str | None = None, told: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Last-Modified", "Sun, 22 Nov 2026 00:00:00 GMT")
            for name, value in {"ETag": tag, "Content-Range": told}.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


def range_of(asked: str | None, size: int) -> tuple[int, int]:
    first, last = re.fullmatch(r"bytes=(\d*)-(\d*)", asked).groups() if asked else ("0", "")
    return (int(first), int(last or size - 1) + 1) if first else (max(0, size - int(last)), size)


def listing(objects: dict[str, bytes], prefix: str) -> bytes:
    found = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-22T00:00:00Z</LastModified><ETag>{tag(body)}</ETag>"
        f"<Size>{len(body)}</Size></Contents>"
        for key, body in sorted(objects.items())
        if key.startswith(prefix)
    )
    return f"<ListBucketResult><Name>news</Name><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


@pytest.mark.parametrize(
    ("without", "says"),
    [
        pytest.param(set(), None, id="sound"),
        pytest.param({"create"}, r"ignores If-None-Match when an object is made", id="create"),
        pytest.param({"replace"}, r"ignores If-Match when an object is replaced", id="replace"),
        pytest.param({"read"}, r"ignores If-Match when an object is read", id="read"),
        pytest.param({"at-once"}, r"does not compare and write at once .* of 8 writers made one object", id="at-once"),
    ],
)
def test_each_kind_of_fault_is_named(monkeypatch, without, says):
    """And nothing is left on the server."""
    with a_server(HONEST - without) as endpoint:
        for name, value in environment(endpoint).items():
            monkeypatch.setenv(name, value)
        bucket = Bucket("s3://news/x")
        found = list(bucket_faults(bucket))
        assert list(bucket.below("state")) == []
    assert len(found) == (says is not None)
    assert all(re.search(says, one) for one in found)


def test_a_store_is_not_opened_there(tmp_path, monkeypatch, postgresql):
    """Neither by a writer nor by doctor, who say what is wrong and what to do; nothing was written."""
    with a_server(HONEST - {"replace"}) as endpoint:
        for name, value in environment(endpoint).items():
            monkeypatch.setenv(name, value)
        beside = Beside(database=postgresql, folder=tmp_path / "scratch")
        with pytest.raises(StoreError, match=r"127.0.0.1:\d+ ignores If-Match .* Use a server that compares"):
            Layout(BucketPath("s3://news/y"), beside).make()
        for name, value in {"STORE_URL": "s3://news/y", "STATE_URL": postgresql, "DATA": tmp_path}.items():
            monkeypatch.setenv(f"WIRECOPY_{name}", str(value))
        (finding,) = [one for one in checkup() if one.what == "bucket"]
    assert finding.state == "problem"
    assert "ignores If-Match" in finding.says
    assert "Use a server that compares" in finding.says


def test_doctor_says_that_a_bucket_is_sound(tmp_path, bucket_server, monkeypatch, postgresql):
    """It has tried."""
    for name, value in {"STORE_URL": bucket_server.new_url(), "STATE_URL": postgresql, "DATA": tmp_path}.items():
        monkeypatch.setenv(f"WIRECOPY_{name}", str(value))
    assert [one.state for one in checkup() if one.what == "bucket"] == ["ok"]
