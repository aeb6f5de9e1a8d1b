"""Bodies under a cap: received data are decompressed piece by piece, never more than a byte beyond the cap."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

BROKEN: Final = (zlib.error, brotli.error, ZstdError, EOFError)
"""The errors of decoders for a body that does not match its Content-Encoding."""
# Codings that exist (https://www.iana.org/assignments/http-parameters) and are not decoded here.
_UNREAD: Final = frozenset({"compress", "x-compress", "aes128gcm", "exi", "pack200-gzip", "dcb", "dcz"})
_TAIL_BYTES: Final = 500  # in which a document ends; comments of caches may follow
_DOCUMENT_ENDS: Final = re.compile(
    rb"</(?:html|rss|feed|rdf:rdf|urlset|sitemapindex)\s*>(?:\s|<!--(?:(?!-->).)*+-->)*+\Z", re.IGNORECASE | re.DOTALL
)
_TEXT_BEGINS: Final = (b"<", b"{", b"[", b"\xef\xbb\xbf<", b"\n", b"\r\n", b" <")  # no compressed body does
_MAX_MEMBERS: Final = 1_000  # gzip members or zstd frames in one body; real ones have one, each costs a fresh decoder


class UnknownEncodingError(ValueError):
    """A Content-Encoding that we did not offer, or more than one: stacked encodings are how bombs are built."""


class Decoder(Protocol):
    """Decodes a stream piece by piece."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """The decoded *data*, at most *limit* bytes. Any rest is lost, because the caller gives up then."""
        ...

    def finish(self) -> None:
        """EOFError if the stream is not whole."""
        ...


def decoder_for(content_encoding: str | None) -> Decoder:
    """The decoder of one Content-Encoding; UnknownEncodingError for several, or one that was not offered.
    One that nobody knows (`aws-chunked`, `UTF-8`, `none`) is a server's mistake: the body is left as it is.
    """
    name = (content_encoding or "identity").strip().lower()
    if "," in name or name in _UNREAD:
        raise UnknownEncodingError(f"Content-Encoding {name[:60]!r} is not accepted")
    return _DECODERS.get(name, _Identity)()


def is_whole(body: bytes) -> bool:
    """True if *body* ends as a document of HTML or a feed does: some servers leave out the end of a compressed body,
    behind all of its data.
    """
    return bool(_DOCUMENT_ENDS.search(body[-_TAIL_BYTES:]))


def is_known(content_encoding: str | None) -> bool:
    """Whether the name of a Content-Encoding has a decoder here; no name has."""
    return (content_encoding or "identity").strip().lower() in _DECODERS


class _Identity:
    def feed(self, data: bytes, limit: int) -> bytes:
        return data[:limit]

    def finish(self) -> None:
        pass


class _Members:
    """gzip and zstd: one or several members. Bytes behind the last that open none are ignored, as browsers do. A body
    that begins as text was never compressed, whatever its header says, and is left as it is.
    """

    def __init__(self, fresh: Callable[[], Any], magic: bytes) -> None:
        self._fresh, self._magic = fresh, magic
        self._current: Any = None
        self._members, self._over, self._is_text = 0, False, False

    def feed(self, data: bytes, limit: int) -> bytes:
        self._is_text = self._is_text or (not self._members and data.startswith(_TEXT_BEGINS))
        if self._is_text:
            return data[:limit]
        pieces, left = list[bytes](), limit
        while data and left > 0 and not self._over:
            if self._current is None:
                self._open(data)
                continue
            pieces.append(self._current.decompress(data, left))
            left -= len(pieces[-1])
            data = self._current.unused_data
            if self._current.eof:
                self._current = None
        return b"".join(pieces)  # a single piece is not copied

    def finish(self) -> None:
        if self._current is not None:
            raise EOFError("the compressed body ends early")

    def _open(self, data: bytes) -> None:
        if self._members and not data.startswith(self._magic[: len(data)]):
            self._over = True
            return
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise EOFError(f"a compressed body of more than {_MAX_MEMBERS} members")
        self._current = self._fresh()


class _Deflate:
    """`deflate` is zlib's format, but some servers send the bare stream: the first bytes decide."""

    def __init__(self) -> None:
        self._head = b""
        self._zlib: Any = None

    def feed(self, data: bytes, limit: int) -> bytes:
        if self._zlib is None:
            self._head += data
            if len(self._head) < 2:
                return b""
            data = self._head
            self._zlib = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_header(data) else -zlib.MAX_WBITS)
        return bytes(self._zlib.decompress(data, limit))

    def finish(self) -> None:
        if self._head and not (self._zlib and self._zlib.eof):
            raise EOFError("the compressed body ends early")


class _Brotli:
    def __init__(self) -> None:
        self._brotli, self._empty = brotli.Decompressor(), True

    def feed(self, data: bytes, limit: int) -> bytes:
        self._empty = self._empty and not data
        # brotli takes the limit as a hint and goes up to some 130 kB or 2.3 times beyond: cut afterwards.
        out = bytearray(self._brotli.process(data, output_buffer_limit=limit))
        while len(out) < limit and not self._brotli.can_accept_more_data():
            more = self._brotli.process(b"", output_buffer_limit=limit - len(out))
            if not more:
                break
            out += more
        return bytes(out[:limit])

    def finish(self) -> None:
        if not self._empty and not self._brotli.is_finished():
            raise EOFError("the compressed body ends early")


def _has_zlib_header(data: bytes) -> bool:
    """RFC 1950, 2.2: method 8, and the first two bytes are a multiple of 31."""
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


def _gzip() -> Decoder:
    return _Members(lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), b"\x1f\x8b")


def _zstd() -> Decoder:
    return _Members(ZstdDecompressor, b"\x28\xb5\x2f\xfd")


_DECODERS: Final[dict[str, Callable[[], Decoder]]] = {
    "": _Identity,
    "identity": _Identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _zstd,
}
ACCEPT_ENCODING: Final = "gzip, deflate, br, zstd"
