"""`wirecopy trace ADDRESS`: pages that are fetched from a server as a run would fetch them, and stored nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.wirecopy.builders import commit, story
from tests.wirecopy.running import serving
from tests.wirecopy.store.copies.test_derived import STORY
from wirecopy.cli.app import WRONG_USE
from wirecopy.store.files.layout import Layout

pytestmark = pytest.mark.slow
ARTICLE = "".join(f"<p>{line}</p>" for line in STORY.split("\n"))
PAGES = {
    "/release": f"<html><head><title>The release</title></head><body><article>{ARTICLE}</article></body></html>",
    "/empty": "<html><head><title>Nothing</title></head><body><nav><a href='/'>Home</a></nav></body></html>",
}


async def answer(request: web.Request) -> web.Response:
    if request.path == "/moved":
        raise web.HTTPMovedPermanently("/release")
    if request.path == "/robots.txt":
        return web.Response(text="User-agent: *\nDisallow: /closed")
    found = PAGES.get(request.path)
    return web.Response(text=found or "", status=200 if found else 404, content_type="text/html")


@pytest.fixture
def server(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """It serves PAGES; the store has one article, which is the release."""
    commit(layout, story("wall", 22, STORY))
    for name, value in {
        "DATA": layout.root, "NOW": "2026-11-30T00:00:00+00:00", "ALLOW_NETWORKS": "127.0.0.0/8",
        "HOST_GAP": "0", "EXTRACT_WORKERS": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"WIRECOPY_{name}", str(value))
    monkeypatch.chdir(tmp_path)
    with serving(answer) as address:
        yield address


def test_a_page_is_traced(server, call, layout):
    """Also behind a redirect; it is not stored."""
    before = sorted(layout.files.find(layout.store, "**/*"))
    for path in ("/release", "/moved"):
        found = call("trace", f"{server}{path}", "--json")
        assert found.code == 0, found.err
        assert found.out.count('"relation": "identical"') == 1
    assert sorted(layout.files.find(layout.store, "**/*")) == before


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/gone", "404", id="not-there"),
        pytest.param("/empty", "words of running text", id="no-text"),
        pytest.param("/closed/page", "robots", id="forbidden"),
    ],
)
def test_what_gives_no_article(server, call, path, reason):
    """The reason, and what to do instead."""
    found = call("trace", f"{server}{path}")
    assert found.code == WRONG_USE
    assert reason in found.err
    assert "Save its text in a file" in found.err


def test_a_server_that_is_not_there(server, call):
    """No traceback, and no long wait."""
    found = call("trace", "http://127.0.0.1:9/release")
    assert found.code == WRONG_USE
    assert "Save its text in a file" in found.err
