"""Lines in and around a text that are no part of it."""

from __future__ import annotations

import pytest

from ingest.page.extract import extract_article
from ingest.records import Article
from tests.ingest.samples import PARAGRAPHS, TEXT, a_page, an_entry, html

OTHER = "Ferry company orders two new ships for the northern route"


def extracted(between: str, after: str = "") -> Article:
    shown = [f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS]
    body = "".join([*shown[:3], between, *shown[3:], after])
    return extract_article(a_page(html(body=body)), an_entry(), publisher_of=lambda host: host, via="live")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"<p>Read more: <a href='/ferry'>{OTHER}</a></p>", id="english"),
        pytest.param(f"<p>Lesen Sie auch | <a href='/ferry'>{OTHER}</a></p>", id="german"),
        pytest.param(f"<p><strong>Lea también: {OTHER}</strong></p>", id="spanish"),
        pytest.param(f"<p>MIRA: <a href='/ferry'>{OTHER}</a></p>", id="a-name-but-a-link"),
        pytest.param(f"<p>À lire aussi » <a href='/ferry'>{OTHER}</a></p>", id="french"),
        pytest.param(f"<p>Baca juga <a href='/ferry'>{OTHER}</a></p>", id="no-mark-but-a-link"),
        pytest.param(f"<p>あわせて読みたい：<a href='/ferry'>{OTHER}</a></p>", id="japanese"),
        pytest.param(f"<p>اقرأ أيضاً: <a href='/ferry'>{OTHER}</a></p>", id="arabic"),
        pytest.param(f"<p><a href='/ferry'>{OTHER}</a></p>", id="nothing-but-a-link"),
        pytest.param(f"<p>Related</p><p><a href='/ferry'>{OTHER[:36]}</a></p>", id="list-below"),
        pytest.param("<p>Sign up for our newsletter and get the news of the coast every day.</p>", id="newsletter"),
        pytest.param("<p>Abonnieren Sie unseren Newsletter mit allem, was an der Küste geschieht.</p>", id="abo"),
        pytest.param("<p>Advertisement</p>", id="advertisement"),
        pytest.param("<p>Photo: Ines Marlow / Harlan Post</p>", id="credit"),
    ],
)
def test_lines_that_are_none_of_the_article(line: str) -> None:
    """What leads to other articles, asks readers to subscribe or credits a picture is cut, wherever it stands."""
    assert extracted(line).text == TEXT
    assert extracted("", line).text == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "More on the plans will be said in May, when the board meets again with all of the fishermen of the bay.",
        "The paper said that it had told the subscribers of its newsletter about the dredging in the autumn already.",
        "Some ten thousand people subscribe to its newsletter, and sign up for more, the company said on Monday.",
        "Lee: We have waited for eleven years, and nobody in this room believed that it would ever come to this.",
        "Mira: That may be so, but the lock is ours.",
        "Photos of the seagrass were shown at the meeting, and a diver told what she had seen below the ferry.",
        "Mira Petersen, who owns the largest of the boats, said that she would rather wait for the answer in May.",
        "Recommended by the engineers two years ago, the plan had been put off because there was no money for it.",
        "Lea Wagner asked who would pay, and the harbour master said that the province had promised a third of it.",
    ],
)
def test_sentences_stay(line: str) -> None:
    """A sentence that begins with such a word, or mentions such a thing, is the article's."""
    assert line in extracted(f"<p>{line}</p>").text


def test_a_text_of_links_stays() -> None:
    """Where links are most of what is said, they are the article."""
    links = "".join(f"<p><a href='/{n}'>{paragraph}</a></p>" for n, paragraph in enumerate(PARAGRAPHS * 2))
    found = extract_article(a_page(html(body=links)), an_entry(), publisher_of=lambda host: host, via="live")
    assert PARAGRAPHS[0] in found.text


def test_a_closing_credit_counts_before_it_is_cut() -> None:
    """`© AFP` names the wire, and is no sentence."""
    found = extracted("", "<p>© 2026 AFP</p>")
    assert (found.agency, found.text) == ("AFP", TEXT)
