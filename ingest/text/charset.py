"""Which encoding a document is really in: what it declares is a claim, and often a wrong one.

Valid UTF-8 with multi-byte sequences is UTF-8 whatever a header says (text in another encoding is not valid UTF-8 by
accident). UTF-8 with a few broken bytes stays UTF-8: one clipped character must not turn the whole document into
windows-1252.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Final

_BOMS: Final = (  # the longer first: a UTF-32-LE mark begins with the UTF-16-LE one
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_HEADS: Final = (
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
    (b"<\0!\0", "utf-16-le"),
    (b"\0<\0!", "utf-16-be"),
)
_SUPERSETS: Final = {  # what browsers really use for these names (https://encoding.spec.whatwg.org/#names-and-labels)
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML: Final = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_WELL_FORMED_TAIL: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH: Final = bytes(range(0x80, 0x100))
_LATIN: Final = frozenset(
    {"cp1250", "cp1252", "cp1257", "cp1258", "iso8859-2", "iso8859-4", "iso8859-16", "iso8859-13"}
)
_WESTERN: Final = re.compile(
    rb"(?<=\s)(?:der|die|das|und|les|des|une|est|los|las|del|que|por|che|della|per|uma|dos|em|n\xe3o|com|para|sua|het|een|och|att|som|og|det|"
    rb"for|the|and|of)(?=\s)",
    re.IGNORECASE,
)
_CENTRAL: Final = re.compile(
    rb"(?<=\s)(?:na|se|je|ve|nie|jest|do|za|az|egy|hogy|nem|da|su|od|si|sunt|pentru|este|din|ale|jsou|jako|ktor\S+)(?=\s)",
    re.IGNORECASE,
)
HEAD_BYTES: Final = 4096  # HTML says 1,024 for the meta charset; real pages put it later


def decode(body: bytes, headers: Mapping[str, str]) -> str:
    """*body* as text, whatever it takes; undecodable bytes become U+FFFD."""
    name = sniff(body, headers)
    text = body.decode(name, "replace")
    return text.removeprefix("\ufeff")


def sniff(body: bytes, headers: Mapping[str, str]) -> str:
    """The Python codec to read *body* with: byte-order mark, then the bytes themselves, then header, document,
    statistics.
    """
    for mark, name in (*_BOMS, *_WIDE_HEADS):
        if body.startswith(mark):
            return name
    if is_utf8(body):
        return "utf-8"
    for name in declared(body, headers):
        if name != "utf-8" and _decodes(body, name):
            return name
    return _guess(body) or "cp1252"


def is_utf8(body: bytes) -> bool:
    """True if *body* has multi-byte UTF-8 sequences and hardly anything that breaks them (a broken one in fifty)."""
    if body.isascii():
        return False
    try:
        body.decode("utf-8")
        return True
    except UnicodeDecodeError:
        rest, good = _WELL_FORMED_TAIL.subn(b"", body)
        bad = len(rest) - len(rest.translate(None, _HIGH))
        return good > 50 * bad or (good >= 3 and bad <= 3 and good > bad)


def declared(body: bytes, headers: Mapping[str, str]) -> list[str]:
    """Codec names claimed by the header, an XML declaration and a meta element, in this order; unknown names left
    out.
    """
    claims = [match[1] for match in [_HEADER.search(headers.get("content-type", ""))] if match]
    claims += [
        m[1].decode("ascii", "replace") for m in (_XML.search(body[:HEAD_BYTES]), _META.search(body[:HEAD_BYTES])) if m
    ]
    return [name for name in map(codec, claims) if name]


def codec(label: str) -> str | None:
    """Python's name for the encoding *label*, widened as browsers do; None if there is none for text."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name in {
        "base64",
        "hex",
        "bz2",
        "zlib",
        "rot13",
        "quopri",
        "uu",
        "punycode",
        "idna",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
    }:
        return None
    return _SUPERSETS.get(name, name)


def _decodes(body: bytes, name: str) -> bool:
    """Almost all of *body* reads as *name*: a page with one bad byte is still in the encoding that it declares."""
    if (
        name.startswith(("utf-16", "utf-32")) and b"\0" not in body
    ):  # so says the declaration of a file that was converted since
        return False
    try:
        text = body.decode(name, "replace")
    except (UnicodeError, LookupError):
        return False
    return text.count("\ufffd") * 200 <= len(text)


def _guess(body: bytes) -> str | None:
    if body.isascii():
        return "utf-8"
    from charset_normalizer import from_bytes

    best = from_bytes(body[:20_000]).best()  # 20 KB: enough for its statistics, and its cost grows with the length
    name = codec(best.encoding) if best else None
    return "cp1252" if name in _LATIN and _is_western(body[:20_000]) else name


def _is_western(body: bytes) -> bool:
    """Small words of the west, more of them than of central Europe: statistics of single letters mix the two up."""
    return len(_WESTERN.findall(body)) > len(_CENTRAL.findall(body))
