"""A token in a feed's address goes to its server, not into tables, raw/, state, lists, OPML or WARC."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from ingest.errors import FeedListError
from ingest.feedlist.feedlist import parse_feed_list
from ingest.text.secrets import hide_secrets
from tests.wirecopy.running import serving
from tests.wirecopy.sites import Site, a_site, page
from wirecopy.cli.app import run_app
from wirecopy.errors import SettingsError
from wirecopy.store.feeds.state import State
from wirecopy.store.files.layout import Layout

SECRET, OWN = "s3cr3tvalue", "0wnvalue"


@pytest.fixture
def site(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with a_site(layout, tmp_path, monkeypatch) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("good", [True, False], ids=["read", "failing"])
def test_a_token_goes_to_its_server_and_nowhere_else(site, capsys, good):
    """What commands print of all tables and of raw/, the WARC file, and every file of the data folder."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(str(request.url))
        if request.path == "/s.xml":
            if not good:
                return web.Response(status=500)
            item = f"<item><title>A</title><link>{request.url.origin()}/p/A</link></item>"
            return web.Response(text=f"<rss version='2.0'><channel>{item}</channel></rss>", content_type="text/xml")
        return (
            web.Response(text=page("A"), content_type="text/html")
            if request.path == "/p/A"
            else web.Response(status=404)
        )

    with serving(answer) as base:
        feed = (
            f'[[feed]]\nid = "s"\nurl = "{base}/s.xml?token={SECRET}&n=1&Subscriber={OWN}"\nsecret = ["subscriber"]\n'
        )
        Path(site.variables["WIRECOPY_FEEDS"]).write_text(feed)
        run_app(["run"])
    assert any(SECRET in url and OWN in url for url in asked)
    for command in (
        ["feeds", "list"],
        ["feeds", "list", "--json"],
        ["feeds", "export"],
        ["status", "--json"],
        ["doctor"],
    ):
        run_app(command)
    if good:
        out = site.layout.root.parent / "out.warc.gz"
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        assert run_app(["raw", "export", str(out), "--from", "2020-01-01", "--to", today]) == 0
        assert SECRET.encode() not in gzip.decompress(out.read_bytes())
    run_app(["query", "FROM polls", "--json"])
    run_app(["raw", "list", "--json"])
    told = capsys.readouterr()
    left = [path for path in site.layout.root.rglob("*") if path.is_file()]
    for word in (SECRET, OWN):
        assert word not in told.out + told.err
        assert [path for path in left if word.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("https://a.example/f?token=x1&n=2", "https://a.example/f?token=***&n=2", id="token"),
        pytest.param("https://a.example/?API_KEY=x1#top", "https://a.example/?API_KEY=***#top", id="any-case"),
        pytest.param("https://u:pw@a.example/f", "https://***@a.example/f", id="userinfo"),
        pytest.param("postgresql://u:p%40w@db/x: no route", "postgresql://***@db/x: no route", id="in-a-sentence"),
        pytest.param("https://a.example/?monkey=1&tokens=2", "https://a.example/?monkey=1&tokens=2", id="other-names"),
        pytest.param("https://a.example/@user/f?q=a@b", "https://a.example/@user/f?q=a@b", id="other-signs"),
        pytest.param("https://a.example/f?own=1&own2=2", "https://a.example/f?own=***&own2=2", id="declared"),
    ],
)
def test_hide_secrets(text, shown):
    """Known parameters, declared ones, and what stands before the host."""
    assert hide_secrets(text, ["own"]) == shown


@pytest.mark.parametrize(
    "line",
    [
        f'headers = {{ "X-Key" = ["{SECRET}"] }}',
        f'headers = "{SECRET}"',
        f'headers = {{ "Bad Name" = "{SECRET}" }}',
        f'headers = {{ "Host" = "{SECRET}" }}',
        f'url = "ftp://a.example/?token={SECRET}"',
        f'url = "https://u:{SECRET}@a.example/"',
        'secret = "token"',
    ],
)
def test_errors_of_the_feed_list_show_no_value(line):
    """They name the line and the key."""
    url = "" if line.startswith("url") else 'url = "https://a.example/"\n'
    with pytest.raises(FeedListError) as caught:
        parse_feed_list(f'[[feed]]\nid = "a"\n{url}{line}\n')
    assert line.split()[0] in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@",
        f"u:{SECRET}@db",
        f"postgresql://u:{SECRET}@db:port/x",
        f"nonsense://u:{SECRET}@db/x",
    ],
)
def test_errors_of_the_state_url_show_no_password(layout, url):
    """Whatever is wrong with it."""
    with pytest.raises(SettingsError) as caught:
        State.open(layout, url)
    assert SECRET not in str(caught.value)
    assert json.dumps(str(caught.value))
