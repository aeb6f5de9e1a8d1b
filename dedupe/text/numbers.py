"""Numbers: their digits without what groups them, and what is left of them when a paper rounds them.

A number token keeps the first three significant digits in its lowest bits, so two tokens tell whether one may be the
other, rounded: 157,726,135 and "157 million". The size is not compared: the word behind a rounded number gives it, in
any language, and three digits in a row are rarely the same by accident.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

NUMBERS = str.maketrans({" ": None, "'": None, "’": None, "\u066b": ".", "\u066c": ","})
GROUPED = re.compile(r"(\d{1,3}(?:([.,])\d{3})(?:\2\d{3})*|\d{1,2}(?:,\d{2})+,\d{3})((?:(?!\2)[.,]\d+)?)")
LEADING = 3  # significant digits that a token keeps: 1 to 999 fit into ten bits

# What stands behind a rounded number, as papers write it; other endings of the words have the same stem.
SCALE_WORDS = (
    "thousand million billion trillion m mn mln mio bn bln b tn k lakh lakhs crore crores "  # English, South Asian
    "tausend tsd million mio milliarde mrd billion "  # German
    "mille millions milliards md mds millones millón miles mil milhões milhão bilhões bilhão mi bi "
    "mila milioni miliardi mld milioane miliarde mii milions "  # Romance
    "miljoen miljard duizend miljoner miljarder tusen millioner milliarder tusind miljoonaa miljardia tuhatta "
    "тысяч тыс миллион млн миллиард млрд трлн мільйон мільярд хиляди милион милиард "  # Slavic
    "tysięcy tys milion miliard milionů milionov miliónov tisíc milijuna milijarda milijona milijardi tisuća hiljada "
    "millió milliárd ezer εκατομμύρια εκατ δισεκατομμύρια δισ χιλιάδες bin milyon milyar trilyon mlrd min "
    "ألف آلاف الاف مليون ملايين مليار مليارات هزار میلیون میلیارد تریلیون ہزار لاکھ کروڑ ارب "
    "אלף אלפים מיליון מיליארד हजार हज़ार लाख करोड़ अरब হাজার লাখ কোটি ribu juta miliar triliun "
    "nghìn ngàn triệu tỷ tỉ milioni bilioni elfu 만 억 조 만명 억원 만원 조원"
)


def fold_number(raw: str) -> str:
    """A number without what groups its digits, and with a decimal point: "157,726,135", "157 726 135" and "157'726'135"
    are one. A lone group is taken for thousands: so is the same number in other papers.
    """
    number = raw if raw.isascii() else "".join(str(unicodedata.decimal(char, char)) for char in raw)
    if number.isdigit():
        return number
    number = number.translate(NUMBERS)
    if found := GROUPED.fullmatch(number):
        return re.sub("[.,]", "", found[1]) + found[3].replace(",", ".")
    return number.replace(",", ".")


def leading_digits(number: str) -> int:
    """The first three significant digits of a folded number, without zeros at their end: 157 of "157726135", 24 of
    "24.0", 0 of "0".
    """
    digits = "".join(char for char in number if char.isdecimal()).lstrip("0")[:LEADING].rstrip("0")
    return int(digits or "0")


def roundings(leading: int) -> tuple[int, ...]:
    """What may be left of a number, by its leading digits, when it is rounded or cut to one, two or three digits."""
    whole = leading
    while 0 < whole < 100:  # its other digits are zeros
        whole *= 10
    above = whole + (leading >= 100)  # more digits may follow, which round the third one up
    kept = (whole // 100, (whole + 50) // 100, whole // 10, (whole + 5) // 10, whole, above)
    return tuple(map(_without_zeros, kept))


def _without_zeros(number: int) -> int:
    while number and number % 10 == 0:
        number //= 10
    return number


def scale_stems(stem_of: Callable[[str], int]) -> list[int]:
    """The stems of the words behind a rounded number, sorted; *stem_of* a word, as tokens have it."""
    return sorted({stem_of(word) for word in SCALE_WORDS.split()})
