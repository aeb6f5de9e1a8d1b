"""Import, reading: any WARC or ARC file gives captures, or a reason for each record. It never crashes."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from ingest.records import IMPORTED, Capture
from tests.wirecopy.builders import NOW
from tests.wirecopy.warc.samples import Record, response, warc
from wirecopy.store.warc.reading import Terms, read_archive
from wirecopy.store.warc.unusable import REASONS

SHARED = Path(__file__).parents[4] / "shared/data/warc"
TERMS = Terms(page_bytes=200_000, feed_bytes=300_000, now=NOW)
HTML = b"<html><p>hello</p></html>"

TAKEN = {
    "cc_whirlwind.warc": (1, {"other": 3}),
    "cc_whirlwind.warc.gz": (1, {"other": 3}),
    "cc_whirlwind.warc.wat": (0, {"other": 2}),
    "cc_whirlwind.warc.wat.gz": (0, {"other": 2}),
    "cc_whirlwind.warc.wet": (0, {"other": 2}),
    "cc_whirlwind.warc.wet.gz": (0, {"other": 2}),
    "fastwarc_block-sized-records.warc": (0, {"other": 3}),
    "fastwarc_block-sized-records.warc.gz": (0, {"other": 3}),
    "fastwarc_block-sized-records.warc.lz4": (0, {"other": 3}),
    "fastwarc_clipped.warc.gz": (0, {"clipped": 1}),
    "fastwarc_clueweb-quirk.warc.gz": (0, {"other": 1, "malformed": 29}),  # dated 2008-10-294
    "fastwarc_warcfile.warc": (16, {"other": 34}),
    "fastwarc_warcfile.warc.gz": (16, {"other": 34}),
    "fastwarc_warcfile.warc.lz4": (16, {"other": 34}),
    "warcio_bad.arc": (0, {"malformed": 5}),
    "warcio_example-bad-non-chunked.warc.gz": (1, {"other": 4, "revisit": 1}),
    "warcio_example-bad.warc.gz.bad": (1, {"other": 3, "revisit": 1, "status": 1}),
    "warcio_example-digest.warc": (0, {"other": 4}),
    "warcio_example-iana.org-chunked.warc": (1, {"other": 2}),
    "warcio_example-resource.warc.gz": (0, {"other": 3}),
    "warcio_example-space-in-target-uri.warc.gz": (0, {"other": 2}),
    "warcio_example-space-in-url.arc": (0, {"other": 1, "clipped": 1}),
    "warcio_example-trunc.warc": (0, {"other": 2, "clipped": 1, "malformed": 1}),
    "warcio_example-wget-bad-target-uri.warc.gz": (1, {"other": 5}),
    "warcio_example-wrong-chunks.warc.gz": (1, {"other": 1}),
    "warcio_example.arc": (1, {"other": 1}),
    "warcio_example.arc.gz": (1, {"other": 1}),
    "warcio_example.warc": (1, {"other": 4, "revisit": 1}),
    "warcio_example.warc.gz": (1, {"other": 4, "revisit": 1}),
    "warcio_post-test.warc.gz": (0, {"not_html": 3, "other": 3}),
}
"""Of each file in the shared set: pages taken, and the others by reason."""


def read(path: Path, terms: Terms = TERMS) -> tuple[list[Capture], Counter[str]]:
    found = list(read_archive(path, terms))
    captures = [one for one in found if isinstance(one, Capture)]
    return captures, Counter(one.reason for one in found if not isinstance(one, Capture))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared set of WARC files is not on this machine")
@pytest.mark.parametrize("name", TAKEN)
def test_files_of_other_tools(name):
    """Clipped, malformed and ancient files too: every record is counted."""
    captures, reasons = read(SHARED / name)
    assert (len(captures), reasons) == TAKEN[name]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared set of WARC files is not on this machine")
@pytest.mark.parametrize("other", ["warc.gz", "warc.lz4"])
def test_packing_does_not_matter(other):
    """The same records have the same fetch_ids, however the file is packed."""
    plain, packed = (read(SHARED / f"fastwarc_warcfile.{suffix}")[0] for suffix in ("warc", other))
    assert [one.page for one in plain] == [one.page for one in packed]


@pytest.mark.parametrize(
    ("record", "body"),
    [
        pytest.param(response(HTML), HTML, id="plain"),
        pytest.param(response(gzip.compress(HTML), encoding="gzip"), HTML, id="gzip"),
        pytest.param(response(HTML, encoding="gzip"), HTML, id="said-to-be-gzip"),
        pytest.param(response(b"19\r\n" + HTML + b"\r\n0\r\n\r\n", transfer="chunked"), HTML, id="chunked"),
        pytest.param(response(HTML, transfer="chunked"), HTML, id="said-to-be-chunked"),
        pytest.param(response(HTML, media=None), HTML, id="no-media-type"),
        pytest.param(response(HTML, url="<https://a.example/x y>"), HTML, id="wget-brackets-and-a-space"),
    ],
)
def test_a_page_becomes_a_capture(tmp_path, record, body):
    """Unpacked, under an entry of its own, fetched when its record says."""
    ((capture,), reasons) = read(warc(tmp_path / "a.warc", record))
    assert capture.page.body == body
    assert capture.page.fetched_at.isoformat() == "2026-11-20T10:00:00+00:00"
    assert (capture.kind, capture.feed_id, capture.entry.link) == ("page", IMPORTED, capture.page.url)
    assert not {"content-encoding", "transfer-encoding", "set-cookie"} & set(capture.page.headers)
    assert not reasons


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param(response(b'<meta name="robots" content="noai">'), "reserved", id="reserved"),
        pytest.param(response(HTML, kind="revisit"), "revisit", id="revisit"),
        pytest.param(response(HTML, kind="request"), "other", id="request"),
        pytest.param(response(HTML, url="dns:a.example"), "other", id="dns"),
        pytest.param(response(HTML, status="404 Not Found"), "status", id="404"),
        pytest.param(response(b"%PDF", media="application/pdf"), "not_html", id="pdf"),
        pytest.param(response(HTML, truncated="length"), "clipped", id="cut-by-its-crawler"),
        pytest.param(response(gzip.compress(HTML)[:-9], encoding="gzip"), "clipped", id="gzip-cut"),
        pytest.param(response(b"99\r\n<html>", transfer="chunked"), "clipped", id="chunks-cut"),
        pytest.param(response(b"\x01\x02 no gzip", encoding="gzip"), "malformed", id="no-gzip"),
        pytest.param(response(b"\x01\x02", encoding="rot13"), "malformed", id="unknown-encoding"),
        pytest.param(response(HTML, date="2008-10-294T05:21:46-0700"), "malformed", id="no-date"),
        pytest.param(response(HTML, date="2026-11-20T10:00:00"), "malformed", id="no-time-zone"),
        pytest.param(response(HTML, date="2030-01-01T00:00:00Z"), "malformed", id="yet-to-come"),
        pytest.param(response(b"<p>" + bytes(250_000)), "too_large", id="beyond-page-bytes"),
        pytest.param(response(gzip.compress(b" " * 10_000_000), encoding="gzip"), "too_large", id="bomb"),
        pytest.param(response(b"<p>" + bytes(900_000)), "too_large", id="beyond-any-cap"),
    ],
)
def test_what_is_left_out_has_a_reason(tmp_path, record, reason):
    """One record, one reason; the next record is read all the same."""
    captures, reasons = read(warc(tmp_path / "a.warc.gz", record, response(HTML)))
    assert reasons == {reason: 1}
    assert len(captures) == 1
    assert reason in REASONS


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_cut_file_gives_what_is_whole(tmp_path, name, kept):
    """And tells that something is missing."""
    path = warc(tmp_path / name, *(response(HTML + bytes([65 + n]) * 3_000) for n in range(20)))
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    captures, reasons = read(path)
    assert len(captures) < 20
    assert set(reasons) <= {"clipped", "malformed"}
    assert all(capture.page.body.startswith(HTML) for capture in captures)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"\x1f\x8bnonsense", b"PK\x03\x04", bytes(5000), b"filedesc://"])
def test_what_is_no_archive_crashes_nothing(tmp_path, content):
    """It gives no capture."""
    path = tmp_path / "a.warc"
    path.write_bytes(content)
    assert read(path)[0] == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared set of WARC files is not on this machine")
@pytest.mark.parametrize("at", [0, 20, 154, 394, 635, 719])  # 154, 394 and 635 make it panic
def test_damage_at_any_place(tmp_path, at):
    """A wrong checksum of an lz4 frame, of which fastwarc makes a panic, is a malformed record as any other damage."""
    content = bytearray((SHARED / "fastwarc_block-sized-records.warc.lz4").read_bytes())
    content[at] ^= 0xFF
    path = tmp_path / "a.warc.lz4"
    path.write_bytes(content)
    captures, reasons = read(path)
    assert captures == []
    assert set(reasons) <= {"other", "malformed"}


def test_one_page_twice_in_a_file(tmp_path):
    """Captures of two moments are two; the same record is one and the same."""
    records: list[Record] = [response(HTML), response(HTML), response(HTML, date="2026-11-21T10:00:00Z")]
    captures, _ = read(warc(tmp_path / "a.warc", *records))
    assert len(captures) == 3
    assert len({capture.page.fetch_id for capture in captures}) == 2
    assert len({capture.entry.entry_key for capture in captures}) == 1
