"""`wirecopy raw`: what was fetched, for people and for programs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.wirecopy.warc.samples import response, warc
from wirecopy.store.archive.finding import find_capture
from wirecopy.store.files.layout import Layout

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]

DAYS = ("--from", "2026-11-24", "--to", "2026-11-25")


@pytest.fixture
def captured(there, call):
    """The heads of all captures of the filled store."""
    return json.loads(call("raw", "list", "--json").out)


@pytest.fixture
def page(captured):
    """One of the pages."""
    return next(head for head in captured if head["kind"] == "page")


def test_list_is_a_line_per_capture_in_a_pipe(there, call, captured):
    """Columns cut by tabs, oldest first."""
    lines = call("raw", "list").out.splitlines()
    assert lines[0].split("\t") == ["fetched_at", "kind", "status", "feed", "url", "fetch_id"]
    assert [line.split("\t")[-1] for line in lines[1:]] == [head["fetch_id"] for head in captured]
    assert {head["kind"] for head in captured} == {"feed", "page"}


def test_list_of_an_address_and_of_a_feed(there, call, page):
    """Any spelling of the address; an article's fetch_id leads to its page."""
    other = f"{page['url']}{'&' if '?' in page['url'] else '?'}utm_medium=rss#top"
    (found,) = json.loads(call("raw", "list", "--url", other, "--json").out)
    assert found == page
    of_feed = json.loads(call("raw", "list", "--feed", page["feed_id"], *DAYS, "--json").out)
    assert {head["feed_id"] for head in of_feed} == {page["feed_id"]}


def test_show_tells_what_was_fetched(there, call, page):
    """Address, status, headers and the entry; JSON has the same."""
    said = call("raw", "show", page["fetch_id"][:12]).out
    for words in (page["fetch_id"], page["url"], "status: 200", "content-type: text/html", "title: "):
        assert words in said
    told = json.loads(call("raw", "show", page["fetch_id"], "--json").out)
    assert (told["url"], told["headers"]["content-type"][:9]) == (page["url"], "text/html")
    assert told["entry"]["link"]
    assert told["bytes"] > 100


def test_show_writes_the_body(there, page):
    """Byte by byte, for a pipe."""
    command = [sys.executable, "-c", "from wirecopy.cli.app import main; main()"]
    shown = subprocess.run(
        [*command, "raw", "show", page["fetch_id"], "--body"], capture_output=True, check=True, timeout=60
    )
    _, capture = find_capture(Layout(there.folder / "data"), page["fetch_id"])
    assert shown.stdout == capture.page.body
    assert b"<html" in shown.stdout.lower()


def test_export_import_and_the_next_step(there, call, captured, tmp_path, monkeypatch):
    """The messages count, and name the command that follows; a second import finds all of it known."""
    file = tmp_path / "all.warc.gz"
    done = call("raw", "export", file, *DAYS)
    pages = sum(head["kind"] == "page" for head in captured)
    assert f"{pages} pages, {len(captured) - pages} feed documents" in done.err
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "other"))
    first, again = call("raw", "import", file), call("raw", "import", file)
    assert f"{len(captured) + 1} records" in first.out
    assert "extract them: wirecopy reextract --from 2026-11-22 --to 2026-11-2" in first.out
    assert f"in raw/ already  {len(captured)}" in again.out
    dry = call("reextract", "--from", "2026-11-22", "--to", "2026-11-25", "--dry-run")
    assert f"{pages} captured pages of 4 day(s) would be extracted again" in dry.out
    assert "Leave --dry-run out" in dry.err


def test_import_tells_why_a_record_is_left_out(there, call, tmp_path, monkeypatch):
    """The reason, what it means, and which record."""
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "other"))
    file = warc(tmp_path / "a.warc", response(b"<p>x", status="404 Not Found"), response(b"%PDF", media="a/pdf"))
    said = call("raw", "import", file).out
    for words in ("2 records", "left out: status", "not_html: another media type", "https://a.example/wall: 404"):
        assert words in said
    told = json.loads(call("raw", "import", file, "--json").out)
    assert told["files"][str(file)] == {"pages": 0, "documents": 0, "known": 0, "status": 1, "not_html": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(["raw", "show", "f" * 32], 2, "`wirecopy raw list`", id="unknown"),
        pytest.param(["raw", "show", "x"], 2, "is no fetch_id", id="no-id"),
        pytest.param(["raw", "export", "a.zip", *DAYS], 2, ".warc.gz", id="suffix"),
        pytest.param(["raw", "export", "a.warc.gz"], 2, "--from", id="which-days"),
        pytest.param(["raw", "list", "--from", "2026-11-24"], 2, "--from and --to go together", id="half-an-interval"),
        pytest.param(["raw", "import", "nowhere.warc"], 2, "nowhere.warc is no file", id="no-file"),
        pytest.param(["raw", "import"], 2, "FILES requires an argument", id="no-files"),
    ],
)
def test_wrong_use(there, call, arguments, code, says):
    """One message that says what to give."""
    done = call(*arguments)
    assert (done.code, done.out) == (code, "")
    assert says in done.err


def test_no_archive_yet(call, tmp_path, monkeypatch):
    """Before the first run."""
    monkeypatch.setenv("WIRECOPY_DATA", str(tmp_path / "none"))
    done = call("raw", "list")
    assert done.code == 1
    assert "Run `wirecopy run` first" in done.err
