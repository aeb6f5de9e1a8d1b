"""Takedown: nothing of a page is left in any table or in raw, and it does not come back; whenever it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.records import Capture
from tests.wirecopy.builders import (
    a_capture,
    a_page,
    an_article,
    an_entry,
    commit,
    content,
    name,
    story,
    taken,
)
from tests.wirecopy.store.copies.test_derived import OTHER, STORY, TODAY
from wirecopy.cli.app import run_app
from wirecopy.errors import UsageError
from wirecopy.steps import dedupe, forget
from wirecopy.steps.forgetting import without_forgotten
from wirecopy.store.archive.raw import raw_files, read_heads, write_raw
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import read_partition
from wirecopy.store.query.checking import problems_of
from wirecopy.store.takedown.tombstones import Tombstones, read_tombstones

TABLES = ("articles", "revisions", "clusters", "matches", "sketches", "outcomes")


@pytest.fixture
def layout(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A store with two copies of a story, one alone, and a raw archive of all."""
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_NOW", TODAY.isoformat())
    commit(layout, story("wall", 22, STORY), story("wall2", 23, STORY), story("choir", 23, OTHER))
    dedupe()
    return layout


def url_of(slug: str) -> str:
    return str(an_entry(slug).link)


def everything(layout: Layout) -> str:
    return repr([read_partition(layout, table, day).to_pylist() for table in TABLES for day in layout.dates(table)])


def test_a_page_leaves_every_table(layout: Layout) -> None:
    """And the copy by another publisher is alone now."""
    gone = name(url_of("wall"))
    assert gone in everything(layout)
    counts = forget(url=url_of("wall") + "?utm_source=x#top")
    assert counts["articles"] == 1
    assert gone not in everything(layout)
    assert url_of("wall") + "'" not in everything(layout)
    rows = {row["article_id"]: row for row in content(layout, "clusters")["clusters"]}
    assert rows[name(url_of("wall2"))]["role"] == "alone"
    assert list(problems_of(layout)) == []


def test_a_dry_run_changes_nothing(layout: Layout) -> None:
    """It only counts."""
    before = everything(layout)
    assert forget(url=url_of("wall"), dry_run=True)["articles"] == 1
    assert everything(layout) == before
    assert read_tombstones(layout) == Tombstones()


def test_a_domain(layout: Layout) -> None:
    """All hosts below it."""
    host = url_of("wall").split("/")[2]
    assert forget(domain=host)["articles"] == 3
    assert content(layout, "articles")["articles"] == []


@pytest.mark.parametrize(
    "asked",
    [{}, {"url": "https://a.example/x", "domain": "a.example"}, {"url": "a.example"}, {"domain": "https://a.example"}],
)
def test_wrong_use(layout: Layout, asked: dict[str, str]) -> None:
    """Both, none, or something else."""
    with pytest.raises(UsageError):
        forget(**asked)


def test_tombstones_hold_no_address(layout: Layout) -> None:
    """Who reads them does not learn what was forgotten."""
    forget(url=url_of("wall"))
    said = (layout.state / "tombstones.json").read_text()
    assert "wall" not in said
    assert read_tombstones(layout).covers(url_of("wall") + "?utm_medium=rss")
    assert not read_tombstones(layout).covers(url_of("wall2"), None, "", "no address")


@pytest.mark.parametrize(
    ("domain", "url", "expected"),
    [
        ("gazette.example", "https://www.gazette.example/a", True),
        ("gazette.example", "https://gazette.example:8080/", True),
        ("gazette.example", "https://othergazette.example/", False),
        ("news.gazette.example", "https://gazette.example/", False),
    ],
)
def test_hosts_below_a_domain(domain: str, url: str, expected: bool) -> None:
    """By whole labels."""
    assert Tombstones().with_domain(domain).covers(url) is expected


def test_what_a_run_brings_again_is_booked_as_forgotten(layout: Layout) -> None:
    """A part that was pulled before, or that came by another address: an outcome, no article; the sum holds."""
    forget(url=url_of("wall"))
    back = taken("wall", an_article("wall", STORY), link="https://t.example/abc")
    result = without_forgotten(back, read_tombstones(layout)).result
    assert (result.code, result.retryable) == ("forgotten", False)
    other = taken("choir", an_article("choir", OTHER))
    assert without_forgotten(other, read_tombstones(layout)) is other


def test_captures_leave_raw(layout: Layout) -> None:
    """The page, and the feed documents that list it; other captures of the same file stay."""
    listing = f"<rss><item><link>{url_of('wall')}</link><title>The wall</title></item></rss>".encode()
    document = Capture(kind="feed", feed_id="gazette", page=a_page("feed", listing))
    captures = [a_capture("wall"), a_capture("choir"), document]
    path = write_raw(layout, TODAY.date(), "one", captures)
    write_raw(layout, TODAY.date(), "two", captures[:1])
    assert forget(url=url_of("wall"))["captures"] == 3
    assert raw_files(layout, TODAY.date(), TODAY.date()) == [path]
    assert read_heads(layout, path)["fetch_id"].to_pylist() == [captures[1].page.fetch_id]


KILLED = """
import os, signal, sys
from wirecopy.store.articles import commit
left = int(sys.argv[1])
real = commit.replace_partition
def replace_partition(*arguments, **named):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    real(*arguments, **named)
commit.replace_partition = replace_partition
from wirecopy.steps import forget
forget(url=sys.argv[2])
"""


@pytest.mark.slow
@pytest.mark.parametrize("writes", [0, 1])
def test_killed_in_the_middle(layout: Layout, writes: int) -> None:
    """Before the revisions are written, or between them and the articles: running it again finishes; the tombstone is
    there already.
    """
    commit(layout, story("wall", 22, OTHER, seen=9))  # an earlier text of it
    command = [sys.executable, "-c", KILLED, str(writes), url_of("wall")]
    killed = subprocess.run(command, env=os.environ, cwd=Path(__file__).parents[3], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read_tombstones(layout).covers(url_of("wall"))
    forget(url=url_of("wall"))
    dedupe()
    assert name(url_of("wall")) not in everything(layout)


def test_command(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --yes nothing goes."""
    assert run_app(["forget", "--url", url_of("wall")]) == 0
    assert "would be removed" in capsys.readouterr().out
    assert run_app(["forget", "--url", url_of("wall"), "--yes"]) == 0
    assert name(url_of("wall")) not in everything(layout)
    assert run_app(["forget"]) == 2
