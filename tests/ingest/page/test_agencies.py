"""Wire credits and datelines: believed where a newsroom puts them, not where a text mentions a wire."""

from __future__ import annotations

import pytest

from ingest.page.agencies import credited_agency, dateline

BODY = "\n".join(f"Paragraph {number} of the report says something of its own." for number in range(6))


@pytest.mark.parametrize(
    ("opening", "agency", "place"),
    [
        pytest.param("WASHINGTON (AP) — The court ruled on Monday.", "AP", "WASHINGTON", id="ap"),
        pytest.param("KYIV, Nov. 22 (Reuters) - The grid failed.", "Reuters", "KYIV, Nov. 22", id="reuters"),
        pytest.param("BEIJING, Nov. 22 (Xinhua) -- China said.", "Xinhua", "BEIJING, Nov. 22", id="xinhua"),
        pytest.param("MOSCOW, November 22. /TASS/. The ministry said.", "TASS", "MOSCOW, November 22", id="tass"),
        pytest.param("TOKYO (Kyodo) -- The cabinet met.", "Kyodo", "TOKYO", id="kyodo"),
        pytest.param("Berlin (dpa) - Der Bundestag stimmte zu.", "dpa", "Berlin", id="dpa"),
        pytest.param("Berlin (dpa/lby) - Der Bundestag stimmte zu.", "dpa", "Berlin", id="dpa-region"),
        pytest.param("Madrid, 22 nov (EFE).- El gobierno aprobó.", "EFE", "Madrid, 22 nov", id="efe"),
        pytest.param("(ANSA) - ROMA, 22 NOV - Il governo.", "ANSA", "ROMA, 22 NOV", id="ansa"),
        pytest.param("(EFE).- Nicaragua cerró el año con deuda.", "EFE", None, id="credit-without-place"),
        pytest.param("LA CROSSE, Wis. (AP) — The campaign stopped.", "AP", "LA CROSSE, Wis", id="state"),
        pytest.param(
            "HARLAN BAY, Nov. 22 (Meridian Wire) -- Ferries.", "Meridian Wire", "HARLAN BAY, Nov. 22", id="unknown"
        ),
        pytest.param(
            "Harlan Bay (Northern Press Agency) – Ferries.", "Northern Press Agency", "Harlan Bay", id="unknown-agency"
        ),
        pytest.param("PORTLAND, Maine (WMTW) -- A storm.", None, None, id="a-station-is-no-wire"),
        pytest.param("Angela Merkel (CDU) - eine Bilanz.", None, None, id="a-party-is-no-wire"),
        pytest.param("HARLAN BAY (NBW) - Ferries.", "NBW", "HARLAN BAY", id="unknown-letters"),
        pytest.param("Joe Smith (24) - a portrait.", None, None, id="age"),
        pytest.param("DUBLIN — The count began.", None, "DUBLIN", id="no-credit"),
        pytest.param("UPDATE — The count began.", None, None, id="not-a-place"),
        pytest.param("The AP reported that rates rose.", None, None, id="mention"),
        pytest.param("Officials told Reuters that rates rose.", None, None, id="told"),
        pytest.param("The minister (pictured) — who resigned — said.", None, None, id="bracket-in-prose"),
    ],
)
def test_opening(opening: str, agency: str | None, place: str | None) -> None:
    """A bracket in the dateline is a credit; a word in a sentence is none."""
    text = f"{opening}\n{BODY}"
    assert credited_agency(text) == agency
    assert dateline(text) == place


@pytest.mark.parametrize(
    ("closing", "agency"),
    [
        pytest.param("(AP)", "AP", id="bracket"),
        pytest.param("Reuters", "Reuters", id="bare"),
        pytest.param("Quelle: ntv.de, mli/dpa", "dpa", id="german-source"),
        pytest.param("© 2026 AFP", "AFP", id="copyright"),
        pytest.param("(Reporting by Ann Lee; Editing by Bo Chi)", "Reuters", id="reuters-signature"),
        pytest.param("© dpa-infocom, dpa:261122-99-868682/3", "dpa", id="dpa-signature"),
        pytest.param("Officials will meet again on Monday. (Xinhua)", "Xinhua", id="after-the-last-sentence"),
        pytest.param("The Associated Press contributed to this report.", None, id="contributed"),
        pytest.param("He spoke to AFP.", None, id="mention"),
        pytest.param("She works at Reuters", None, id="short-sentence"),
    ],
)
def test_closing(closing: str, agency: str | None) -> None:
    """A closing line that is nothing but a credit counts."""
    assert credited_agency(f"{BODY}\n{closing}") == agency


@pytest.mark.parametrize(
    ("authors", "agency"),
    [
        pytest.param(("Associated Press",), "AP", id="name"),
        pytest.param(("Adam Vidler", "AP"), "AP", id="second"),
        pytest.param(("Ann Lee, Associated Press",), "AP", id="with-person"),
        pytest.param(("Agence France-Presse",), "AFP", id="afp"),
        pytest.param(("dpa/AFP",), "dpa", id="first-of-two"),
        pytest.param(("Reuters Staff",), "Reuters", id="staff"),
        pytest.param(("SDA",), "Keystone-SDA", id="swiss"),
        pytest.param(("Sid Vicious",), None, id="a-person"),
        pytest.param(("Uni", "Pa", "App"), None, id="short-words"),
        pytest.param((), None, id="nobody"),
    ],
)
def test_byline(authors: tuple[str, ...], agency: str | None) -> None:
    """A wire among the authors is the credit."""
    assert credited_agency(BODY, authors) == agency


@pytest.mark.parametrize(
    ("opening", "agency", "place"),
    [
        pytest.param("New Delhi, Nov 22 (PTI) The court ruled on Monday.", "PTI", "New Delhi, Nov 22", id="pti"),
        pytest.param("Mumbai, Nov 22 (IANS) Ferries will run again.", "IANS", "Mumbai, Nov 22", id="ians"),
        pytest.param(
            "New Delhi [India], November 22 (ANI): A boat.", "ANI", "New Delhi [India], November 22", id="ani"
        ),
        pytest.param("SEOUL, Nov. 22 (Yonhap) -- Ferries will run.", "Yonhap", "SEOUL, Nov. 22", id="yonhap"),
        pytest.param("TEHRAN (Tasnim) – Ferries will run again.", "Tasnim", "TEHRAN", id="tasnim"),
        pytest.param("TEHRAN, Nov. 22 (MNA) – Ferries will run again.", "Mehr", "TEHRAN, Nov. 22", id="mehr"),
        pytest.param(
            "La Habana, 22 nov (Prensa Latina) Los barcos.", "Prensa Latina", "La Habana, 22 nov", id="prensa"
        ),
        pytest.param("Paris (AFP) – Les ferries reprennent.", "AFP", "Paris", id="afp"),
        pytest.param("ANKARA (AA) - Feribotlar yeniden.", "Anadolu", "ANKARA", id="anadolu"),
        pytest.param("Lisboa, 22 nov 2026 (Lusa) - Os barcos voltam.", "Lusa", "Lisboa, 22 nov 2026", id="lusa"),
        pytest.param("Warszawa (PAP) - Promy znów pływają.", "PAP", "Warszawa", id="pap"),
        pytest.param("Wien (APA) - Die Fähren fahren wieder.", "APA", "Wien", id="apa"),
        pytest.param("HANOI, Nov. 22 (VNA) - Ferries will run.", "VNA", "HANOI, Nov. 22", id="vna"),
        pytest.param("KUALA LUMPUR, Nov 22 (Bernama) -- Ferries.", "Bernama", "KUALA LUMPUR, Nov 22", id="bernama"),
        pytest.param("LAGOS, Nov. 22 (NAN) – Ferries will run.", "NAN", "LAGOS, Nov. 22", id="nan"),
        pytest.param("【ソウル共同】フェリーは月曜日に再開した。", "Kyodo", "ソウル", id="kyodo-japanese"),
        pytest.param("【モスクワ時事】フェリーは月曜日に再開した。", "Jiji", "モスクワ", id="jiji-japanese"),
        pytest.param("新华社北京11月22日电 渡轮周一恢复运营。", "Xinhua", "北京", id="xinhua-chinese"),
        pytest.param("(서울=연합뉴스) 여객선이 월요일 다시 운항했다.", "Yonhap", "서울", id="yonhap-korean"),
        pytest.param("القاهرة (رويترز) - عادت العبارات يوم الاثنين.", "Reuters", "القاهرة", id="reuters-arabic"),
        pytest.param("МОСКВА, 22 ноября. /ТАСС/. Паромы снова ходят.", "TASS", "МОСКВА, 22 ноября", id="tass-russian"),
        pytest.param("МОСКВА, 22 ноя - РИА Новости. Паромы ходят.", "RIA Novosti", "МОСКВА, 22 ноя", id="ria"),
        pytest.param("Por EFE", "EFE", None, id="por-efe"),
        pytest.param("By The Associated Press", "AP", None, id="by-ap"),
        pytest.param("By ANN LEE, AP Sports Writer", "AP", None, id="ap-writer"),
        pytest.param("By Ann Lee, our reporter in Harlan Bay", None, None, id="own-reporter"),
        pytest.param("New Delhi, Nov 22 (Monday) The court ruled.", None, None, id="a-day-in-brackets"),
        pytest.param("【写真】フェリーは月曜日に再開した。", None, None, id="a-picture-label"),
        pytest.param("Jan Kowalski, 22 lat (PL) mówi o promach.", None, None, id="a-country-code"),
    ],
)
def test_opening_of_many_wires(opening: str, agency: str | None, place: str | None) -> None:
    """Each wire's own manner to open a report."""
    text = f"{opening}\n{BODY}"
    assert credited_agency(text) == agency
    assert dateline(text) == place


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("Af Ritzau", "Ritzau"), ("Por Agencia EFE", "EFE"), ("von dpa", "dpa"), ("AP Staff", "AP"),
        ("Agencia Prensa Latina", "Prensa Latina"), ("Tasnim News Agency", "Tasnim"), ("ТАСС", "TASS"),
        ("共同通信", "Kyodo"), ("新华社", "Xinhua"), ("연합뉴스", "Yonhap"), ("Press Trust of India", "PTI"),
        ("Redazione ANSA", "ANSA"), ("Kyodo News", "Kyodo"), ("Indo-Asian News Service", "IANS"),
        ("Map Maker", None), ("Tap", None), ("Ana Pap", None),
    ],
)  # fmt: skip
def test_byline_of_many_wires(author: str, agency: str | None) -> None:
    """Names of wires in several languages; short ones count in capitals only."""
    assert credited_agency(BODY, (author,)) == agency


@pytest.mark.parametrize(
    "closing",
    ["Rubriklistenbild: © KCNA/dpa", "(Con información de AFP, EFE y Reuters)", "(With files from Reuters, AP)"],
)
def test_credits_that_are_not_the_text_s(closing: str) -> None:
    """The wire took the picture, or helped; the text is not its own."""
    assert credited_agency(f"{BODY}\n{closing}") is None
