"""Mixed news without end: made-up words with the frequencies of real ones, one text in ten a reworded copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

SYLLABLES = ["ba", "ke", "lo", "mi", "ru", "ta", "ve", "so", "ni", "dra", "pel", "gor", "sten", "lum", "qua", "fir"]
SYLLABLES += ["an", "er", "es", "in", "on", "ter", "val", "der", "ing", "ist"]
VOCABULARY = 120_000
WORDS = 370  # mean length of a text, that of fnc_dev
PIECE = 20  # words of the set phrases and the background that texts share
USES = 10  # texts that contain a piece, whatever the number of texts
SHARED = 0.35  # share of a text that is such pieces
COPIES = 0.10  # share of texts that reword one of the last thousand
REWORDED = 0.12  # words replaced in a copy and in a shared piece
QUOTED = 0.5  # texts with a quotation
REMEMBERED = 1_000

Words = NDArray[np.int32]


@cache
def vocabulary() -> NDArray[np.object_]:
    """Words of two to four syllables, the frequent ones short."""
    draw = np.random.default_rng(1)
    sizes = np.where(np.arange(VOCABULARY) < 300, 1, draw.integers(2, 5, VOCABULARY))
    return np.array(["".join(draw.choice(SYLLABLES, size)) for size in sizes], object)


def texts(count: int, *, seed: int = 0) -> Iterator[str]:
    """*count* texts, the same for the same seed."""
    draw = np.random.default_rng(seed)
    many = max(int(count * WORDS * SHARED / PIECE / USES), 1)
    pieces = _words(np.random.default_rng(2), many * PIECE).reshape(many, PIECE)
    recent: list[Words] = []
    for number in range(count):
        copied = recent and draw.random() < COPIES
        words = _reworded(draw, recent[draw.integers(len(recent))]) if copied else _report(draw, pieces)
        if not copied:
            recent = [*recent[-REMEMBERED:], words] if len(recent) > 2 * REMEMBERED else recent
            recent.append(words)
        yield _print(draw, words, number)


def _words(draw: np.random.Generator, count: int) -> Words:
    """Word numbers by Zipf's law (exponent 1)."""
    return np.minimum(np.exp(draw.random(count) * np.log(VOCABULARY)).astype(np.int32), VOCABULARY) - 1


def _report(draw: np.random.Generator, pieces: Words) -> Words:
    size = int(np.clip(draw.lognormal(np.log(WORDS), 0.5), 40, 3_000))
    chosen = pieces[draw.integers(len(pieces), size=int(size * SHARED) // PIECE)]
    own = _words(draw, max(size - chosen.size, 20)).tolist()
    blocks = [own[at : at + 30] for at in range(0, len(own), 30)]
    for piece in chosen:
        blocks.insert(int(draw.integers(len(blocks) + 1)), _reworded(draw, piece).tolist())
    return np.array([word for block in blocks for word in block], np.int32)


def _reworded(draw: np.random.Generator, words: Words) -> Words:
    changed = draw.random(len(words)) < REWORDED
    return np.where(changed, _words(draw, len(words)), words)


def _print(draw: np.random.Generator, words: Words, number: int) -> str:
    """Sentences of about 18 words in paragraphs of three, some quoted, with a number of its own."""
    spelt = vocabulary()[words].tolist()
    sentences = [" ".join(spelt[at : at + 18]).capitalize() + "." for at in range(0, len(spelt), 18)]
    if draw.random() < QUOTED and len(sentences) > 3:
        sentences[2] = f"“{sentences[2]}”"
    sentences[0] += f" It was number {int(hashlib.blake2b(number.to_bytes(8), digest_size=2).hexdigest(), 16)}."
    return "\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))
