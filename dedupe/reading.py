"""One text, read once: tokens, flags, lines and the hash of its content."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.lines import Lines, find_lines, flag_headings, line_keys
from dedupe.params import Params
from dedupe.quotations import flag_quotations
from dedupe.words import Vocabulary, Words, read_words

SENTENCE_END = re.compile(r"[.!?…](?:[.!?…\"'”’»)\]]*)(?=\s|$)|[。！？؟।]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is kept of a text while a context is compared; n tokens, m lines."""

    ids: NDArray[np.int32]  # (n,), places in the Vocabulary
    flags: NDArray[np.uint8]  # (n,), MARKED | BLOCK | HEADING
    words: int
    line_keys: NDArray[np.uint64]  # (m,)
    line_tokens: NDArray[np.int32]  # (m + 1,)


def read(text: str, vocabulary: Vocabulary, params: Params) -> Reading:
    """Reads *text* into what verification needs."""
    words = read_words(text, vocabulary)
    lines = find_lines(words)
    flags = flag_quotations(words, lines) | flag_headings(words, lines, params)
    tokens = np.array(lines.tokens, np.int32)
    return Reading(words.ids, flags, words.count, line_keys(words, lines), tokens)


def hash_content(hashes: NDArray[np.uint64]) -> str:
    """32 hex digits of a sequence of token hashes."""
    return hashlib.blake2b(hashes.astype("<u8").tobytes(), digest_size=16).hexdigest()


def content_hash(text: str) -> str:
    """32 hex digits of the normalised text:
    its folded words in their order. Case, blanks and punctuation do not count.
    """
    vocabulary = Vocabulary()
    words = read_words(text, vocabulary)
    return hash_content(vocabulary.hashes()[words.ids])


def sentence_numbers(words: Words, lines: Lines) -> NDArray[np.int32]:
    """The number of the sentence of each token, int32, shape (n,); a sentence never leaves its line."""
    ends = [match.end() for match in SENTENCE_END.finditer(words.normal)] + [end for _, end in lines.spans]
    return np.searchsorted(np.array(sorted(ends), np.int64), words.starts, side="right").astype(np.int32)
