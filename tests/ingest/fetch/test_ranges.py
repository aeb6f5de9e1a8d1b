"""Large files by ranges: taken up where a connection broke, also from servers that know no ranges."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ingest.errors import FetchError, HttpStatus
from ingest.fetch import ranges
from ingest.fetch.ranges import Changed, Edition, Ranges
from ingest.options import FetchOptions
from tests.wirecopy.running import serving

BODY = os.urandom(3_000_000)


class Server:
    """One file, served as the test says."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.knows_ranges, self.cuts, self.tag, self.status = True, 0, "one", 200

    async def answer(self, request):
        from aiohttp import web

        span = request.headers.get("Range")
        self.asked.append(span)
        if self.status != 200:
            return web.Response(status=self.status)
        start, _, last = (span or "bytes=0-").removeprefix("bytes=").partition("-")
        first, end = int(start), min(int(last or len(BODY)) + 1, len(BODY))
        headers = {"ETag": self.tag, "Content-Range": f"bytes {first}-{end - 1}/{len(BODY)}"}
        if not self.knows_ranges or span is None:
            first, end, headers = 0, len(BODY), {"ETag": self.tag}
        response = web.StreamResponse(status=206 if len(headers) > 1 else 200, headers=headers)
        response.content_length = end - first
        await response.prepare(request)
        stop = end if not self.cuts else (first + end) // 2
        await response.write(BODY[first:stop])
        if self.cuts:
            self.cuts -= 1
            request.transport.abort()
        return response


@pytest.fixture
def server(monkeypatch) -> Iterator[tuple[Server, Ranges, str]]:
    monkeypatch.setattr(ranges, "PAUSE", timedelta())
    server = Server()
    options = FetchOptions(allow_networks=("127.0.0.0/8",), host_gap=timedelta())
    with serving(server.answer) as address, Ranges(options) as opened:
        yield server, opened, f"{address}/file"


def test_a_broken_connection_is_taken_up(server):
    """At the byte where it broke, as often as it breaks."""
    served, opened, url = server
    served.cuts = 2
    with opened.open(url, start=1_000) as file:
        assert b"".join(iter(lambda: file.read(70_000), b"")) == BODY[1_000:]
        assert file.error is None
        assert file.tell() == len(BODY)
    assert served.asked[0] == "bytes=1000-"
    assert len(served.asked) == 3
    places = [int(span.removeprefix("bytes=")[:-1]) for span in served.asked]
    assert places == sorted(places)  # a broken connection may take with it what had not been read


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_part(server, knows_ranges):
    """Just these bytes, whatever the server sends."""
    served, opened, url = server
    served.knows_ranges = knows_ranges
    assert opened.read(url, start=500_000, end=500_100) == BODY[500_000:500_100]
    assert opened.read(url, start=len(BODY) - 5, end=len(BODY) + 5) == BODY[-5:]


def test_a_file_that_was_replaced(server):
    """Offsets of another edition mean nothing."""
    served, opened, url = server
    served.tag = "two"
    with pytest.raises(Changed, match="it was replaced"):
        opened.read(url, start=10, edition=Edition(size=len(BODY), tag="one"))


def test_errors(server):
    """What no second try can help ends at once; a reader sees an end, and then why."""
    served, opened, url = server
    served.status = 404
    with pytest.raises(HttpStatus, match="404"):
        opened.read(url)
    assert len(served.asked) == 1
    served.status, served.cuts = 200, 99
    with opened.open(url) as file:
        served.status = 500
        while file.read(1 << 20):
            pass
        assert isinstance(file.error, FetchError)
