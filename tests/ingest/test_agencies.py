"""Wire credits and datelines: believed where a newsroom puts them, not where a text mentions a wire."""

from __future__ import annotations

import pytest

from ingest.agencies import credited_agency, dateline

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
