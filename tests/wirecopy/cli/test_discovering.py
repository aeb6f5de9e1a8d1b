"""`wirecopy feeds discover`: real sites on loopback, each with its feeds somewhere else."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.feedlist.feedlist import load_feeds
from tests.wirecopy.cli.conftest import ANCHOR

pytestmark = pytest.mark.xdist_group("command")


class Site:
    """A site whose pages are a dict; it remembers what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.hits: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.hits.append(self.path)
                body = site.pages.get(self.path)
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write((body or "no such page").replace("SITE", site.name).encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.name = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """An empty site, and this process in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"ALLOW_NETWORKS": "127.0.0.0/8", "HOST_GAP": "0", "NOW": ANCHOR.isoformat()}.items():
        monkeypatch.setenv(f"WIRECOPY_{name}", value)
    one = Site()
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


def rss(name: str, *, date: str = "Tue, 24 Nov 2026 10:00:00 GMT", entries: int = 2) -> str:
    items = "".join(
        f"<item><title>{name} {n}</title><link>SITE/{name}/{n}</link><pubDate>{date}</pubDate></item>"
        for n in range(entries)
    )
    return f"<rss><channel><title>{name} of the Gazette</title><language>en</language>{items}</channel></rss>"


NEWS = (
    '<urlset xmlns:n="urn:n"><url><loc>SITE/n/1</loc><n:news><n:publication><n:name>Gazette</n:name><n:language>en'
    "</n:language></n:publication><n:publication_date>2026-11-24</n:publication_date><n:title>T</n:title></n:news>"
    "</url></urlset>"
)
LINKED = '<link rel="alternate" type="application/rss+xml" href="/all.rss">'


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        pytest.param({"/": LINKED, "/all.rss": rss("all")}, [("/all.rss", "RSS", "link")], id="link"),
        pytest.param({"/": "<a href='/w/rss.xml'>x</a>", "/w/rss.xml": rss("w")}, [("/w/rss.xml", "RSS", "anchor")],
                     id="anchor"),
        pytest.param({"/": "<p>x", "/rss.xml": rss("all")}, [("/rss.xml", "RSS", "usual place")], id="usual-place"),
        pytest.param({"/rss.xml": rss("all")}, [("/rss.xml", "RSS", "usual place")], id="front-page-refused"),
        pytest.param({"/": rss("all")}, [("", "RSS", "address")], id="the-feed-itself"),
        pytest.param(
            {"/": "<a href='/rss'>x</a>", "/rss": "<a href='/a.rss'>a</a><a href='/b.rss'>b</a>", "/a.rss": rss("a"),
             "/b.rss": rss("b")},
            [("/a.rss", "RSS", "anchor"), ("/b.rss", "RSS", "anchor")], id="a-page-of-feeds",
        ),
        pytest.param(
            {"/": LINKED, "/all.rss": rss("all"), "/robots.txt": "Sitemap: SITE/news.xml\nSitemap: /s.xml",
             "/news.xml": NEWS},
            [("/all.rss", "RSS", "link"), ("/news.xml", "news sitemap", "robots")], id="news-sitemap",
        ),
        pytest.param(
            {"/": LINKED, "/all.rss": rss("all"), "/robots.txt": "Sitemap: /index.xml", "/news-1.xml": NEWS,
             "/index.xml": "<sitemapindex><sitemap><loc>SITE/news-1.xml</loc></sitemap></sitemapindex>"},
            [("/all.rss", "RSS", "link"), ("/news-1.xml", "news sitemap", "robots")], id="behind-an-index",
        ),
    ],
)  # fmt: skip
def test_where_feeds_are(site, call, pages, found):
    """Each is found, read and described; the usual places are asked only where the site names no feed."""
    site.pages = pages
    answer = call("feeds", "discover", site.name.removeprefix("http://"), "--json")
    feeds = json.loads(answer.out)["feeds"]
    assert [(site.name + path, kind, how) for path, kind, how in found] == [
        (one["url"], one["kind"], one["how"]) for one in feeds
    ]
    assert answer.code == 0
    assert all(one["entries"] and one["newest"].startswith("2026-11-24") for one in feeds)
    assert {(one["language"], "Gazette" in one["title"]) for one in feeds} == {("en", True)}
    assert ("/feed.xml" in site.hits) == any(how == "usual place" for _, _, how in found)


def test_the_table(site, call):
    """Usable feeds before the others, the same entries once, what is odd in words."""
    old = rss("old", date="Tue, 24 Nov 2020 10:00:00 GMT")
    links = "".join(LINKED.replace("/all.rss", path) for path in ("/old.rss", "/all.rss", "/twin.rss", "/none.rss"))
    site.pages = {"/": links, "/old.rss": old, "/all.rss": rss("all"), "/twin.rss": rss("all")}
    answer = call("feeds", "discover", site.name)
    header, *rows = (line.split("\t") for line in answer.out.splitlines())
    assert header[:4] == ["no", "address", "kind", "title"]
    assert [row[:2] for row in rows] == [["1", f"{site.name}/all.rss"], ["2", f"{site.name}/old.rss"]]
    assert f"1 shows the same entries at {site.name}/twin.rss" in answer.err
    assert "2020-11-24: a live run takes none that old" in answer.err


@pytest.mark.slow
def test_adding(site, call, tmp_path):
    """The only one without a number, else those named; one that is there already is told and not doubled."""
    site.pages = {"/": LINKED, "/all.rss": rss("all"), "/w": LINKED + LINKED.replace("all", "w"), "/w.rss": rss("w")}
    assert call("feeds", "discover", site.name, "--add").code == 0
    undecided = call("feeds", "discover", f"{site.name}/w", "--add")
    assert (undecided.code, "Say which" in undecided.err) == (2, True)
    unknown = call("feeds", "discover", f"{site.name}/w", "--add", "3")
    assert (unknown.code, "There is no number 3" in unknown.err) == (2, True)
    assert len(load_feeds(tmp_path / "feeds.toml").feeds) == 1
    again = call("feeds", "discover", f"{site.name}/w", "--add", "1", "2")
    assert (again.code, " as 127-0-0-1-all" in again.err) == (0, True)
    assert [(feed.id, feed.url, feed.language) for feed in load_feeds(tmp_path / "feeds.toml").feeds] == [
        ("127-0-0-1-all", f"{site.name}/all.rss", "en"),
        ("127-0-0-1-w", f"{site.name}/w.rss", "en"),
    ]


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        pytest.param("SITE/", 1, "no feed found", id="no-feed"),
        pytest.param("nonsense", 2, "no address of a site", id="no-address"),
        pytest.param("ftp://site.example", 2, "http:// or https://", id="no-web"),
        pytest.param("http://10.0.0.1/", 2, "WIRECOPY_ALLOW_NETWORKS", id="refused-address"),
        pytest.param("127.0.0.1:9", 2, "cannot be reached: connect", id="nobody-there"),
    ],
)
def test_what_goes_wrong(site, call, tmp_path, address, code, says):
    """A reason and the next step; no list is made."""
    site.pages = {"/": "<p>Nothing here"}
    answer = call("feeds", "discover", address.replace("SITE", site.name), "--add")
    assert (answer.code, answer.out) == (code, "")
    assert says in answer.err
    assert "Next: " in answer.err or "Write it as" in answer.err
    assert not (tmp_path / "feeds.toml").exists()


def test_a_feed_of_an_aggregator_says_so(site, call):
    """All its entries lead nowhere: that is told before a run takes it."""
    site.pages = {"/": rss("r").replace("SITE/r/", "https://www.reddit.com/r/news/comments/")}
    assert "all its entries lead to Reddit" in call("feeds", "discover", site.name).err
    added = call("feeds", "add", site.name)
    assert (added.code, "all its entries lead to Reddit" in added.out) == (1, True)


def test_robots_are_obeyed(site, call):
    """A site that forbids all is asked for its robots.txt only, and the user is told so."""
    site.pages = {"/": LINKED, "/all.rss": rss("all"), "/robots.txt": "User-agent: *\nDisallow: /"}
    answer = call("feeds", "discover", site.name)
    assert answer.code == 1
    assert "robots.txt forbids" in answer.err
    assert "ask the site for permission" in answer.err
    assert set(site.hits) == {"/robots.txt"}
