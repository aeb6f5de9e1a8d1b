"""Tokens of many scripts, their hashes, and their places in the original text."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.backends import read_texts
from dedupe.params import Params
from dedupe.text.offsets import original_spans
from dedupe.text.words import Vocabulary, fold, read_words


def content_hash(text: str) -> str:
    """The content hash of one text."""
    return next(read_texts([text], Params()).content_hashes())


def tokens(text: str) -> list[str]:
    words = read_words(text, Vocabulary())
    return [words.normal[start:end] for start, end in zip(words.starts, words.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "The mayor's 3,500 guests didn't pay $1.20.", "The mayor's 3,500 guests didn't pay 1.20", id="english"
        ),
        pytest.param("¿Cuándo votó España? El 12:30 h", "Cuándo votó España El 12:30 h", id="spanish"),
        pytest.param("Größe, Straßen und Über-Mut", "Größe Straßen und Über Mut", id="german"),
        pytest.param("l’été à Nîmes aujourd'hui", "l’été à Nîmes aujourd'hui", id="french"),
        pytest.param("او می‌خواهد به خانه برود", "او می‌خواهد به خانه برود", id="persian-zwnj-inside"),
        pytest.param("قَالَ الوزيرُ أمس", "قَالَ الوزيرُ أمس", id="arabic-vowel-points-inside"),
        pytest.param("Ещё одна ночь в Москве", "Ещё одна ночь в Москве", id="russian"),
        pytest.param("हिन्दी में समाचार", "हिन्दी में समाचार", id="hindi-marks-inside"),
        pytest.param("北京日报 2026年", "北 京 日 报 2026 年", id="chinese"),
        pytest.param("トランプ氏が来日", "ト ラ ン プ 氏 が 来 日", id="japanese"),
        pytest.param("ตำรวจจับกุม", "ตํา ร ว จ จั บ กุ ม", id="thai-vowels-stay-with-their-consonant"),
        pytest.param("서울 시장은 말했다", "서울 시장은 말했다", id="korean"),
        pytest.param("co\u00adoperate 4th B2B", "co\u00adoperate 4 th B2B", id="soft-hyphen-digits"),
        pytest.param("", "", id="empty"),
        pytest.param("— … !", "", id="no-words"),
    ],
)
def test_tokens(text: str, expected: str) -> None:
    """Words stay whole in every script; scripts without spaces give single characters."""
    assert expected.split() == tokens(text)


def test_groups_of_three_digits_are_one_number() -> None:
    """Other neighbours stay numbers of their own."""
    assert tokens("1 234 mal 12 34 5678 2014 100") == ["1 234", "mal", "12", "34", "5678", "2014", "100"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param("STRASSE", "straße", id="casefold"),
        pytest.param("didn’t", "didn't", id="apostrophe"),
        pytest.param("ещё", "еще", id="yo"),
        pytest.param("İKİ ILIK", "iki ılık", id="turkish-capitals"),
        pytest.param("قَالَ", "قال", id="vowel-points"),
        pytest.param("كتاب", "کتاب", id="arabic-and-persian-kaf"),
        pytest.param("می‌خواهد", "میخواهد", id="zwnj"),
        pytest.param("٢٠٢٦", "2026", id="digits"),
        pytest.param("157,726,135", "157726135", id="grouped-by-commas"),
        pytest.param("157 726 135,5", "157726135.5", id="grouped-by-blanks"),
        pytest.param("157’726’135", "157726135", id="grouped-by-apostrophes"),
        pytest.param("10,00,000", "1000000", id="grouped-as-in-india"),
        pytest.param("٢٬٥٠٠٫٥", "2500.5", id="arabic-separators"),
        pytest.param("1,5", "1.5", id="decimal-comma"),
        pytest.param("12:30", "12:30", id="clock"),
        pytest.param("Љубљана", "ljubljana", id="serbian"),
        pytest.param("co\u00adoperate", "cooperate", id="soft-hyphen"),
    ],
)
def test_fold(one: str, two: str) -> None:
    """Spellings of one word are one word."""
    assert fold(one) == fold(two)


@pytest.mark.parametrize(
    ("text", "words"),
    [("one two three", 3), ("北京日报", 2), ("", 0), ("ABC 北京", 2)],
    ids=["spaced", "half-a-word-each", "none", "mixed"],
)
def test_count(text: str, words: int) -> None:
    """Characters of scripts without spaces count as half a word."""
    assert words == read_words(text, Vocabulary()).count


def test_single_characters_are_hashed_with_their_neighbours() -> None:
    """北京 in two contexts is not the same evidence; the same three characters are."""
    vocabulary = Vocabulary()
    one, two = (read_words(text, vocabulary) for text in ("北京日报说", "北京大学说"))
    hashes = vocabulary.tokens()
    assert hashes[one.ids[0]] != hashes[two.ids[0]]
    assert hashes[one.ids[-1]] == hashes[two.ids[-1]]


def test_hashes_are_the_same_in_every_process() -> None:
    """Nothing depends on PYTHONHASHSEED."""
    code = (
        "from dedupe.params import Params; from dedupe.backends import read_texts; "
        "print(*read_texts(['Zwei Wörter, 3 Zahlen'], Params()).content_hashes())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        for seed in ("1", "2")
    ]
    assert {run.stdout.strip() for run in runs} == {content_hash("Zwei Wörter, 3 Zahlen")}


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        pytest.param("“Yes,” he said.", '"Yes", he   SAID', True, id="marks-case-blanks"),
        pytest.param("He said yes", "Yes he said", False, id="order"),
        pytest.param("a b", "a bc", False, id="other-word"),
    ],
)
def test_content_hash(one: str, two: str, same: bool) -> None:
    """The words in their order are the content."""
    assert same == (content_hash(one) == content_hash(two))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_original_spans_cover_the_text(text: str) -> None:
    """Every character of the normalised text comes from a stretch of the original that normalises to it."""
    normal, starts, ends = original_spans(text)
    assert normal == unicodedata.normalize("NFKC", text)
    assert len(starts) == len(ends) == len(normal)
    assert (ends > starts).all()
    assert (starts[1:] >= starts[:-1]).all()


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        pytest.param("Wait… the ﬁrst cafe\u0301 opens", 2, "ﬁrst", id="ligature"),
        pytest.param("Wait… the ﬁrst cafe\u0301 opens", 3, "cafe\u0301", id="decomposed-accent"),
        pytest.param("½ ｗｉｄｅ ｶﾞｽ", 2, "ｗｉｄｅ", id="fullwidth"),
        pytest.param("한국 뉴스", 1, "뉴스", id="jamo"),
    ],
)
def test_place_in_the_original(text: str, word: int, expected: str) -> None:
    """Offsets point into the text as it was handed over."""
    words = read_words(text, Vocabulary())
    _, starts, ends = original_spans(text)
    assert expected == text[starts[words.starts[word]] : ends[words.ends[word] - 1]]
