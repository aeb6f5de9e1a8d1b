"""A written date as a row of words, numbers and marks, each with what it can mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ingest.dates.words import Word, Words, inflected, meanings, split
from ingest.dates.zones import offset_of, zone_of

_MAX_PHRASE: Final = 4  # words
_MAX_ZONE: Final = 5  # letters of a zone that nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, a phrase, a number or a mark. Symbols are those of words.py, and O for an offset; a number's is how
    many digits it has, a mark is its own.
    """

    choices: Words  # what it can mean
    number: int = 0
    text: str = ""  # a word's


_KEPT: Final = frozenset(":/.-")
_DIGITS: Final = frozenset("123468")  # how many a number of a date has
_DROPPED: Final = frozenset(" ,()[]|·•–—;،؛、၊။፣፤॰'\"ºª°~")
_OFFSET: Final = re.compile(r"(?P<name>(?:UTC|GMT|UT) ?)?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)(?![\d:./-])")
_PLACE: Final = re.compile(r"[A-Za-z]+(?:/[A-Za-z]+(?:[_-][A-Za-z]+)*)+")
_NUMBER: Final = re.compile(r"\d+")
_GAP: Final = re.compile(r"[ -]?")  # between the words of a phrase
_WORD: Final = re.compile(r"a+(?:['’.\"״׳]a+)*[.'׳]?")  # on the outline of the text, where every letter is an a
_CLOCK_BEFORE: Final = re.compile(r"(?:\d[:.]\d\d|T\d{4}|T\d{6}|\d{8} \d{4,6}|[mM]\.?)[\s(\[]*$")
_REPAIRS: Final = (
    (re.compile(r"(?<=\d|Z)\[[\w/+-]+\]$"), ""),  # Java's `+02:00[Europe/Paris]`: the offset says it all
    (re.compile(r" m=[+-][\d.]+$"), ""),  # Go's monotonic clock
    (re.compile(r"(:\d\d:\d\d)[.,]\d+"), r"\1"),
    (re.compile(r"([+-]\d\d:?\d\d) ?\([^)]*\)$"), r"\1"),  # JavaScript's name of the zone, in any language
    (re.compile(r"(T\d\d:\d\d:\d\d) (\d\d:[034][05])$"), r"\1+\2"),  # a plus that was decoded as a space
    (re.compile(r"\((?:[日月火水木金土一二三四五六월화수목금토일][・祝]*)\)"), " "),  # 16日(月)
    (re.compile(r"\((?:令和|平成|昭和|民國|民国)(?:\d+|元)年\)|(?<=年)\(\d{4}年?\)"), ""),  # 2026年(令和8年)
    (re.compile(r"^R(\d{1,2}[./-])"), r"令和\1"),
    (re.compile(r"元年"), "1年"),
    (re.compile(r"(?<=تشرين|كانون) ?1(?= )"), " الأول"),
    (re.compile(r"(?<=تشرين|كانون) ?2(?= )"), " الثاني"),
    (re.compile(r"(?<=ዓ)[/.፡ ]+(?=ም)"), "."),  # ዓ/ም
    (re.compile(r"(?<=\d)[ -]?(?:ны|ний|нд|өөс)(?=\s|$)"), " "),  # Mongolian endings of days
    (re.compile(r"(?<=\d)-(?:njy|nji|inji|ynjy|nci|ncı|cı|ci|cu|cü)\b", re.IGNORECASE), " "),  # 16-njy, 2026-cı
    (re.compile(r"^(?:T|Thứ )[2-7]\b", re.IGNORECASE), " "),  # Vietnamese weekdays are numbers
    (re.compile(r"\bth\.?(?:g|áng)? ?0?(\d{1,2})\b", re.IGNORECASE), r"tháng \1 "),  # and so are its months
)
_HAN_DIGITS: Final = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_HAN_NUMBER: Final = re.compile(r"[〇○零一二三四五六七八九十百廿卅]+(?=\s*[年月日号號時时點点分])")
_HEBREW_NUMBER: Final = re.compile("(?:ה['׳]?)?(?P<number>[א-ת]+[\"״][א-ת]|[א-ת][׳'])")
_HEBREW_VALUES: Final = dict(
    zip("אבגדהוזחטיכלמנסעפצקרשת", (*range(1, 10), *range(10, 100, 10), *range(100, 500, 100)), strict=True)
)


def normal(raw: str) -> str:
    """*raw* with digits of any script as ours, without invisible characters, on one line, oddities repaired."""
    text = _HAN_NUMBER.sub(lambda found: str(_han(found[0])), unicodedata.normalize("NFKC", raw))
    kept = (char for char in text if unicodedata.category(char) != "Cf")
    text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in kept)
    text = " ".join(text.replace("−", "-").replace("‑", "-").split())
    for found, instead in _REPAIRS:
        text = found.sub(instead, text)
    return text.strip()


def _han(numeral: str) -> int:
    """`二〇二六` digit by digit, `十六`, `二十三` and `一百一十五` by their places."""
    spelt = numeral.replace("廿", "二十").replace("卅", "三十")
    if "十" not in spelt and "百" not in spelt:
        return int("".join(str(_HAN_DIGITS[char]) for char in spelt))
    hundreds, _, rest = spelt.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    tenfold = 10 * _HAN_DIGITS.get(tens[-1:], 1) if ten else 0
    return 100 * _HAN_DIGITS.get(hundreds, 0) + tenfold + _HAN_DIGITS.get(ones[-1:], 0)


def tokens(text: str, *, widely: bool) -> list[Token] | None:
    """The words, numbers and marks of the normal *text*; None if one of them means nothing. Words are English, or
    *widely* of any language.
    """
    outline = "".join("a" if unicodedata.category(char)[0] in "LM" else char for char in text)
    found: list[Token] = []
    at = 0
    while at < len(text):
        said, at = _next(text, outline, at, widely)
        if said is None:
            return None
        found += said
    return found


def _next(text: str, outline: str, at: int, widely: bool) -> tuple[list[Token] | None, int]:
    """What stands at *at*, None if it means nothing, and where it ends."""
    if zoned := _zone_at(text, at):
        return zoned
    if outline[at] == "a":
        return _phrase(text, outline, at, widely)
    if digits := _NUMBER.match(text, at):
        symbol = str(len(digits[0]))
        number = Token(number=int(digits[0]), choices=(Word(symbol=symbol),))
        return [number] if symbol in _DIGITS else None, digits.end()
    if text[at] in _KEPT:
        return [Token(choices=(Word(symbol=text[at]),))], at + 1
    return [] if text[at] in _DROPPED else None, at + 1


def _zone_at(text: str, at: int) -> tuple[list[Token], int] | None:
    """`Europe/Berlin`, `GMT+9`, or the offset behind a clock: elsewhere a minus and two digits are part of a day."""
    if (found := _PLACE.match(text, at)) and (zone := zone_of(found[0])):
        return [Token(choices=(Word(symbol="Z", zone=zone),))], found.end()
    found = _OFFSET.match(text, at)
    if not found or not (found["name"] or _follows_clock(text, at, found["offset"])):
        return None
    zone = offset_of(found["offset"])
    return ([Token(choices=(Word(symbol="O", zone=zone),))], found.end()) if zone else None


def _follows_clock(text: str, at: int, offset: str) -> bool:
    """True for the `-05:00` of `14:30 -05:00`, false for the `-5` of `14:30 -5 Nov 2026`."""
    if offset[0] == "+" and text[at - 1 : at].isalpha():  # `гринвич+3`
        return True
    spaced_day = text[at - 1 : at] == " " and offset[0] == "-" and len(offset) < 5
    return not spaced_day and bool(_CLOCK_BEFORE.search(text[:at]))


def _phrase(text: str, outline: str, at: int, widely: bool) -> tuple[list[Token] | None, int]:
    """The longest phrase at *at* that means something, as tokens, and where it ends."""
    words = list(islice(_words(text, outline, at), _MAX_PHRASE))
    for count in range(len(words), 0, -1):
        said = tuple(word for word, _ in words[:count])
        if choices := meanings(*said, widely=widely):
            return [Token(text=" ".join(said), choices=_with_zone(said[0], choices))], words[count - 1][1]
    return _unlisted(words, widely)


def _unlisted(words: list[tuple[str, int]], widely: bool) -> tuple[list[Token] | None, int]:
    """A Hebrew number, an inflected month, words without spaces, or a zone; an unknown one where nothing else fits."""
    word, end = words[0]
    if value := _hebrew_number(word):
        return [Token(number=value, choices=(Word(symbol="4" if value > 99 else "2"),))], end
    for count in range(len(words) if widely else 0, 0, -1):
        if choices := inflected(*(said for said, _ in words[:count])):
            return [Token(choices=choices)], words[count - 1][1]
    if widely and (parts := split(word)):
        return [Token(choices=part) for part in parts], end
    name = word.strip(".")
    zone = zone_of(name)
    if zone or (widely and name.isascii() and name.isupper() and 2 < len(name) <= _MAX_ZONE):
        return [Token(choices=(Word(symbol="Z", zone=zone),))], end
    return None, end


def _with_zone(word: str, choices: Words) -> Words:
    """Capitals that name a zone are no small word: `ET` is none of France."""
    zone = zone_of(word) if word.isupper() else None
    return (*(one for one in choices if one.symbol), Word(symbol="Z", zone=zone)) if zone else choices


def _words(text: str, outline: str, at: int) -> Iterator[tuple[str, int]]:
    """The words from *at* that only a space or a hyphen parts, each with where it ends."""
    while found := _WORD.match(outline, at):
        yield text[at : found.end()], found.end()
        gap = _GAP.match(outline, found.end())
        at = gap.end() if gap else found.end()


def _hebrew_number(word: str) -> int:
    """`ט״ז` is 16, `תשפ״ז` 5787: a year goes without its thousands. 0: no number."""
    if not (numeral := _HEBREW_NUMBER.fullmatch(word)):
        return 0
    value = sum(_HEBREW_VALUES.get(char, 0) for char in numeral["number"])
    return value if value <= 30 else value + 5_000 if value > 600 else 0
