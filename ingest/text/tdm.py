"""Text and data mining: whether a page, its headers or its robots metas opt out of it (TDMRep, noai).

TDMRep (https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240202/): the page's
`<meta name="tdm-reservation">` goes before the header `tdm-reservation`, and that before the host's
/.well-known/tdmrep.json. Beside it the words noai, noimageai and noml in the robots meta or in `X-Robots-Tag`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ingest.records import Page

FILE_HEADER: Final = "wirecopy-tdmrep"  # our note among a page's headers: "1" if its host's tdmrep.json reserves it
HEAD_BYTES: Final = 500_000  # how far a page is looked through for its meta elements
_NO_AI: Final = re.compile(r"\b(?:noai|noimageai|noml)\b", re.IGNORECASE)
_WORDS: Final = (b"tdm-reservation", b"noai", b"noimageai", b"noml")
_UNSEEN: Final = re.compile(rb"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_META: Final = re.compile(rb"<meta\b([^>]{1,2000})>", re.IGNORECASE)
_TAG: Final = re.compile(rb"<meta\b[^>]{1,2000}", re.IGNORECASE)  # closed or not: linear in whatever a page holds
_ATTRIBUTE: Final = re.compile(rb"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def tdm_opt_out(headers: Mapping[str, str], meta: str | None, robots: Iterable[str]) -> bool | None:
    """True: reserved; False: expressly free; None: nothing is said.

    *headers* are Page.headers, *meta* the page's tdm-reservation, *robots* the contents of its robots metas.
    """
    stated = (meta or headers.get("tdm-reservation") or headers.get(FILE_HEADER) or "").strip()
    if stated == "1" or _NO_AI.search(" ".join([headers.get("x-robots-tag", ""), *robots])):
        return True
    return False if stated == "0" else None


def opts_out(page: Page) -> bool:
    """Whether *page* is reserved, read from its bytes: extraction, which reads the whole tree, may run much later."""
    metas = list(_metas(page.body))
    stated = next((content for name, content in metas if name == "tdm-reservation"), None)
    robots = [content for name, content in metas if name == "robots"]
    return tdm_opt_out(page.headers, stated, robots) is True


def _metas(body: bytes) -> Iterator[tuple[str, str]]:
    """(name, content) of the meta elements, if one of them has one of the words at all; UTF-16 is read like ASCII."""
    head = body[:HEAD_BYTES]
    if b"\0" in head[:200]:
        head = head.replace(b"\0", b"")
    tags = b">".join(_TAG.findall(head)).lower()
    if not any(word in tags for word in _WORDS):  # in most pages; looking in all of the page takes four times as long
        return
    for meta in _META.finditer(_UNSEEN.sub(b"", head)):
        found = {name.lower(): (a or b or c) for name, a, b, c in _ATTRIBUTE.findall(meta[1])}
        name = found.get(b"name") or found.get(b"property") or b""
        yield name.strip().lower().decode("latin-1"), found.get(b"content", b"").decode("latin-1")
