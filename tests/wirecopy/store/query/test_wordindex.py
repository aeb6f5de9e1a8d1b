"""The index of words and the scan without it: the same articles, in any script; and nothing lives on in it."""

from __future__ import annotations

import csv
import io
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.wirecopy.builders import at, capture, commit, name
from wirecopy import steps
from wirecopy.pages.app import create_app
from wirecopy.settings import Settings
from wirecopy.store.files.layout import Layout
from wirecopy.store.query import wordindex
from wirecopy.store.query.reader import TooLong
from wirecopy.store.query.terms import Term, terms_of
from wirecopy.store.query.wordindex import bring_up_to_date, find_words

TEXTS = {
    "english": "The Northern basin is to close — for weeks, said the Harbour_master to O\u2019Brien&Co: 3.5%",
    "german": "Das Hafenbecken schließt. MÜLLER sagt: Straße, Straßen.",
    "chinese": "北部港池将关闭十一周，港务局表示。ABC公司",
    "japanese": "港は十一週間閉鎖される。トラムは走る。",
    "thai": "ท่าเรือจะปิดสิบเอ็ดสัปดาห์",
    "arabic": "سيُغلق الحوض الشمالي أحد عشر أسبوعا، قالت السلطات.",
    "hindi": "उत्तरी बेसिन ग्यारह सप्ताह के लिए बंद रहेगा।",
    "russian": "Северный бассейн закроют на одиннадцать недель.",
    "hostile": 'NUL\0 after; <b>bold</b> \u202eturned \U0001f600 smile " OR title:x NEAR(a b) * ^ -- half',
    "empty": "",
}
QUESTIONS = {
    "basin": {"english"}, "BASIN": {"english"}, "basi": set(), "bas*": {"english"}, "ba*": set(),
    '"to close for weeks"': {"english"}, '"close weeks"': set(), "basin weeks": {"english"}, "basin hafenbecken": set(),
    "hafen*": {"german"}, "müller": {"german"}, "muller": set(), "straße": {"german"}, '"o’brien co"': {"english"},
    "3.5": {"english"}, "港": {"chinese", "japanese"}, "港池": {"chinese"}, "池港": set(), "abc": {"chinese"},
    "ABC公司": {"chinese"}, "関": set(), "トラム": {"japanese"}, "ท่าเรือ": {"thai"}, "ปิดสิบ": {"thai"},
    "الحوض": {"arabic"}, '"الحوض الشمالي"': {"arabic"}, "سيُغلق": {"arabic"}, "حوض": set(), "बेसिन": {"hindi"},
    "бассейн": {"russian"}, "БАССЕЙН": {"russian"}, "after": {"hostile"}, "bold": {"hostile"}, "near": {"hostile"},
    '"x near"': {"hostile"}, "NOT": set(), "or": {"hostile"}, "turned": {"hostile"},
}  # fmt: skip


@pytest.fixture
def pages(layout: Layout) -> TestClient:
    """The texts above as articles of one day, and the pages on the day after."""
    commit(
        layout,
        *(
            capture(slug, slug, at(n), published_at=at(n)) | {"text": text}
            for n, (slug, text) in enumerate(TEXTS.items())
        ),
    )
    settings = Settings(data=Path(layout.root), now=at(30))
    return TestClient(create_app(lambda: settings), base_url="http://127.0.0.1:8090")


def found(pages: TestClient, question: str) -> set[str]:
    """Headlines that a search finds."""
    answer = pages.get("/search.csv", params={"q": question})
    assert answer.status_code == 200, answer.text
    return {row["article_id"] for row in csv.DictReader(io.StringIO(answer.text))}


@pytest.mark.slow
def test_index_and_scan_find_the_same(layout: Layout, pages: TestClient) -> None:
    """In every script: whole words, phrases across punctuation, beginnings; case does not matter."""
    expected = {
        question: {name(f"https://gazette.example/{slug}") for slug in slugs} for question, slugs in QUESTIONS.items()
    }
    assert {question: found(pages, question) for question in QUESTIONS} == expected
    assert bring_up_to_date(layout, at(30).date())[0] == [at(0).date()]
    assert {question: found(pages, question) for question in QUESTIONS} == expected
    for question in ('"', "*", "—", '"" ""', "a" * 300, '"' + "b " * 149, "( OR", "\0\0\0", "\U0001f600"):
        assert pages.get("/search", params={"q": question}).status_code == 200
    shown = pages.get("/search", params={"q": '"to close for weeks"'}).text
    assert "<b>to close — for weeks</b>" in shown


@pytest.mark.slow
def test_an_index_is_good_for_its_articles_only(
    layout: Layout, pages: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change the date is read; the next look indexes it anew, and others not. What is forgotten is nowhere."""
    monkeypatch.setenv("WIRECOPY_DATA", str(layout.root))
    monkeypatch.setenv("WIRECOPY_NOW", at(30).isoformat())
    assert steps.index_texts()["made"] == ["2026-11-22"]
    assert steps.index_texts() == {"made": [], "removed": []}
    commit(layout, capture("late", "late", at(29), published_at=at(20)) | {"text": "The basin again"})
    assert len(found(pages, "basin")) == 2
    (index,) = Path(layout.state).glob("search/*.db")
    assert in_file(index, "weeks") == 1
    steps.forget(url="https://gazette.example/english")
    assert not index.exists()
    assert len(found(pages, "basin")) == 1
    assert steps.index_texts()["made"] == ["2026-11-22"]
    assert found(pages, "weeks") == set()
    assert in_file(index, "weeks") == 0
    index.write_bytes(index.read_bytes()[:5000])
    assert len(found(pages, "basin")) == 1
    assert steps.index_texts()["made"] == ["2026-11-22"]
    monkeypatch.setenv("WIRECOPY_NOW", (at(0) + timedelta(days=40)).isoformat())
    assert steps.index_texts()["removed"] == ["2026-11-22"]


def in_file(index: Path, word: str) -> int:
    """How many texts of an index have a word."""
    with closing(sqlite3.connect(index)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)")
        found = connection.execute("SELECT doc FROM temp.vocabulary WHERE term = ?", (word,)).fetchone()
    return found[0] if found else 0


def test_a_search_ends_in_time(layout: Layout, pages: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its moment it is broken off with a sentence."""
    bring_up_to_date(layout, at(30).date())
    monkeypatch.setattr(wordindex, "STEPS", 1)
    with pytest.raises(TooLong, match="fewer days"):
        list(find_words(layout, [at(0).date()], [Term(("basin",))], "texts", most=5, until=time.monotonic() - 1))


def test_terms() -> None:
    """Words, phrases, beginnings; what is too short is left out, and eight are enough."""
    assert terms_of('Basin "To  Close" har* x h*') == [
        Term(("basin",)),
        Term(("to", "close")),
        Term(("har",), True),
    ]
    assert len(terms_of(" ".join(f"word{n}" for n in range(20)))) == 8
