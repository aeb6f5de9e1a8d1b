"""bench.ingest: every URL of the farm has a page of its own, and what a process costs is told with its children's."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bench.ingest.measuring import measured
from bench.pages import Pages

DAY = date(2026, 11, 25)
HTML = b'<meta name="date" content="2019-03-02T10:00:00Z"><P class=x>One.</P><p>Two.</p><pre>Three.</pre>'


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    folder = tmp_path / "fundus"
    folder.mkdir()
    (folder / "one.html.gz").write_bytes(gzip.compress(HTML))
    return Pages.on_loan(tmp_path, DAY)


def test_a_page_on_loan_is_changed_per_url(pages: Pages) -> None:
    """Every paragraph begins with other words on another page, the same on the same one, and the day is today's."""
    first, again, other = pages.body(0), pages.body(0), pages.body(1)
    assert first == again != other
    for body in (first, other):
        assert b'content="2026-11-25T10:00:00Z"' in body
        assert body.count(b"word") == 8
        assert body.endswith(b"<pre>Three.</pre>")


def test_pages_are_made_up_where_none_are_on_loan(tmp_path: Path) -> None:
    """The bench runs anywhere."""
    made_up = Pages.on_loan(tmp_path / "absent", DAY)
    assert made_up.body(0) == made_up.body(0) != made_up.body(1)
    assert made_up.body(0).count(b"word") == 350


def _with_child(counter: Any, code: str) -> str:
    subprocess.run([sys.executable, "-c", code], check=True)
    counter.value = 7
    return code


@pytest.mark.slow
def test_the_cpu_of_children_is_told() -> None:
    """Extraction runs in children: without them the bench would count the smaller part."""
    busy = "import time\nwhile time.process_time() < .7: pass"
    spent = measured(_with_child, busy)
    assert spent.result == busy
    assert spent.children >= 0.7
    assert spent.all_cpu == spent.cpu + spent.children
    assert spent.memory
    assert all(megabytes > 1 for _, megabytes in spent.memory)


def test_work_that_fails_ends_the_bench() -> None:
    """With the name of the part, not with a table of nothing."""
    with pytest.raises(SystemExit, match="_with_child ended with exit code 1"):
        measured(_with_child, "raise SystemExit(3)")
