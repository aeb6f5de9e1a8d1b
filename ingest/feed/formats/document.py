"""A fetched document as text: what every kind of feed is told by, and read from."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import Final

from ingest.errors import ParseError
from ingest.records import Page
from ingest.text import charset

_HEAD: Final = 4_000  # characters in which the outermost element begins; comments and a stylesheet come before it
_BEFORE_ROOT: Final = re.compile(r"<(?:!--.*?(?:-->|\Z)|[?!][^>]*>)", re.DOTALL)
_ROOT: Final = re.compile(r"<(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[\s>]")
# What PHP prints before an answer, on sites that show their warnings to everybody; and how documents begin behind it.
_NOTICE: Final = re.compile(
    r"(?:PHP |<br\s*/?>|<b>|\s)*(?:Fatal error|Warning|Notice|Deprecated|Strict Standards)\b.{0,2000}?\bon line\b",
    re.DOTALL,
)
_BEGIN: Final = re.compile(
    r"""<\?xml|<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b|\[\s*\{\s*"|\{\s*"|\[\s*\]\s*\Z|(?P<page><(?:!doctype|html)\b)""",
    re.I,
)
MAX_BYTES: Final = 64_000_000  # after gunzip here; the fetcher's own cap comes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document, decompressed and decoded."""

    url: str  # after redirects: what errors name, and what relative links are resolved against
    media_type: str  # of Content-Type, in lower case, without parameters; "" if the server gave none
    text: str  # without what stands before it: BOM, white space, warnings

    @property
    def root(self) -> str | None:
        """The local name of the outermost element, if this is XML or HTML."""
        match = _ROOT.match(_BEFORE_ROOT.sub("", self.text[:_HEAD]).lstrip())
        return match[1] if match else None


def read_document(page: Page) -> Document:
    """The text of *page*. Raises ParseError for a gzip file that is broken."""
    text = _without_notices(charset.decode(_gunzipped(page), page.headers).lstrip("\ufeff \t\r\n"))
    media_type = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Document(url=page.final_url, media_type=media_type, text=text)


def _without_notices(text: str) -> str:
    """From the document itself on. A page for people stays as it is: it may hold JSON that is no answer."""
    notice = _NOTICE.match(text)
    begun = notice and _BEGIN.search(text, notice.end())
    return text if not begun or begun["page"] else text[begun.start() :]


def _gunzipped(page: Page) -> bytes:
    """The body; decompressed if the server sent a .gz file unchanged."""
    if not page.body.startswith(b"\x1f\x8b"):
        return page.body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(page.body)) as file:
            return file.read(MAX_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(page.final_url, f"a broken gzip file ({error})") from error
