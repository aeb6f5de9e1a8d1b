"""A large XML document as a stream of its elements: one in memory, broken ones mended, bombs cut."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from ingest.errors import ParseError
from ingest.feed.formats.mending import mend_markup
from ingest.records import Page
from ingest.text import charset

GZIP: Final = b"\x1f\x8b"
PIECE: Final = 1 << 18  # bytes after decompression: the memory of a read is a few of them
MOST: Final = 64_000_000  # bytes after decompression; the protocol allows 50 MB (52,428,800)
HEAD: Final = 4_000  # characters in which the outermost element begins
_BEFORE_ROOT: Final = re.compile(r"<(?:!--.*?(?:-->|\Z)|!DOCTYPE[^>\[]*\[.*?\]\s*>|[?!][^>]*>)", re.DOTALL)
_ROOT: Final = re.compile(r"<(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[\s>/]")
_BEGIN: Final = re.compile(r"<\?xml\s|<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
# Where a text may be cut so that no comment, CDATA section or reference is halved: behind an element of a list.
_CUT: Final = re.compile(r"</(?:[\w.-]+:)?(?:url|sitemap)\s*>", re.IGNORECASE)


def root_of(page: Page) -> str | None:
    """The local name of the outermost element; None for what is no XML. Raises ParseError for a broken gzip file."""
    head = next(_texts(page), "")[:HEAD].lstrip("\ufeff \t\r\n")
    match = _ROOT.match(_BEFORE_ROOT.sub("", head).lstrip())
    return match[1] if match else None


def lines_of(page: Page) -> Iterator[str]:
    """The lines of a text, stripped, without empty ones."""
    rest = ""
    for text in _texts(page):
        *lines, rest = (rest + text).splitlines() or [""]
        yield from (line.strip() for line in lines if line.strip())
    if rest.strip():
        yield rest.strip()


def elements(page: Page, name: str) -> Iterator[Any]:
    """Each element called *name*, in any namespace, to be looked at before the next one is asked for. The last one of a
    document that breaks off comes with what is whole of it, so that it is counted.

    Raises ParseError for a broken gzip file, or more than MOST bytes.
    """
    from lxml import etree

    names = [f"{{*}}{name}", f"{{*}}{name.upper()}"]  # some write all in capitals
    parser = etree.XMLPullParser(
        events=("end",), tag=names, recover=True, resolve_entities=False, no_network=True, encoding="utf-8"
    )
    text = ""
    for text in _mended(_texts(page)):
        parser.feed(text.encode("utf-8", "replace"))
        yield from _taken(parser)
    with suppress(etree.XMLSyntaxError):  # without a single element
        parser.close()
    for element in _taken(parser):
        if len(element) and not text.rstrip().endswith(">"):
            del element[-1]  # half a word, or half an address
        yield element


def _taken(parser: Any) -> Iterator[Any]:
    """The elements that are complete; each is taken out of the tree after it."""
    for _, element in parser.read_events():
        yield element
        parent = element.getparent()
        element.clear()
        if parent is None or parent.tag == element.tag:  # one that was never closed keeps what it has of its own
            continue
        while element.getprevious() is not None:
            del parent[0]


def _mended(texts: Iterator[str]) -> Iterator[str]:
    rest = ""
    for text in texts:
        text, cut = rest + text, 0
        for found in _CUT.finditer(text, max(0, len(text) - PIECE // 4)):
            cut = found.end()
        if not cut and len(text) < 4 * PIECE:
            rest = text
            continue
        cut = cut or len(text)
        rest = text[cut:]
        yield mend_markup(text[:cut]) if "&" in text else text[:cut]
    yield mend_markup(rest)


def _texts(page: Page) -> Iterator[str]:
    pieces = _unpacked(page)
    first = next(pieces, b"")
    decoder = codecs.getincrementaldecoder(charset.sniff(_whole_characters(first), page.headers))("replace")
    yield _from_its_begin(decoder.decode(first).lstrip("\ufeff \t\r\n"))
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)


def _from_its_begin(text: str) -> str:
    """Without what a server says before its document, such as warnings of PHP."""
    begun = _BEGIN.search(text, 0, HEAD)
    return text[begun.start() :] if begun else text


def _whole_characters(piece: bytes) -> bytes:
    """Without a character of UTF-8 that the end of the piece cuts."""
    return piece[: piece.rfind(b">") + 1] or piece


def _unpacked(page: Page) -> Iterator[bytes]:
    """The body in pieces, unpacked if it is a gzip file, whatever its Content-Type; twice if need be."""
    if not page.body.startswith(GZIP):
        yield from (page.body[start : start + PIECE] for start in range(0, len(page.body), PIECE))
        return
    pieces = _gunzipped(page, page.body)
    first = next(pieces, b"")
    if first.startswith(GZIP):
        yield from _gunzipped(page, b"".join((first, *pieces)))
    else:
        yield first
        yield from pieces


def _gunzipped(page: Page, data: bytes) -> Iterator[bytes]:
    """A gzip file of one or more members."""
    size = 0
    while data.startswith(GZIP):
        unpacker = zlib.decompressobj(wbits=31)
        while not unpacker.eof:
            try:
                piece = unpacker.decompress(data, PIECE)
            except zlib.error as error:
                raise ParseError(page.final_url, f"a broken gzip file ({error})") from error
            if not piece and not unpacker.unconsumed_tail and not unpacker.eof:
                raise ParseError(page.final_url, "a gzip file that breaks off")
            size += len(piece)
            if size > MOST:
                raise ParseError(page.final_url, f"a gzip file of more than {MOST:,} bytes after unpacking")
            yield piece
            data = unpacker.unconsumed_tail
        data = unpacker.unused_data
