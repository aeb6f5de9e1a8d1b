"""Undeclared encodings: western and central European texts are told apart."""

from __future__ import annotations

import pytest

from ingest.text.charset import decode


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("Die größte Überraschung war, dass die Straße geöffnet und „so schön“ wurde.", "cp1252", id="de"),
        pytest.param("L’été dernier, les élèves ont été reçus à l’école où naît une façade.", "cp1252", id="fr"),
        pytest.param("La señora Muñoz dijo que mañana habrá elecciones en España y los demás.", "cp1252", id="es"),
        pytest.param("A eleição não será em São João, disse a presidente após uma reunião.", "cp1252", id="pt"),
        pytest.param("På måndagen åkte de till Västerås för att hälsa på sin mormor och far.", "cp1252", id="sv"),
        pytest.param("Příliš žluťoučký kůň úpěl ďábelské ódy, řekl starosta města a šel na oběd.", "cp1250", id="cs"),
        pytest.param(
            "Zażółć gęślą jaźń, powiedział burmistrz miasta Łódź w środę, jest na to czas.", "cp1250", id="pl"
        ),
        pytest.param("Az őszi időszakban több ezer üzletet nyitottak, közölte egy főügyész.", "cp1250", id="hu"),
    ],
)
def test_undeclared(text: str, encoding: str) -> None:
    """The small words of a text say which half of Europe its letters are of."""
    page = f"<html><body>{f'<p>{text} </p>' * 6}</body></html>"
    assert decode(page.encode(encoding), {}) == page
