"""A feed with a broken entry, repaired entry by entry.

feedparser's loose parser loses all entries after a wrongly closed tag. If the document is cut at the entries' own start
tags, the damage stays inside one entry.
"""

from __future__ import annotations

import html
import re
from typing import Final
from xml.parsers import expat

_NO_MARKUP: Final = re.compile(
    r"(<!--.*?-->|<!\[CDATA\[.*?\]\]>)|&(?!(?:#\d+|#[xX][0-9A-Fa-f]+);)(?:[A-Za-z][A-Za-z0-9]*;)?",
    re.DOTALL,
)
_START: Final = re.compile(r"<((?:[A-Za-z][\w.-]*:)?(?:item|entry))(?=[\s>])")
_ROOT: Final = re.compile(r"<((?:[A-Za-z][\w.-]*:)?(?:rss|rdf|feed))\b[^>]*>", re.IGNORECASE)
_REFERENCES: Final = re.compile(r"(?:&#(?:[xX][0-9A-Fa-f]{1,8}|[0-9]{1,8});)+")
_CLOSERS: Final = re.compile(r"(?:</(?:\w+:)?(?:channel|rss|rdf|feed)\s*>\s*)+$", re.IGNORECASE)


def count_entries(text: str) -> int:
    """Start tags of entries in *text*."""
    return sum(1 for _ in _START.finditer(text))


def mend_references(text: str) -> str:
    """*text* with every numeric reference to a valid character: an emoji written as two UTF-16 halves
    (&#xD83D;&#xDE00;) becomes one character, and an invalid number U+FFFD. feedparser would raise on them, and the
    whole feed would be lost.
    """
    return _REFERENCES.sub(lambda run: _written(run[0]), text)


def _written(run: str) -> str:
    """A run of references, unchanged if all are valid characters, else decoded."""
    codes = [int(code[1:], 16) if code[0] in "xX" else int(code) for code in run[2:-1].split(";&#")]
    if not any(0xD800 <= code < 0xE000 or code > 0x10FFFF for code in codes):
        return run
    units = "".join(chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes)
    characters = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join(character if character not in "<>&" else f"&#{ord(character)};" for character in characters)


def mend_markup(text: str) -> str:
    """*text* with every & that begins no reference of XML written as one: `?id=1&lang=en` is an address, and lxml
    would read it as `?id=1=en`. HTML's own (&nbsp;) become their characters; comments and CDATA stay as they are.
    References are written by number: libxml2 forgets those by name (&amp;) behind the first mistake of a document.
    """
    return _NO_MARKUP.sub(lambda found: found[0] if found[1] else _ampersand(found[0]), mend_references(text))


def _ampersand(reference: str) -> str:
    """*reference* is & alone, or with the name that follows it and a semicolon."""
    meant = html.unescape(reference) if reference.endswith(";") else reference
    return "".join(f"&#{ord(sign)};" if sign in "&<>" else sign for sign in meant)


def mend(text: str) -> str | None:
    """*text* with every entry well-formed; parts that cannot be recovered are left out. None if it has no root or no
    entries.
    """
    starts = list(_START.finditer(text))
    root = _ROOT.search(text, 0, starts[0].start()) if starts else None
    if root is None:
        return None
    head = text[: starts[0].start()]
    ends = [*(start.start() for start in starts[1:]), len(text)]
    entries = [_entry(text[start.start() : end], start[1], root) for start, end in zip(starts, ends, strict=True)]
    channel = "</channel>" if "<channel" in head and "</channel" not in head else ""
    return f"{head}{''.join(entries)}{channel}</{root[1]}>"


def _entry(chunk: str, name: str, root: re.Match[str]) -> str:
    """One entry, well-formed, or nothing. Text between it and the next one belongs to neither."""
    end = chunk.rfind(f"</{name}>")
    entry = chunk[: end + len(name) + 3] if end >= 0 else f"{_CLOSERS.sub('', chunk.rstrip())}</{name}>"
    wrapped = f"{root[0]}{entry}</{root[1]}>"
    return entry if _well_formed(wrapped) else _recovered(wrapped)


def _well_formed(document: str) -> bool:
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(document.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


def _recovered(document: str) -> str:
    """The first entry that libxml2 can make out, as XML; empty if there is none."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, encoding="utf-8")
    tree = etree.fromstring(document.encode("utf-8", "replace"), parser=parser)
    first = next(iter(tree), None) if tree is not None else None
    return str(etree.tostring(first, encoding="unicode", with_tail=False)) if first is not None else ""
