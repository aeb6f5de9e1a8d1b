"""What the words of a date mean: months, weekdays, halves of the day, units and marks of calendars, in about 110
languages.

Names come from the Unicode CLDR by way of Babel; data/datewords.tsv adds what CLDR lacks: the months of other
calendars, spellings that papers use instead, and the small words around a date. The languages of a script are read
when a word of it is first met: all scripts together take half a second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from ingest.dates.calendars import GREGORIAN
from ingest.dates.zones import english_zones, zone_of

if TYPE_CHECKING:
    from babel import Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One meaning of a word or phrase."""

    symbol: str  # M month, W weekday, A part of the day, C mark of a calendar, Z zone; y m d h n s: a unit; "": nothing
    value: int = 0  # month 1..12; weekday, Monday 0
    calendar: str = GREGORIAN
    hours: tuple[int, int] = (0, 24)  # that a part of the day spans; hours over 24 are those after midnight
    zone: tzinfo | None = None
    language: str = ""  # whose word it is; empty: anybody's


Words = tuple[Word, ...]

# In order of their news output: what two languages call alike is the month of the earlier one.
_LANGUAGES: Final = {
    "LATIN": "en es pt fr de it nl pl tr id ro cs sv hu fi da nb sk hr sl lt lv et sq bs sr_Latn ca eu gl is ga cy mt "
    "af sw zu xh so ha yo ig fil ms vi az uz tk ku lb fo mg om de_AT pt_PT en_GB es_MX",
    "CYRILLIC": "ru uk be bg mk sr kk ky tg mn uz_Cyrl az_Cyrl tt",
    "ARABIC": "ar ar_SY ar_MA ar_DZ ar_MR fa fa_AF ur ps ckb sd ug pa_Arab",
    "GREEK": "el", "HEBREW": "he", "ARMENIAN": "hy", "GEORGIAN": "ka", "DEVANAGARI": "hi mr ne kok",
    "BENGALI": "bn as", "GURMUKHI": "pa", "GUJARATI": "gu", "ORIYA": "or", "TAMIL": "ta", "TELUGU": "te",
    "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si", "THAI": "th", "LAO": "lo", "KHMER": "km", "MYANMAR": "my",
    "ETHIOPIC": "am ti", "CJK": "zh zh_Hant ja", "HANGUL": "ko",
}  # fmt: skip
_AM_PM: Final = {"am": (0, 12), "pm": (12, 24)}
_GAPS: Final = re.compile(r"[\s-]+")
_QUOTED: Final = re.compile(r"'([^']+)'")  # the words in a CLDR pattern: d 'de' MMMM
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ALIKE: Final = str.maketrans(
    {
        "ı": "i", "ي": "ی", "ى": "ی", "ې": "ی", "ۍ": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه",
        "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه", "ـ": "", "ी": "ि", "ী": "ি", "ू": "ु", "़": "", "়": "", "ँ": "ं",
    }
    | dict.fromkeys("ʻʼ'’`״\"׳.։·।॰\u200b\u200c\u200d\u200e\u200f", "")
)  # fmt: skip
_NASAL: Final = re.compile("म्(?=[पफबभ])")  # नवम्बर is नवंबर
_HEBREW_PREFIXES: Final = "בלה"
_MAX_ENDING: Final = 5  # letters grown to a month: `novemberben`, `azaroaren`
_MIN_STEM: Final = 4


def fold(word: str) -> str:
    """*word* without case, accents, dots, and what papers spell in more than one way."""
    decomposed = unicodedata.normalize("NFKD", word.casefold()).translate(_ALIKE)
    kept = "".join(char for char in decomposed if not _is_accent(char))
    return unicodedata.normalize("NFC", _NASAL.sub("ं", kept))


def _key(phrase: str) -> str:
    return " ".join(part for one in _GAPS.split(phrase) if (part := fold(one)))


def meanings(*words: str, widely: bool) -> Words:
    """What the phrase of these words can mean, nothing if it is unknown: in English, or *widely* in any language of
    its script.
    """
    key = _key(" ".join(words))
    languages = _LANGUAGES.get(_script(words[0]), "") if widely else "en"
    return tuple(dict.fromkeys((*_core().get(key, ()), *_of_languages(languages).get(key, ()))))


def inflected(*words: str) -> Words:
    """What a month with a prefix or an ending grown to it means: `בנובמבר`, `novemberben`; nothing if it is none."""
    *before, word = words
    if word[:1] in _HEBREW_PREFIXES and (found := meanings(word[1:], widely=True)):
        return found
    for size in range(len(word) - 1, max(_MIN_STEM, len(word) - _MAX_ENDING) - 1, -1):
        if found := tuple(one for one in meanings(*before, word[:size], widely=True) if one.symbol == "M"):
            return found
    return ()


def split(word: str) -> list[Words]:
    """The meanings of the words that stand in *word* without spaces, `星期一下午`; empty if one of them is unknown."""
    found: list[Words] = []
    rest = word if _UNSPACED.search(word) else ""
    while rest:
        size = next((size for size in range(len(rest), 0, -1) if meanings(rest[:size], widely=True)), 0)
        if not size:
            return []
        found.append(meanings(rest[:size], widely=True))
        rest = rest[size:]
    return found


def _is_accent(char: str) -> bool:
    """Marks that a reader does without; in the scripts of India and further east they are letters."""
    return unicodedata.combining(char) != 0 and char < "\u0900"


def _script(word: str) -> str:
    return next((unicodedata.name(char, "").split(" ")[0] for char in word if char.isalpha()), "")


@cache
def _core() -> dict[str, Words]:
    """data/datewords.tsv and the English names of zones, by folded phrase."""
    words: dict[str, Words] = {}
    for phrase, word in _own():
        words[_key(phrase)] = (*words.get(_key(phrase), ()), word)
    return words


def _own() -> Iterator[tuple[str, Word]]:
    text = (files("ingest") / "data" / "datewords.tsv").read_text("utf-8")
    for line in text.splitlines()[1:]:
        symbol, value, calendar, phrases = line.split("\t")
        yield from ((phrase, _word(symbol, value, calendar)) for phrase in phrases.split(" | "))
    yield from ((name, Word(symbol="Z", zone=zone)) for name, zone in english_zones().items())


def _word(symbol: str, value: str, calendar: str) -> Word:
    if symbol == "Z":
        return Word(symbol=symbol, zone=zone_of(value))
    if symbol == "A":
        first, _, last = value.partition("-")
        return Word(symbol=symbol, hours=(int(first), int(last)))
    return Word(symbol=symbol.strip("-"), value=int(value or 0), calendar=calendar or GREGORIAN)


@cache
def _of_languages(names: str) -> dict[str, Words]:
    """The words of the languages *names*, earlier ones first, by folded phrase."""
    from babel import Locale, localedata

    words: dict[str, Words] = {}
    for name in names.split():
        for phrase, word in _said(Locale.parse(name), name):
            words[_key(phrase)] = (*words.get(_key(phrase), ()), word)
    with suppress(AttributeError):  # Babel keeps every locale that it has read, 60 MB of them
        localedata._cache.clear()
    return words


def _said(locale: Locale, language: str) -> Iterator[tuple[str, Word]]:
    """The names of months and weekdays, the parts of the day and the small words of CLDR's patterns."""
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                yield name, Word(symbol="M", value=number, language=language)
            for number, name in locale.days[context][width].items():
                yield name, Word(symbol="W", value=number, language=language)
    for names in locale.day_periods.get("format", {}).values():
        yield from _parts_of_day(locale, names, language)
    patterns = [str(one) for styles in (locale.date_formats, locale.datetime_formats) for one in styles.values()]
    for literal in {found for pattern in patterns for found in _QUOTED.findall(pattern)}:
        yield literal, Word(symbol="", language=language)


def _parts_of_day(locale: Locale, names: dict[str, str], language: str) -> Iterator[tuple[str, Word]]:
    rules = {
        name: (_hour(rule.get("from")), _hour(rule.get("before")))
        for name, listed in locale.day_period_rules.get(None, {}).items()
        for rule in (listed if isinstance(listed, list) else [listed])
        if "from" in rule and "before" in rule
    }
    for part, name in names.items():
        first, last = (_AM_PM | rules).get(part, (0, 0))
        if first != last:
            yield name, Word(symbol="A", hours=(first, last if last > first else last + 24), language=language)


def _hour(seconds: int) -> int:
    return seconds // 3600
