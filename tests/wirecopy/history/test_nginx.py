"""What nginx makes of archives: sitemaps under wrong types and encodings, and ranges of large files."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.fetch.ranges import Changed, Edition, Ranges
from ingest.history.hints import days
from ingest.history.reading import read_history
from ingest.options import FetchOptions
from ingest.records import Feed
from ingest.work import Reading
from tests.ingest.fetching import NOW
from tests.nginx import serving_folder
from tests.wirecopy.history.asking_sites import asking

MONTH = '<urlset xmlns="http://x"><url><loc>https://gazette.example/a?id=1&lang=en</loc></url></urlset>'
LOCATIONS = """
location /plain/ { default_type text/plain; }
location /stream/ { default_type application/octet-stream; }
location /encoded/ { default_type application/xml; add_header Content-Encoding gzip; }
location /packed/ { gzip on; gzip_types *; gzip_min_length 1; default_type text/html; }
"""
FOLDERS = ("plain", "stream", "encoded", "packed")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder that nginx serves, and its address."""
    folder = tmp_path_factory.mktemp("served")
    for name in FOLDERS:
        (folder / name).mkdir()
        (folder / name / "2026-10.xml.gz").write_bytes(gzip.compress(MONTH.encode()))
    (folder / "large.warc.gz").write_bytes(bytes(range(256)) * 4096)
    with serving_folder(folder, tmp_path_factory.mktemp("nginx"), LOCATIONS) as address:
        yield folder, address


@pytest.mark.parametrize("name", FOLDERS)
def test_a_packed_sitemap_is_read_whatever_its_type(served, name):
    """As text, as bytes, as an encoding, or packed once more on the way: the content tells."""
    page = asking(lambda fetch: fetch.get(f"{served[1]}/{name}/2026-10.xml.gz", kind="sitemap"))
    reading = Reading(reader="sitemap", interval=days(date(2026, 10, 5)))
    entries = read_history(page, Feed(id="g", url="https://gazette.example/feed"), reading, now=NOW)
    assert [entry.link for entry in entries] == ["https://gazette.example/a?id=1&lang=en"]


def test_ranges_of_a_file(served):
    """The bytes asked for and no others; the end of the file; and a file that was replaced is another edition."""
    folder, address = served
    whole, url = (folder / "large.warc.gz").read_bytes(), f"{address}/large.warc.gz"
    with Ranges(FetchOptions(allow_networks=("127.0.0.0/8",), host_gap=timedelta())) as ranges:
        with ranges.open(url, start=1000, end=5000) as file:
            first: Edition = file.edition
            pieces = list(iter(lambda: file.read(700), b""))
        assert b"".join(pieces) == whole[1000:5000]
        assert first.size == len(whole)
        assert ranges.read(url, start=len(whole) - 10, edition=first) == whole[-10:]
        (folder / "large.warc.gz").write_bytes(whole[::-1])
        os.utime(folder / "large.warc.gz", (1, 1))
        with pytest.raises(Changed):
            ranges.read(url, start=1000, end=5000, edition=first)
