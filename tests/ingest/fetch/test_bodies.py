"""ingest.fetch.decoding: whole bodies come out whole, however they are cut up; what is broken or stacked is refused."""

from __future__ import annotations

import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.decoding import BROKEN, UnknownEncodingError, decoder_for

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"All the news that fits. " * 3_000


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


PACKED = [
    pytest.param(None, TEXT, id="none"),
    pytest.param("identity", TEXT, id="identity"),
    pytest.param("gzip", gzip.compress(TEXT), id="gzip"),
    pytest.param("x-gzip", gzip.compress(TEXT), id="x-gzip"),
    pytest.param(" GZIP ", gzip.compress(TEXT), id="case-and-space"),
    pytest.param("gzip", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]), id="gzip-of-two-members"),
    pytest.param("gzip", gzip.compress(TEXT) + b"\x00\x00junk", id="gzip-with-junk-behind"),
    pytest.param("deflate", zlib.compress(TEXT), id="deflate"),
    pytest.param("deflate", raw_deflate(TEXT), id="deflate-bare"),
    pytest.param("br", brotli.compress(TEXT), id="brotli"),
    pytest.param("zstd", zstd.compress(TEXT), id="zstd"),
    pytest.param("zstd", zstd.compress(TEXT[:99]) + zstd.compress(TEXT[99:]), id="zstd-of-two-frames"),
]


def decoded(encoding: str | None, data: bytes, step: int, limit: int = 10**9) -> bytes:
    decoder, out = decoder_for(encoding), b""
    for start in range(0, len(data), step):
        out += decoder.feed(data[start : start + step], limit - len(out))
        if len(out) >= limit:
            return out
    decoder.finish()
    return out


@pytest.mark.parametrize("step", [1, 7, 1_000, 10**7])
@pytest.mark.parametrize(("encoding", "data"), PACKED)
def test_a_body_is_the_same_in_any_pieces(encoding: str | None, data: bytes, step: int) -> None:
    """The wire cuts where it likes."""
    assert decoded(encoding, data, step) == TEXT


@given(st.binary(max_size=300), st.integers(1, 50), st.sampled_from(["gzip", "deflate", "br", "zstd"]))
def test_every_body_survives(data: bytes, step: int, encoding: str) -> None:
    """Any bytes, also none."""
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}[encoding]
    assert decoded(encoding, pack(data), step) == data


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_no_bytes_are_an_empty_body(encoding: str) -> None:
    """Some servers name an encoding and send nothing."""
    assert decoded(encoding, b"", 1) == b""


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        pytest.param("gzip", gzip.compress(bytes(50_000_000), 9), id="gzip"),
        pytest.param("deflate", zlib.compress(bytes(50_000_000), 9), id="deflate"),
        pytest.param("br", brotli.compress(bytes(50_000_000), quality=5), id="brotli"),
        pytest.param("zstd", zstd.compress(bytes(50_000_000)), id="zstd"),
    ],
)
def test_a_bomb_gives_no_more_than_the_limit(encoding: str, data: bytes) -> None:
    """50 MB in a few kB: what comes out is the limit, however the input is cut."""
    assert len(decoded(encoding, data, 10**7, limit=100_001)) == 100_001
    assert len(decoded(encoding, data, 500, limit=100_001)) == 100_001


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,br", "br, identity", "compress", "aes128gcm"])
def test_stacked_and_unknown_encodings_are_refused(encoding: str) -> None:
    """Stacked encodings multiply their ratios."""
    with pytest.raises(UnknownEncodingError):
        decoder_for(encoding)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        pytest.param("gzip", b"\x00\x01not packed", id="gzip-that-is-none"),
        pytest.param("br", b"<html>not packed</html>", id="brotli-that-is-none"),
        pytest.param("zstd", b"\x00\x01not packed", id="zstd-that-is-none"),
        pytest.param("deflate", b"<html>not packed</html>", id="deflate-that-is-none"),
        pytest.param("gzip", gzip.compress(TEXT)[:-20], id="gzip-cut-off"),
        pytest.param("deflate", zlib.compress(TEXT)[:-20], id="deflate-cut-off"),
        pytest.param("deflate", zlib.compress(TEXT)[:1], id="deflate-cut-off-at-once"),
        pytest.param("br", brotli.compress(TEXT)[:-5], id="brotli-cut-off"),
        pytest.param("zstd", zstd.compress(TEXT)[:-5], id="zstd-cut-off"),
        pytest.param("gzip", gzip.compress(b"") * 1_001, id="gzip-of-too-many-members"),
    ],
)
def test_a_broken_body_is_an_error(encoding: str, data: bytes) -> None:
    """Half an article must not be stored as one."""
    with pytest.raises(BROKEN):
        decoded(encoding, data, 1_000)
