"""Bylines to names: `By Ann Lee and Bo Chi, AP` is three of them, a profile URL is none."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final

from ingest.plain import fold

MAX_NAMES, MAX_CHARS = 50, 150
_BY: Final = re.compile(
    r"^(?:(?i:written by|reporting by|story by|by|autor(?:in)?:|author:|text:)\s*:?\s+(?=\S)"
    # Small words that also begin surnames (Von Miller, da Silva) are prepositions only before two capitalised names.
    r"|(?:[Vv]on|[Pp]ar|[Pp]or|[Dd]i|[Dd]oor|[Aa]v|[Aa]f)\s+(?=[^\W\d_a-zß-ÿ]\S*\s+[^\W\d_a-zß-ÿ]))"
)
_GLUE: Final = re.compile(r"\s*(?:;|\||\n|\s/\s|,?\s+(?:and|und|et|y|e|en|och|og|with|&)\s+)\s*", re.IGNORECASE)
_NO_NAME: Final = re.compile(
    r"https?://|www\.|^@|^\d+$|^(?:admin|administrator|editor|staff|null|none|undefined|unknown|author|by|n/a|-+|\[\]|wordpress)$",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_SIGN: Final = re.compile(r"\s*\([a-z/.]{2,6}\.?\)?\.?$")  # an editor's initials: `Ann Lee (ale)`
_INNER_COMMA: Final = re.compile(r"\s*,\s*")


def person_names(groups: Iterable[list[str]]) -> tuple[str, ...]:
    """The names of the first group that has any, in order, each once."""
    for group in groups:
        names = [name for raw in group for name in split_names(raw)]
        if unique := {name.casefold(): name for name in reversed(names)}:
            return tuple(reversed(unique.values()))[:MAX_NAMES]
    return ()


def split_names(raw: str) -> list[str]:
    """The people of one byline, cleaned."""
    text = _BY.sub("", fold(html.unescape(raw)))
    if len(text) > 5 * MAX_CHARS:
        return []
    return [name for part in _GLUE.split(text) for piece in _by_comma(part) if (name := _cleaned(piece))]


def _by_comma(text: str) -> list[str]:
    """Split at commas only where every part can be a name of its own: `Lee, Ann` and `Ann Lee, Jr.` stay whole."""
    parts = [part for part in _INNER_COMMA.split(text) if part]
    return parts if len(parts) > 1 and all(" " in part or part.isupper() or part == "dpa" for part in parts) else [text]


def _cleaned(text: str) -> str:
    name = _SIGN.sub("", _BY.sub("", _MAIL.sub("", text))).strip(" ,;:|-–—()[]•·")
    return "" if not name or len(name) > MAX_CHARS or _NO_NAME.search(name) else name
