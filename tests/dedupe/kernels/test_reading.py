"""Compiled reading equals the plain one, token by token, in every script and for texts that no newspaper prints."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedupe.corpus.minhash import sign
from dedupe.corpus.plainreader import read_plainly
from dedupe.corpus.shingles import five_grams
from dedupe.corpus.tables import TextTable
from dedupe.kernels.join.signing import sign_table
from dedupe.kernels.text.codepoints import Codepoints, is_slow, shared_codepoints
from dedupe.kernels.text.reading import find_tokens, read_many
from dedupe.pairs.passages import locate_tokens
from dedupe.params import DEFAULTS
from tests.dedupe.conftest import invent
from wirecopy.explain.collection import read_collection

pytestmark = pytest.mark.slow

MEGABYTE = 1_000_000
ODD = {
    "empty": "",
    "no-words": " … — !\n\n",
    "english": "The mayor’s 3,500 guests didn't pay $1.20. “We won’t,” she said.\nMenu\nHe wrote:\nThis is a long "
    "block of quoted words that runs on and on.\nAnd more, in '' and 'single marks' and the boys' room.",
    "spanish": "¿Cuándo votó España? «A las 12:30», dijo.\nEl niño — que no vino — dijo: “¡No!”",
    "german": "„Größe“, sagte sie, »Straßen« und ‚Über-Mut‘.\nEr sagte: „Nein“ – und ging.",
    "french": "« L’été à Nîmes », c'est aujourd'hui l’affaire ; n’est-ce pas ?",
    "persian": "او می‌خواهد به خانه برود. «نه»، گفت؟",
    "arabic-vowels": "قَالَ الوزيرُ أمس: “لا”.",
    "russian": "«Ещё одна ночь», — сказал он. Всё…",
    "greek": "ΟΔΟΣ Οδός οδος. ΣΑΣ",
    "turkish": "İstanbul'da I ı i İ.",
    "chinese": "北京日报 2026年。“很好”，他说。",
    "japanese": "「トランプ氏」が来日。ﾄﾗﾝﾌﾟ",
    "thai": "ตำรวจจับกุมผู้ต้องหา 3 คน",
    "korean": "서울 시장은 말했다. “아니오”",
    "korean-parts": "\u1109\u1165\u110b\u116e\u11af",
    "hindi": "हिन्दी में समाचार। और",
    "decomposed": "Cafe\u0301 a\u0308u\u0308 e\u0323\u0302 \u0302x",
    "marks-out-of-order": "q\u0307\u0323 q\u0323\u0307",
    "compatibility": "ﬁne ½ ² ℡ Ⅳ ﷺ … ™ ㎏ １２，３００ ｗｉｄｅ",
    "surrogate": "lone \ud800 half",
    "controls": "a\x1cb\x1dc\x85d\u2028e\u2029f\vg\fh\x00i\u200bj",
    "emoji": "👍🏽 family 👨‍👩‍👧 flag 🇪🇺",
    "post": "Look\nhttps://a.example/b t.co/x\n— Someone (@handle) November 5\nOrdinary line @ home #tag pic.twitter",
    "ends-without-gap": "He said 'no.' Then 'yes' 'tis 90's rock'n'roll O'Neil's.'x ‘open to the end",
    "never-closed": 'He said "on and on\nand the next line ” is’ new “again',
    "dots": "...!?”) ...\n?!.x ).\u00a0y ..\tz",
    "numbers": "1.2.3,4:5 6, 7. 8:a 9,, ٣٫٤ ²3 4²",
    "grouped": "157,726,135 157 726 135 157\u202f726\u202f135,5 1'234 12’345’678.9 1234 567 12 3456 7 890 1 2 345 "
    "٢٬٥٠٠ 1\n234 9 '000' 1 000",
    "serbian": "Народна скупштина Србије усвојила је џез-закон у Љубљани и Њујорку. «Ђак»",
}  # fmt: skip


def assert_equal(texts: list[str]) -> None:
    plain, compiled = read_plainly(texts, DEFAULTS), read_many(texts, DEFAULTS)
    assert len(compiled) == len(plain) == len(texts)
    for number, text in enumerate(texts):
        one, two = plain.row(number), compiled.row(number)
        for field in fields(one):
            np.testing.assert_array_equal(
                getattr(two, field.name), getattr(one, field.name), err_msg=f"{field.name} of {text[:200]!r}"
            )


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in ODD.items()])
def test_scripts_and_oddities(text: str) -> None:
    """One text alone."""
    assert_equal([text])


def test_many_at_once() -> None:
    """Neighbours in a block do not touch each other; slow texts stand where they were."""
    assert_equal([*ODD.values(), *reversed(ODD.values()), *(invent(seed) for seed in range(40))])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text(texts: list[str]) -> None:
    """All of Unicode."""
    assert_equal(texts)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(alphabet="as1 .,:'’‘“”„«»\"!?…)(-–\nS@#/é\u0301。", max_size=50), max_size=5))
def test_texts_of_marks(texts: list[str]) -> None:
    """What the rules of quotations, sentences and lines look at, in any order."""
    assert_equal(texts)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" 'a" * (MEGABYTE // 3), id="apostrophes"),
        pytest.param("." * MEGABYTE, id="dots"),
        pytest.param("“" * MEGABYTE, id="opening-marks"),
        pytest.param("x" * MEGABYTE, id="one-word"),
        pytest.param("a:\n" * (MEGABYTE // 3), id="lines"),
    ],
)
def test_hostile_megabyte(text: str) -> None:
    """A page of a megabyte costs what a megabyte of news costs; by the test's time limit, never hours."""
    assert_equal([text, "And the next one."])


@pytest.mark.parametrize("name", ["fnc_dev", "helsinki"])
def test_real_news(shared, name: str) -> None:
    """Whole collections."""
    assert_equal([article.text for article in read_collection(shared / "data" / "pairs" / f"{name}.parquet")])


def test_places() -> None:
    """Where tokens stand in the original texts."""
    texts = [*ODD.values(), *(invent(seed) for seed in range(20))]
    for text, found in zip(texts, find_tokens(texts), strict=True):
        one, two = locate_tokens(text), locate_tokens(text, found)
        np.testing.assert_array_equal(two.starts, one.starts)
        np.testing.assert_array_equal(two.ends, one.ends)


def test_expansions_have_room() -> None:
    """Every codepoint can be met by one process."""
    known = Codepoints()
    for page in range(0, 0x110000, 256):
        known.fill(page)
    assert known.states.min() >= -1
    assert known._used < len(known.expansions)
    assert is_slow("\u0301")
    assert shared_codepoints() is shared_codepoints()


def test_signatures() -> None:
    """MinHash of every length of text, datasketch's bit for bit (`sign` is held to it in test_minhash.py)."""
    texts = ["", "one", "one two", "one two three", "one two three four", "one two three four five", *ODD.values()]
    table: TextTable = read_plainly(texts + [invent(seed) for seed in range(30)], DEFAULTS)
    shingles = [five_grams(table.row(number).tokens.astype(np.uint64)) for number in range(len(table))]
    np.testing.assert_array_equal(sign_table(table, count=128, seed=1), sign(shingles, count=128, seed=1))
