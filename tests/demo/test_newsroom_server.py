"""Starting, steering and stopping the newsroom."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.newsroom import Newsroom, NewsroomError

ROOT = Path(__file__).parents[2]


def control(newsroom: Newsroom, name: str) -> str:
    return f"http://{newsroom.addresses['meridian']}:{newsroom.port}/_newsroom/{name}"


def test_every_publisher_has_its_address(newsroom):
    """Ten publishers, ten loopback addresses, one port."""
    addresses = set(newsroom.addresses.values())
    assert len(newsroom.addresses) == len(addresses) >= 7
    assert all(address.startswith("127.0.0.") for address in addresses)
    assert newsroom.port > 0


def test_robots(newsroom, ask):
    """Each address has a robots.txt; one article lies under a forbidden path and says so in the truth."""
    for publisher, address in newsroom.addresses.items():
        answer = ask(f"http://{address}:{newsroom.port}/robots.txt")
        assert (200, True) == (answer.status, answer.text.startswith("User-agent: *")), publisher
    forbidden = [one for one in newsroom.truth() if one.ends == "robots"]
    assert ["members-only-the-kitchens-of-chandler-street"] == [one.slug for one in forbidden]
    assert "/members/" in forbidden[0].url


def test_feed_of_another_host_is_not_here(newsroom, ask):
    """An address has only its own publisher's feeds."""
    assert 404 == ask(newsroom.url("harbor-top").replace("127.0.0.12", "127.0.0.13")).status


def test_hits(newsroom, ask):
    """Requests are counted by URL."""
    url = newsroom.url("voz")
    for _ in range(3):
        ask(url)
    ask(url, method="HEAD")
    assert {url: 4} == dict(newsroom.hits)


@pytest.mark.parametrize("name", ["voz", "gulls-steal-wedding-cake", "the-last-lamp-maker"])
def test_head(newsroom, ask, name):
    """HEAD gives the headers of GET and no body."""
    answer = ask(newsroom.url(name), method="HEAD")
    assert (200, b"") == (answer.status, answer.body)
    assert "etag" in answer.headers


def test_other_methods_are_refused(newsroom, ask):
    """A news site is read-only."""
    assert 405 == ask(newsroom.url("voz"), method="POST", body={}).status


def test_fault(newsroom, ask):
    """A publisher that is switched off answers 503 to everything, the others go on."""
    newsroom.fault("harbor")
    assert [503, 503, 200] == [
        ask(newsroom.url(name)).status for name in ("harbor-top", "gulls-steal-wedding-cake", "voz")
    ]
    newsroom.fault("harbor", off=False)
    assert 200 == ask(newsroom.url("harbor-top")).status
    with pytest.raises(ValueError, match="no publisher 'harbour'"):
        newsroom.fault("harbour")


def test_controls(newsroom, ask):
    """Another process can move `now` and switch publishers."""
    answer = ask(control(newsroom, "now"), method="PUT", body={"now": "2026-11-22T12:00:00+01:00"})
    assert 200 == answer.status
    assert datetime(2026, 11, 22, 11, tzinfo=UTC) == newsroom.now
    assert 200 == ask(control(newsroom, "fault"), method="POST", body={"publisher": "voz"}).status
    assert newsroom.is_off("voz")
    assert '"off": ["voz"]' in ask(control(newsroom, "status")).text
    ask(control(newsroom, "fault"), method="POST", body={"publisher": "voz", "off": False})
    assert not newsroom.is_off("voz")
    assert {} == dict(newsroom.hits)
    assert 200 == ask(control(newsroom, "now"), method="PUT", body={"now": "real"}).status
    assert abs(datetime.now(UTC) - newsroom.now) < timedelta(minutes=1)


@pytest.mark.parametrize("method, name, body, status", [
    pytest.param("PUT", "now", {"now": "2026-11-22T12:00:00"}, 400, id="no-zone"),
    pytest.param("PUT", "now", {"now": "noon"}, 400, id="no-instant"),
    pytest.param("PUT", "now", {}, 400, id="nothing"),
    pytest.param("PUT", "now", ["2026"], 400, id="no-object"),
    pytest.param("POST", "fault", {"publisher": "nobody"}, 400, id="no-publisher"),
    pytest.param("POST", "weather", {}, 404, id="no-control"),
])  # fmt: skip
def test_wrong_use_of_controls(newsroom, ask, method, name, body, status):
    """A wrong wish changes nothing and says why."""
    answer = ask(control(newsroom, name), method=method, body=body)
    assert status == answer.status
    assert "error" in answer.text
    assert newsroom.anchor == newsroom.now


def test_port_in_use(newsroom):
    """A second newsroom on the same port says what is in the way, and leaves nothing open."""
    with (
        pytest.raises(NewsroomError, match=r"127\.0\.0\.11:\d+ is in use"),
        Newsroom(anchor=newsroom.anchor, port=newsroom.port),
    ):
        pass


def test_port_in_use_on_a_later_address():
    """A port must be free on all addresses; what was opened before is closed again."""
    with socket.create_server(("127.0.0.14", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(NewsroomError, match=r"127\.0\.0\.14:\d+ is in use"),
            Newsroom(anchor=datetime.now(UTC), port=port),
        ):
            pass
        with socket.create_server(("127.0.0.11", port)):
            pass


def test_stop_frees_port_and_thread(ask):
    """After `with` nothing is left: no thread, and the same port can be served again at once."""
    before = set(threading.enumerate())
    with Newsroom(anchor=datetime.now(UTC)) as newsroom:
        ask(newsroom.url("voz"))
        assert len(set(threading.enumerate()) - before) >= 1
    assert set() == set(threading.enumerate()) - before
    with Newsroom(anchor=datetime.now(UTC), port=newsroom.port) as again:
        assert 200 == ask(again.url("voz")).status


def test_anchor_needs_a_zone():
    """A naive instant is refused."""
    with pytest.raises(ValueError, match="has no zone"):
        Newsroom(anchor=datetime(2026, 11, 25))  # noqa: DTZ001 -- the naive one is the case


def test_command(tmp_path, ask):
    """The command serves, writes the feed list, and ends on SIGTERM."""
    feeds = tmp_path / "feeds.toml"
    command = [
        sys.executable,
        "-m",
        "demo.newsroom",
        "--port",
        "0",
        "--anchor",
        "2026-11-25T00:00Z",
        "--feeds",
        str(feeds),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(12)]
        url = next(word for word in " ".join(lines).split() if word.endswith("/feed.xml"))
        assert 200 == ask(url).status
        os.kill(process.pid, signal.SIGTERM)
        assert 0 == process.wait(timeout=10)
    assert "2026-11-22, 2026-11-23, 2026-11-24" in lines[0]
    assert f'url = "{url}"' in feeds.read_text("utf-8")
