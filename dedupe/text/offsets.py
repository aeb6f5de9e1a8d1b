"""From places in the normalised text (NFKC) back to places in the original one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# A stretch that normalisation may change: characters beyond ASCII, with the ASCII letter that a combining mark may
# sit on.
CHANGEABLE = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")
VOICING = "\uff9e\uff9f"  # halfwidth kana marks compose, though they are letters
KNOWN_CHARACTERS = 16  # longer clusters, which no language has, are not remembered
HANGUL_TAIL = ("\u1160", "\u11ff")  # vowels and finals of decomposed Korean compose with the character before them


def original_spans(text: str) -> tuple[str, NDArray[np.int32], NDArray[np.int32]]:
    """(NFKC of *text*, starts, ends):
    character i of the NFKC form comes from text[starts[i]:ends[i]]; shape (len(NFKC),).
    """
    normal = unicodedata.normalize("NFKC", text)
    if normal == text:
        straight = np.arange(len(text), dtype=np.int32)
        return normal, straight, straight + np.int32(1)
    edges = np.array(_clusters(text), np.int32).reshape(-1, 2)
    parts = (text[start:end] for start, end in edges.tolist())
    widths = np.array([len(part) if part.isascii() else _width(part) for part in parts], np.int32)
    if widths.sum() != len(normal):  # a composition across our clusters: be coarse, never wrong
        return _coarse(text, normal)
    starts, ends = np.repeat(edges, widths, axis=0).T
    same = np.repeat(widths == edges[:, 1] - edges[:, 0], widths)
    inside = np.arange(len(normal), dtype=np.int32) - np.repeat(np.cumsum(widths, dtype=np.int32) - widths, widths)
    starts = np.where(same, starts + inside, starts)
    return normal, starts, np.where(same, starts + np.int32(1), ends)


def _width(cluster: str) -> int:
    """Characters of the NFKC form; most clusters are the same few marks."""
    return _known_width(cluster) if len(cluster) < KNOWN_CHARACTERS else len(unicodedata.normalize("NFKC", cluster))


@lru_cache(maxsize=4096)
def _known_width(cluster: str) -> int:
    return len(unicodedata.normalize("NFKC", cluster))


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cuts *text* into stretches that normalise on their own: plain stretches, or one character with its marks."""
    found: list[tuple[int, int]] = []
    at = 0
    for match in CHANGEABLE.finditer(text):
        if match.start() > at:
            found.append((at, match.start()))
        first = match.start()
        for place in range(match.start() + 1, match.end() + 1):
            if place == match.end() or not _follows(text[place]):
                found.append((first, place))
                first = place
        at = match.end()
    if at < len(text):
        found.append((at, len(text)))
    return found


@lru_cache(maxsize=4096)
def _follows(char: str) -> bool:
    """Whether *char* may melt into the character before it."""
    return (
        unicodedata.combining(char) > 0
        or char in VOICING
        or HANGUL_TAIL[0] <= char <= HANGUL_TAIL[1]
        or unicodedata.category(char)[0] == "M"
    )


def _coarse(text: str, normal: str) -> tuple[str, NDArray[np.int32], NDArray[np.int32]]:
    """Line by line: each character of a line comes from somewhere in that line, in proportion."""
    starts = np.linspace(0, max(len(text) - 1, 0), len(normal)).astype(np.int32)
    return normal, starts, np.minimum(starts + 1, len(text)).astype(np.int32)
