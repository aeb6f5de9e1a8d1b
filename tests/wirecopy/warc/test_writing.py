"""Export: a WARC 1.1 file as other tools read it, and the same captures when it comes back."""

from __future__ import annotations

import gzip
import json

import pytest
from fastwarc.warc import ArchiveIterator, is_warc_11

from ingest.records import Capture
from tests.wirecopy.builders import NOW, a_capture, a_page, an_entry, at
from tests.wirecopy.warc.test_reading import TERMS, read
from wirecopy.errors import UsageError
from wirecopy.store.warc.writing import write_warc

ODD = "Ö – “quoted”\u2028next"
CAPTURES = [
    Capture(kind="feed", feed_id="gazette", page=a_page("feed.xml", b"<rss>", headers={"content-type": "text/xml"})),
    Capture(
        kind="page", feed_id="gazette", entry=an_entry(title=ODD, summary="s" * 90_000, authors=("Ö",)),
        page=a_page(body=bytes(range(256)) * 40, seen=at(10.123456), final_url="https://gazette.example/wäll",
                    headers={"content-type": "text/html", "x-odd": ODD, "date": "now"}),
    ),
    a_capture("empty", published_at=None, updated_at=at(11)),
]  # fmt: skip


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_round_trip(tmp_path, name):
    """Pages, documents, entries, ids, headers, microseconds: nothing is lost."""
    counts = write_warc(tmp_path / name, CAPTURES, now=NOW)
    captures, reasons = read(tmp_path / name)
    assert captures == CAPTURES
    assert reasons == {"other": 1}  # warcinfo
    assert counts == {"pages": 2, "documents": 1, "bytes": (tmp_path / name).stat().st_size}


def test_other_tools_can_read_it(tmp_path):
    """WARC 1.1, digests right, ids by fetch_id, every record a gzip member, the body as a web server would send it."""
    write_warc(tmp_path / "a.warc.gz", CAPTURES, now=NOW)
    with (tmp_path / "a.warc.gz").open("rb") as file:
        records = [
            (
                str(record.record_type), is_warc_11(record), record.verify_block_digest(), record.record_id,
                record.headers.get("WARC-Target-URI"), record.headers.get("WARC-Date"), record.stream_pos,
            )
            for record in ArchiveIterator(file, parse_http=False)
        ]  # fmt: skip
    assert [record[0] for record in records] == ["warcinfo", *["response", "metadata"] * 3]
    assert all(record[1] and record[2] for record in records)
    response = records[3]
    assert response[3].replace("-", "") == f"<urn:uuid:{CAPTURES[1].page.fetch_id}>"
    assert response[4:6] == ("https://gazette.example/wäll", "2026-11-22T10:07:24.441600Z")
    packed = (tmp_path / "a.warc.gz").read_bytes()
    assert all(packed[record[6] : record[6] + 2] == b"\x1f\x8b" for record in records)
    with (tmp_path / "a.warc.gz").open("rb") as file:
        bodies = [
            (record.http_headers.status_code, record.verify_payload_digest(), record.reader.read())
            for record in ArchiveIterator(file)
            if record.is_http
        ]
    assert bodies == [(200, True, capture.page.body) for capture in CAPTURES]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"hello", b"jello", id="body-altered"),
        pytest.param(b'"kind": "page"', b'"kind": "feed"', id="kind-altered"),
        pytest.param(b'"fetch_id": "', b'"fetch_xx": "', id="no-fetch-id"),
        pytest.param(b'{"fetch_id"', b'["fetch_id"', id="no-json"),
    ],
)
def test_an_altered_export_is_refused(tmp_path, old, new):
    """A capture is what was fetched, or it is none."""
    capture = Capture(kind="page", feed_id="gazette", page=a_page(body=b"<p>hello"), entry=an_entry())
    write_warc(tmp_path / "a.warc", [capture], now=NOW)
    content = (tmp_path / "a.warc").read_bytes()
    assert old in content
    (tmp_path / "a.warc").write_bytes(content.replace(old, new))
    assert read(tmp_path / "a.warc") == ([], {"other": 1, "malformed": 1})


def test_without_its_metadata_it_is_a_page_of_others(tmp_path):
    """Tools that keep only responses: the page can still be imported, under an entry of its own."""
    write_warc(tmp_path / "a.warc.gz", [CAPTURES[1]], now=NOW)
    members = gzip.decompress((tmp_path / "a.warc.gz").read_bytes()).split(b"WARC/1.1\r\n")
    (tmp_path / "b.warc").write_bytes(b"WARC/1.1\r\n" + members[2])
    ((capture,), _) = read(tmp_path / "b.warc")
    assert capture.feed_id == "warc:import"
    assert capture.page.body == CAPTURES[1].page.body


def test_a_failure_leaves_nothing(tmp_path):
    """Neither half a file nor a temporary one."""

    def broken():
        yield CAPTURES[0]
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        write_warc(tmp_path / "a.warc.gz", broken(), now=NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "says"), [("a.zip", "the suffix says the form"), ("no/folder/a.warc", "cannot be written")]
)
def test_wrong_use(tmp_path, name, says):
    """The message says what to give."""
    with pytest.raises(UsageError, match=says):
        write_warc(tmp_path / name, CAPTURES, now=NOW)


def test_metadata_is_json_for_others(tmp_path):
    """Who wants to know by which entry a page came reads it without wirecopy."""
    write_warc(tmp_path / "a.warc", CAPTURES, now=NOW)
    with (tmp_path / "a.warc").open("rb") as file:
        told = [json.loads(r.reader.read()) for r in ArchiveIterator(file) if str(r.record_type) == "metadata"]
    assert [one["kind"] for one in told] == ["feed", "page", "page"]
    assert told[1]["entry"]["title"] == ODD
    assert TERMS.now == NOW
