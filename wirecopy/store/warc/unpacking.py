"""Bodies of foreign records: transfer and content encoding undone, under a cap. Headers are often wrong about both."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Final

from ingest.fetch.decoding import BROKEN, UnknownEncodingError, decoder_for, is_known

_PIECE: Final = 65_536  # bytes
_CONTROLS: Final = frozenset(range(1, 9))  # no text has them; UTF-16 has zeros


class UnpackError(Exception):
    """A body that cannot be unpacked; *reason* is one of unusable.REASONS."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail

    def __str__(self) -> str:
        return self.detail


def unpack(body: bytes, headers: Iterable[tuple[str, str]], *, cap: int) -> bytes:
    """*body* as a browser would see it, at most *cap* bytes. Raises UnpackError.

    Many crawlers store the unpacked body with the headers of the packed one, so a body that is markup already is left
    as it is.
    """
    said = {name.lower(): value for name, value in headers}
    if "chunked" in said.get("transfer-encoding", "").lower():
        body = _joined(body)
    if not _is_markup(body):
        body = _decoded(body, said.get("content-encoding"), cap)
    if len(body) > cap:
        raise UnpackError("too_large", f"more than {cap:,} bytes")
    return body


def _joined(body: bytes) -> bytes:
    from fastwarc.stream_io import ChunkedReader

    size = body[:16].partition(b"\r\n")[0].partition(b";")[0].strip()
    if not size or set(size.lower()) - set(b"0123456789abcdef"):
        return body  # joined already
    try:
        return ChunkedReader(BytesIO(body)).read()
    except OSError as error:
        raise UnpackError("clipped", f"its chunks are not whole ({error})") from error


def _decoded(body: bytes, encoding: str | None, cap: int) -> bytes:
    out = bytearray()
    try:
        decoder = decoder_for(encoding)
        for at in range(0, len(body), _PIECE):
            out += decoder.feed(body[at : at + _PIECE], cap + 1 - len(out))
            if len(out) > cap:
                raise UnpackError("too_large", f"more than {cap:,} bytes")
        decoder.finish()
    except EOFError as error:
        raise UnpackError("clipped", str(error)) from error
    except (UnknownEncodingError, *BROKEN) as error:
        raise UnpackError("malformed", f"it is not {encoding} ({error})") from error
    if not is_known(encoding) and _CONTROLS & set(out[:1_000]):
        raise UnpackError("malformed", f"nobody knows {(encoding or '')[:60]!r}, and the body is no text")
    return bytes(out)


def _is_markup(body: bytes) -> bool:
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
