"""Bylines to names: `By Ann Lee and Bo Chi, AP` is three of them, a profile URL is none."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final

from ingest.text.cleaning import fold

MAX_NAMES, MAX_CHARS = 50, 150
BY_WORDS: Final = r"written by|reporting by|story by|by|von|par|por|di|door|av|af|od|yazan"
_BY: Final = re.compile(
    r"^(?:(?i:written by|reporting by|story by|by|autor(?:in)?:|author:|text:)\s*:?\s+(?=\S)"
    # Small words that also begin surnames (Von Miller, da Silva) are prepositions only before two capitalised names.
    r"|(?:[Vv]on|[Pp]ar|[Pp]or|[Dd]i|[Dd]oor|[Aa]v|[Aa]f)\s+(?=[^\W\d_a-zß-ÿ]\S*\s+[^\W\d_a-zß-ÿ]|[A-Z]{2,6}\b)"
    r"|By(?=[A-Z]))"  # `ByABC News`
)
_ANY_BY: Final = re.compile(rf"^(?:{BY_WORDS})\s+(?=\S)", re.IGNORECASE)
_GLUE: Final = re.compile(r"\s*(?:;|\||\n|\s/\s|,?\s+(?:and|und|et|y|e|en|och|og|with|&)\s+)\s*", re.IGNORECASE)
_NO_NAME: Final = re.compile(
    r"https?://|www\.|^@|^\d+$|^(?:admin|administrator|editor|staff|null|none|undefined|unknown|author|by|n/a|-+|\[\]|wordpress)$",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_SIGN: Final = re.compile(r"\s*\([a-z/.]{2,6}\.?\)?\.?$")  # an editor's initials: `Ann Lee (ale)`
# A time, a day or an age behind a name: `Ann Lee 14:30`, `Ann Lee, 16 Nov 2026`, `Ann Lee • 2 hours ago`.
_WHEN: Final = re.compile(
    r"(?<=\w\w)[\s,;|•·–-]*(?:\b(?:on|at|am|um|le|il|el|published|updated|posted)\b:?\s*)*"
    r"(?:\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+)?\b\d{1,4}(?:[:.h/-]\d|(?:st|nd|rd|th)?\W+\w{3,}).*$",
    re.IGNORECASE | re.DOTALL,
)
_SUFFIX: Final = re.compile(r"(?:jr|sr|m\.?d|ph\.?d|dr|esq|ii|iii|iv)\.?", re.IGNORECASE)  # of a name, behind a comma
_INNER_COMMA: Final = re.compile(r"\s*,\s*")
_SITE: Final = re.compile(r"(?:[\w-]+\.)+[a-z]{2,8}", re.IGNORECASE)  # after a comma: a place, not a person
_ROLE: Final = re.compile(
    r"\b(?:reporter|correspondent|korrespondent\w*|correspondant\w*|corresponsal|corrispondente|journalist\w*|"
    r"periodista|giornalista|jornalista|gazeteci|muhabir\w*|editor|redakt\w+|redac\w+|rédact\w+|redattor\w+|"
    r"writer|columnist|contributor|columnista|professor\w*|profesor\w*|producer|photographer|fotograf\w*|desk)\b",
    re.IGNORECASE,
)
_PARTICLES: Final = frozenset("al bin da das de del della den der di do dos du el ibn la le ten ter van von y".split())  # noqa: SIM905


def person_names(groups: Iterable[list[str]]) -> tuple[str, ...]:
    """The names of the first group that has any, in order, each once."""
    for group in groups:
        names = [name for raw in group for name in split_names(raw)]
        if unique := {name.casefold(): name for name in reversed(names)}:
            return tuple(reversed(unique.values()))[:MAX_NAMES]
    return ()


def split_names(raw: str) -> list[str]:
    """The people of one byline, cleaned."""
    text = _WHEN.sub("", _BY.sub("", fold(html.unescape(raw))))
    if len(text) > 5 * MAX_CHARS:
        return []
    return [name for part in _GLUE.split(text) for piece in _by_comma(part) if (name := _cleaned(piece))]


def without_by(text: str) -> str:
    """*text* without the word that introduces a writer, even before a single name: `von Reuters`."""
    return _ANY_BY.sub("", text).strip()


def _by_comma(text: str) -> list[str]:
    """Split at commas where every part can be a name of its own: `Lee, Ann` and `Ann Lee, Jr.` stay whole. What
    stands behind a whole name and is a role, an office or a web address is left out.
    """
    parts = [part for part in _INNER_COMMA.split(text) if part]
    if len(parts) > 1 and " " in parts[0]:
        parts = [parts[0], *(part for part in parts[1:] if not _tells_what_or_where(part))]
        text = ", ".join(parts)
    return parts if len(parts) > 1 and all(" " in part or part.isupper() or part == "dpa" for part in parts) else [text]


def _tells_what_or_where(part: str) -> bool:
    """`senior reporter`, `professor of law`, `lrt.lt`, `Nairobi`: words in small letters that no name has, an address,
    or one word that is neither an agency nor a name's suffix.
    """
    if " " not in part and part[0].isupper() and not part.isupper() and not _SUFFIX.fullmatch(part):
        return True
    small = any(word[0].islower() and word.casefold() not in _PARTICLES for word in part.split())
    return bool(_SITE.fullmatch(part) or _ROLE.search(part) or (small and " " in part))


def _cleaned(text: str) -> str:
    name = _SIGN.sub("", _BY.sub("", _MAIL.sub("", text))).strip(" ,;:|-–—()[]•·")
    return "" if not name or len(name) > MAX_CHARS or _NO_NAME.search(name) else name
