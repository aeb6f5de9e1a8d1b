"""`wirecopy feeds`: a list that people keep by hand, feeds that are asked over real HTTP."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ingest.feedlist.feedlist import load_feeds
from tests.wirecopy.builders import DAY
from tests.wirecopy.cli.conftest import ANCHOR
from tests.wirecopy.store.test_ledger import outcome
from wirecopy.store.files.layout import Layout
from wirecopy.store.ledger import append_log

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]


@pytest.fixture
def desk(empty, monkeypatch):
    """This process stands in a folder with the newsroom's feed list and no store."""
    monkeypatch.chdir(empty.folder)
    for name, value in {"ALLOW_NETWORKS": "127.0.0.0/8", "HOST_GAP": "0", "NOW": ANCHOR.isoformat()}.items():
        monkeypatch.setenv(f"WIRECOPY_{name}", value)
    yield empty
    for publisher in empty.newsroom.addresses:
        empty.newsroom.fault(publisher, off=False)


def listed(desk):
    return {feed.id: feed for feed in load_feeds(desk.folder / "feeds.toml").feeds}


def test_list_before_the_first_run(desk, call):
    """Every feed is new, and nothing is made on disk."""
    found = json.loads(call("feeds", "list", "--json").out)
    assert {one["feed_id"] for one in found} == set(listed(desk))
    assert {(one["condition"], one["last_success_at"], one["failures"]) for one in found} == {("new", None, 0)}
    assert not (desk.folder / "data").exists()


def test_list_after_a_run(there, call):
    """Well, just read, and due; a line per feed in a pipe."""
    found = json.loads(call("feeds", "list", "--json").out)
    assert {one["condition"] for one in found} == {"well"}
    assert {one["last_code"] for one in found} == {"ok"}
    assert any(one["median_minutes"] for one in found)
    lines = call("feeds", "list").out.splitlines()
    assert lines[0].split("\t")[:3] == ["feed", "condition", "last read"]
    assert len(lines) == 1 + len(found)
    one = call("feeds", "list", found[0]["feed_id"])
    assert len(one.out.splitlines()) == 2
    assert "Did you mean" in call("feeds", "list", found[0]["feed_id"] + "x").err


def test_a_feed_that_fails_says_so_everywhere(desk, call, monkeypatch):
    """One publisher goes down between two runs: list, status and check tell, and say what to do."""
    assert call("run", "--no-dedupe").code == 0
    feed = next(iter(listed(desk)))
    publisher = next(name for name, address in desk.newsroom.addresses.items() if address in listed(desk)[feed].url)
    desk.newsroom.fault(publisher)
    monkeypatch.setenv("WIRECOPY_NOW", (ANCHOR + timedelta(hours=1)).isoformat())
    assert call("run", "--no-dedupe").code == 0  # its robots.txt is remembered, so the feed itself is asked
    found = {one["feed_id"]: one for one in json.loads(call("feeds", "list", "--json").out)}
    assert (found[feed]["condition"], found[feed]["failures"], found[feed]["last_code"]) == (
        "failing",
        1,
        "http_5xx",
    )
    assert "http_5xx, 1 in a row" in found[feed]["notices"][0]
    assert found[feed]["next_due"] > found[feed]["last_polled_at"]
    status = call("status", "--json")
    assert feed in json.loads(status.out)["failing_feeds"]
    assert status.code == 1
    checked = call("feeds", "check", feed)
    assert checked.code == 1
    assert "robots_unavailable" in checked.out
    assert "Next:" in checked.out


def test_check_asks_and_takes_nothing(desk, call):
    """Every feed of the newsroom is asked once and no page is; there is no store after it."""
    desk.newsroom.hits.clear()
    answer = call("feeds", "check", "--no-history", "--json")
    found = {one["feed_id"]: one for one in json.loads(answer.out)}
    assert answer.code == 0, answer.out
    assert set(found) == set(listed(desk))
    assert all(one["code"] == "ok" and one["entries"] > 0 for one in found.values())
    assert {url for url in desk.newsroom.hits if not url.endswith("/robots.txt")} == {
        feed.url for feed in listed(desk).values()
    }
    assert not (desk.folder / "data").exists()


def test_check_names_pages_without_text(desk, call):
    """Those whose entry ended in no_text, from the store; not those that gave an article at a later try."""
    feed = next(iter(listed(desk)))
    rows = [
        outcome("no_text", 10, entry_key="a", feed_id=feed, url="https://x.example/empty"),
        outcome("no_text", 10, entry_key="b", feed_id=feed, url="https://x.example/mended"),
        outcome("stored", 11, entry_key="b", feed_id=feed, url="https://x.example/mended"),
        outcome("timeout", 11, entry_key="c", feed_id=feed, url="https://x.example/slow"),
    ]
    append_log(Layout(desk.folder / "data").make(), "outcomes", DAY, rows)
    (found,) = json.loads(call("feeds", "check", feed, "--no-history", "--json").out)
    assert found["no_text"] == ["https://x.example/empty"]
    shown = call("feeds", "check", feed).out
    assert f"{feed} no text on https://x.example/empty" in shown
    assert f"{feed} has no source of its past" in shown or "sources of their past" in shown


def test_add_looks_first(desk, call):
    """A good feed is added with its keys below what is there; a page that is none is not."""
    path = desk.folder / "feeds.toml"
    good = next(iter(listed(desk).values())).url
    call("feeds", "remove", next(iter(listed(desk))))
    before = path.read_text()
    page = desk.newsroom.url(next(one.slug for one in desk.newsroom.truth() if one.ends == "article"))
    answer = call("feeds", "add", good, page, "--tag", "harbour", "--every", "30m", "--language", "en")
    assert answer.code == 1
    assert "not_a_feed" in answer.out
    assert "not added" in answer.err
    assert path.read_text().startswith(before)
    (added,) = [feed for feed in listed(desk).values() if feed.url == good]
    assert (added.tags, added.every, added.language) == (("harbour",), timedelta(minutes=30), "en")
    assert page not in path.read_text()
    assert call("feeds", "add", good).code == 2
    assert call("feeds", "add", page, "--unchecked", "--id", "odd").code == 0
    assert listed(desk)["odd"].url == page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["add"], "Name one or more addresses", id="nothing"),
        pytest.param(["add", "https://a.example/", "https://b.example/", "--id", "x"], "single", id="one-id-for-two"),
        pytest.param(["add", "ftp://a.example/"], "http", id="no-web-address"),
        pytest.param(["add", "https://a.example/f", "--every", "often"], "every", id="no-duration"),
        pytest.param(["remove", "nobody"], "there is no feed", id="unknown"),
        pytest.param(["import", "nowhere.opml"], "cannot be read", id="no-file"),
        pytest.param(["export", "nowhere/feeds.opml"], "cannot be written", id="no-folder"),
    ],
)
def test_wrong_use_changes_nothing(desk, call, arguments, says):
    """Exit 2, a reason, and the list as it was; no network is asked."""
    before = (desk.folder / "feeds.toml").read_bytes()
    desk.newsroom.hits.clear()
    answer = call("feeds", *arguments)
    assert answer.code == 2
    assert says in answer.err
    assert (desk.folder / "feeds.toml").read_bytes() == before
    assert not desk.newsroom.hits


def test_the_first_feed_makes_the_list(desk, call):
    """Without a feeds.toml `add` writes one."""
    url = next(iter(listed(desk).values())).url
    (desk.folder / "feeds.toml").unlink()
    assert call("feeds", "add", url).code == 0
    assert [feed.url for feed in listed(desk).values()] == [url]


def test_a_link_stays_a_link(desk, call):
    """And the file keeps its permissions."""
    path, real = desk.folder / "feeds.toml", desk.folder / "real.toml"
    path.rename(real)
    path.symlink_to(real)
    real.chmod(0o600)
    feed = next(iter(listed(desk)))
    assert call("feeds", "remove", feed).code == 0
    assert path.is_symlink()
    assert (real.stat().st_mode & 0o777, feed in listed(desk)) == (0o600, False)


def test_opml_out_and_in(desk, call):
    """Every feed comes back with its id and address, into a list that lacks all but one of them."""
    feeds = listed(desk)
    assert call("feeds", "export", "all.opml").code == 0
    others = list(feeds)[1:]
    call("feeds", "remove", *others)
    dry = call("feeds", "import", "all.opml", "--dry-run")
    assert (len(listed(desk)), f"{len(others)} feeds would be added, 1 left" in dry.err) == (1, True)
    assert call("feeds", "import", "all.opml").code == 0
    assert {one.id: (one.url, one.tags) for one in listed(desk).values()} == {
        one.id: (one.url, one.tags) for one in feeds.values()
    }
    assert call("feeds", "export").code == 0


def test_status_counts_what_was_seen(there, call):
    """Of every run: seen = left + tried from feeds, and it says so."""
    runs = json.loads(call("status", "--json").out)["runs"]
    assert runs
    assert all(run["unaccounted"] == 0 for run in runs)
    assert "every entry seen is accounted for" in call("status").out


def test_the_shipped_list(desk, call):
    """Shown, filtered, and added beside what is there: an own id, no second publisher for a host, nothing twice."""
    path = desk.folder / "feeds.toml"
    path.write_text('[[feed]]\nid = "bbc-world"\nurl = "https://feeds.bbci.co.uk/news/rss.xml"\npublisher = "My BBC"\n')
    shown = json.loads(call("feeds", "world", "--country", "GB", "--json").out)
    assert {one["country"] for one in shown} == {"GB"}
    assert call("feeds", "world", "bbc-world", "nhk", "--add", "--unchecked").code == 0
    assert [(one.id, one.publisher) for one in load_feeds(path).feeds] == [
        ("bbc-world", "My BBC"), ("nhk", "NHK"), ("bbc-world-2", None),
    ]  # fmt: skip
    again = call("feeds", "world", "nhk", "--add", "--unchecked")
    assert (again.code, "nothing to add" in again.err) == (0, True)
    assert call("feeds", "world", "--continent", "afrika").code == 2
