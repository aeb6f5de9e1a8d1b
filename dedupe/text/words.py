"""Text → tokens with stable hashes and their places in the original text.

A token is a number (a comma, point, blank or apostrophe may group its digits), a word (letters and digits with inner
apostrophes; combining marks and joiners stay inside), or one character of a script that is written without spaces
(Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan). Such a character is hashed together with the two that follow
it: four characters are barely two words, and independent reports share thousands of them; six are about as distinctive
as four words.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedupe.text.flags import CONTENT, NUMBER
from dedupe.text.numbers import fold_number, leading_digits

# Scripts without spaces, as a character class: Thai, Lao, Tibetan, Burmese, Khmer, kana, bopomofo, Han (all planes).
# Written as numbers: some of these characters would change if an editor normalised this file.
SINGLE = (
    r"\u0e01-\u0e2f\u0e46\u0e81-\u0eaf\u0ec6\u0edc-\u0edf\u0f40-\u0f6c\u1000-\u102a\u1780-\u17b3"
    r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"
    r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b167\U00020000-\U000323af"
)
BEFORE = r"\u0e40-\u0e44\u0ec0-\u0ec4"  # Thai and Lao vowels written before their consonant
AFTER = r"\u0e30\u0e32\u0e45\u0eb0\u0eb2"  # and after it; sara am is decomposed by NFKC
JOINERS = "\u00ad\u200c\u200d\u200e\u200f\u2060\ufeff"
APOSTROPHES = "'’\u02bc\u02bb‘"
# In NFKC, which turns the thin and the narrow blank into a plain one. Arabic has separators of its own.
GROUPERS = " '’"
DECIMAL = ".,\u066b\u066c"
SINGLE_WINDOW = 3
STEM_LETTERS = 6
STEM_SHIFT = 10  # bits of a token hash that distinguish the words of one stem
OWN_BITS = (1 << STEM_SHIFT) - 1
CONTENT_LETTERS = (
    4  # shorter words are mostly glue, in any language: better than a stop list (zone AUC of v2 .91-.93 against .90)
)

# Spellings of one letter: Arabic yeh and kaf as Persian writes them, tatweel, alef with hamza left alone; Russian yo.
# The Turkish i without a dot, and the dot that a capital one leaves behind: in capitals, as at the beginning of a
# sentence, nothing but the language tells them apart.
# Serbian is written in two scripts, letter for letter, so Cyrillic is read as Gaj's Latin. In the other languages that
# write Cyrillic no two words become one: their own letters stay, and none of these pairs is a letter there.
GAJ = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dž"}
SPELLINGS = {"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None, "ё": "e", "ı": "i", "\u0307": None}
LETTERS = str.maketrans(SPELLINGS | GAJ | DIGRAPHS | dict.fromkeys(APOSTROPHES, "'"))


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of one text; all arrays have shape (n,), and n may be 0."""

    normal: str  # the text in NFKC
    ids: NDArray[np.int32]  # places in the Vocabulary
    starts: NDArray[np.int32]  # characters of `normal`
    ends: NDArray[np.int32]
    count: int  # words: tokens of scripts without spaces count half


class _Index(dict[str, int]):
    """Raw spelling → id; an unknown spelling gets the next id."""

    def __init__(self) -> None:
        super().__init__()
        self.spellings: list[str] = []

    def __missing__(self, raw: str) -> int:
        self[raw] = number = len(self.spellings)
        self.spellings.append(raw)
        return number


class Vocabulary:
    """The spellings seen so far. Folding and hashing cost once per spelling, not once per token."""

    def __init__(self) -> None:
        self._index = _Index()
        self._tokens: list[int] = []
        self._kinds: list[int] = []

    def ids(self, spellings: list[str]) -> NDArray[np.int32]:
        """Ids of *spellings*, int32, shape (len(spellings),)."""
        return np.fromiter(map(self._index.__getitem__, spellings), np.int32, len(spellings))

    def tokens(self) -> NDArray[np.uint32]:
        """Token hash of each id: the same in every process and on every machine."""
        self._learn()
        return np.array(self._tokens, np.uint32)

    def kinds(self) -> NDArray[np.uint8]:
        """CONTENT and NUMBER bits of each id."""
        self._learn()
        return np.array(self._kinds, np.uint8)

    def _learn(self) -> None:
        for raw in self._index.spellings[len(self._tokens) :]:
            token, kind = learn(raw)
            self._tokens.append(token)
            self._kinds.append(kind)


def learn(raw: str) -> tuple[int, int]:
    """(token hash, CONTENT and NUMBER bits) of a spelling."""
    word = fold(raw)
    return hash_word(word), kind_of(raw, word)


def kind_of(raw: str, word: str) -> int:
    """CONTENT and NUMBER bits of a spelling and what it folds to."""
    if word[:1].isdigit():
        return NUMBER | CONTENT
    telling = len(_stem(word)) >= CONTENT_LETTERS or _patterns().single.match(raw) is not None
    return CONTENT if telling else 0


def fold(raw: str) -> str:
    """The spelling that copies of a word share: case, joiners, vowel points, scripts of digits and of Serbian, and what
    groups digits are levelled.
    """
    if raw[:1].isdigit():
        return fold_number(raw)
    if raw.isascii():
        return raw.lower()
    word = raw.casefold().translate(LETTERS)
    if word.isascii():
        return word
    word = "".join(char for char in word if char not in JOINERS and not _is_point(char))
    return "".join(str(unicodedata.decimal(char, char)) for char in unicodedata.normalize("NFKC", word))


def _is_point(char: str) -> bool:
    """Arabic and Hebrew vowel points: one newspaper writes them, the next does not."""
    return "\u064b" <= char <= "\u0652" or char == "\u0670" or "\u0591" <= char <= "\u05c7"


def hash_word(word: str) -> int:
    """Token hash of a folded word: 22 bits of its stem's hash, then 10 bits of its own, or a number's leading digits.

    So `token >> STEM_SHIFT` is the stem. Among two million words some hundred pairs of rare ones share a token.
    """
    start, own = _stem(word), _hash(word)
    stem = own if start == word else _hash(start)
    low = leading_digits(word) if word[:1].isdigit() else own & OWN_BITS
    return stem >> STEM_SHIFT << STEM_SHIFT | low


def _stem(word: str) -> str:
    """The first six letters, before an apostrophe; numbers stay whole."""
    return word if word[:1].isdigit() else word.split("'")[0][:STEM_LETTERS]


def _hash(word: str) -> int:
    """32-bit BLAKE2b of *word* in UTF-8."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")


@dataclass(frozen=True, slots=True)
class _Patterns:
    spaced: re.Pattern[str]  # one token of a text without single characters, captured: for split()
    mixed: re.Pattern[str]  # one token; group 1 if it is a single character
    single: re.Pattern[str]  # a character of a script without spaces


def is_single(char: str) -> bool:
    """Whether a character belongs to a script that is written without spaces."""
    return _patterns().single.match(char) is not None


@cache
def character_classes() -> dict[str, str]:
    """The regex classes that tokens are made of. Made on first use, because the table of marks costs 30 ms."""
    return {
        "digit": r"\d",
        "letter": rf"[^\W_{SINGLE}{BEFORE}{AFTER}\u02bb\u02bc]",
        "mark": f"[{_ranges(lambda char: unicodedata.category(char)[0] == 'M')}]",
        "joiner": f"[{JOINERS}]",
        "single": f"[{SINGLE}]",
        "before": f"[{BEFORE}]",
        "after": f"[{AFTER}]",
    }


@cache
def _patterns() -> _Patterns:
    classes = character_classes()
    letter, mark, before, after = classes["letter"], classes["mark"], classes["before"], classes["after"]
    part = rf"{letter}+(?:[{mark[1:-1]}{JOINERS}]+{letter}*)*"
    grouped = rf"\d{{1,3}}(?:[{GROUPERS}]\d{{3}}(?!\d))+(?:[{DECIMAL}]\d+)?"
    word = rf"{grouped}|\d+(?:[{DECIMAL}:]\d+)*|{part}(?:[{APOSTROPHES}]{part})*"
    single = rf"{before}?{classes['single']}{mark}*{after}?|[{BEFORE}{AFTER}]"
    return _Patterns(
        re.compile(f"({word})"), re.compile(f"{word}|({single})"), re.compile(f"[{SINGLE}{BEFORE}{AFTER}]")
    )


def _ranges(test: Callable[[str], bool]) -> str:
    """A regex character class of all characters that pass *test* (planes 0, 1 and the variation selectors)."""
    found: list[list[int]] = []
    for code in [*range(0x20000), *range(0xE0100, 0xE01F0)]:
        if test(chr(code)):
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return "".join(rf"\U{low:08x}-\U{high:08x}" for low, high in found)


def read_words(text: str, vocabulary: Vocabulary) -> Words:
    """Tokens of *text*, learnt into *vocabulary*.

    Offsets are those of the NFKC form; `places.original_spans` leads back.
    """
    normal = text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)
    if _patterns().single.search(normal):
        return _read_mixed(normal, vocabulary)
    parts = _patterns().spaced.split(normal)  # gap, token, gap, … gap: one call, no match objects
    edges = np.cumsum(np.fromiter(map(len, parts), np.int32, len(parts)), dtype=np.int32)
    return Words(normal, vocabulary.ids(parts[1::2]), edges[:-1:2], edges[1::2], len(parts) // 2)


def _read_mixed(normal: str, vocabulary: Vocabulary) -> Words:
    """`read_words` for texts with scripts without spaces: a single character is spelt with its next two neighbours."""
    found = list(_patterns().mixed.finditer(normal))
    spans = [match.span() for match in found]
    lone = [match.lastindex == 1 for match in found]
    spellings = []
    for at, (start, end) in enumerate(spans):
        last = at
        while (
            lone[at] and last + 1 < min(at + SINGLE_WINDOW, len(spans)) and lone[last + 1] and spans[last + 1][0] == end
        ):
            last += 1
            end = spans[last][1]
        spellings.append(normal[start:end])
    places = np.array(spans, np.int32).reshape(-1, 2)
    singles = sum(lone)
    return Words(
        normal, vocabulary.ids(spellings), places[:, 0], places[:, 1], len(spans) - singles + (singles + 1) // 2
    )
