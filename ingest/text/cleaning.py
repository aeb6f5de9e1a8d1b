"""Text out of markup-bearing strings, and words out of text."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from ingest.records import digest

# "1 < 2" and "<3" are no tags
_TAG: Final = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|</?[a-zA-Z][^<>]*>", re.DOTALL)
_HIDDEN: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_INLINE: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|em|font|i|mark|q|s|small|span|strong|sub|sup|u|wbr)\b[^<>]*>", re.IGNORECASE
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u200b\u2060\ufeff\u00ad]")
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
CHARS_PER_UNSPACED_WORD: Final = 2


def plain_text(markup: str | None, *, limit: int) -> str | None:
    """*markup* without tags and entities, on one line, at most *limit* characters; None if nothing is left."""
    if not markup:
        return None
    shown = markup[: 20 * limit]  # a summary that holds the whole article need not be cleaned to its end
    if "<" in shown:
        shown = _TAG.sub(" ", _INLINE.sub("", _HIDDEN.sub(" ", shown)))
    if "&" in shown:
        shown = html.unescape(shown)
        shown = _TAG.sub(" ", _INLINE.sub("", shown)) if "<" in shown else shown
    return clip(fold(shown), limit) or None


def fold(text: str) -> str:
    """Control and invisible characters out, every run of whitespace one space."""
    return " ".join(_CONTROL.sub("", text).split())


def clip(text: str, limit: int) -> str:
    """*text* cut at a word's end if it is longer than *limit*."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head[: head.rfind(" ")] if " " in head[limit // 2 :] else head).rstrip() + "…"


def count_words(text: str) -> int:
    """Words between spaces; where a script has no spaces, two characters count as one word."""
    unspaced = len(_UNSPACED.findall(text))
    if not unspaced:
        return len(text.split())
    return len(_UNSPACED.sub(" ", text).split()) + unspaced // CHARS_PER_UNSPACED_WORD


def content_hash(text: str) -> str:
    """32 hex: equal for texts that differ only in case, whitespace or Unicode form."""
    return digest(" ".join(unicodedata.normalize("NFKC", text).casefold().split()))
