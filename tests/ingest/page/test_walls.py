"""Walls and lists are no articles; short articles, and articles about walls, are."""

from __future__ import annotations

import json

import pytest

from ingest.errors import CODES, ConsentWall, ExtractError, IndexPage, NoText, Paywall, RobotCheck
from ingest.page.extract import extract_article
from ingest.records import Article
from tests.ingest.samples import PARAGRAPHS, a_page, an_entry, html

URL = "https://news.example.com/2026/11/harbour-board-votes-to-dredge"
TEASER = PARAGRAPHS[0] + " " + PARAGRAPHS[1][:60] + "…"
OG_ARTICLE = '<meta property="og:type" content="article">'


def extracted(body: str, head: str = "", *, asked: str = URL, final: str | None = None) -> Article:
    page = a_page(html(head, body), url=final or asked)
    object.__setattr__(page, "url", asked)
    return extract_article(page, an_entry(link=asked), publisher_of=lambda host: host, via="live")


def ld(*, free: object = None, paid: str | None = None) -> str:
    node: dict[str, object] = {"@type": "NewsArticle", "headline": "Harbour board votes", "isAccessibleForFree": free}
    if paid:
        node["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": paid}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


OFFER = '<div class="article-paywall"><h2>Read on</h2><p>Subscribe to continue reading. Already a subscriber?</p></div>'
CONSENT = {
    "en": "We and our partners store cookies on your device to process personal data. You can give or withdraw your "
    "consent at any time in our privacy policy. We use personalised ads and measurement. Accept all or manage "
    "options.",
    "de": "Wir und unsere Partner verwenden Cookies, um Informationen auf Ihrem Gerät zu speichern. Mit Ihrer "
    "Einwilligung zeigen wir personalisierte Werbung. Mehr dazu in der Datenschutzerklärung. Alle akzeptieren "
    "oder ablehnen.",
    "fr": "Nous et nos partenaires utilisons des cookies sur votre appareil. Avec votre consentement, nous "
    "affichons des publicités personnalisées. Vos choix et notre politique de confidentialité sont ici. Tout "
    "accepter ou refuser.",
    "es": "Nosotros y nuestros socios usamos cookies en su dispositivo. Con su consentimiento mostramos publicidad "
    "personalizada. Lea nuestra política de privacidad antes de decidir. Aceptar todo o rechazar todo lo que "
    "ve.",
    "it": "Noi e i nostri partner usiamo i cookie sul dispositivo. Con il tuo consenso mostriamo pubblicità "
    "personalizzata. Leggi l'informativa sulla privacy prima di scegliere. Accetta tutto oppure rifiuta ogni "
    "scelta dei cookie.",
    "pl": "My i nasi partnerzy używamy plików cookie na Twoim urządzeniu. Za Twoją zgodą pokazujemy reklamy. Poznaj "
    "naszą politykę prywatności i cele przetwarzania cookie, zanim wybierzesz. Zaakceptuj wszystko lub odmów "
    "zgody.",
}


@pytest.mark.parametrize(
    ("head", "body"),
    [
        pytest.param(ld(free=False), paragraphs(TEASER) + OFFER, id="not-free-and-an-offer"),
        pytest.param(ld(free="False", paid=".paid"), paragraphs(TEASER), id="paid-part-left-out"),
        pytest.param(
            ld(free=False, paid=".paid"), paragraphs(TEASER) + '<div class="paid"></div>', id="paid-part-empty"
        ),
        pytest.param("", paragraphs(TEASER) + OFFER, id="unmarked-teaser-in-a-wall"),
        pytest.param(
            '<meta property="article:content_tier" content="locked">',
            paragraphs(TEASER) + "<p>Jetzt abonnieren und weiterlesen mit dem Tagespass</p>",
            id="tier-locked",
        ),
        pytest.param(
            ld(free=False),
            paragraphs("Le conseil a voté lundi…") + "<p>Article réservé aux abonnés</p>",
            id="few-words",
        ),
    ],
)
def test_paywall(head: str, body: str) -> None:
    """The free part of an article is not stored as the article."""
    with pytest.raises(Paywall, match="free to read"):
        extracted(body, head)


@pytest.mark.parametrize(
    ("head", "body", "paywalled"),
    [
        pytest.param(ld(free=False), paragraphs(*PARAGRAPHS), True, id="whole-text-flagged"),
        pytest.param(ld(free=False), paragraphs(*PARAGRAPHS) + OFFER, True, id="whole-text-above-an-offer"),
        pytest.param(
            ld(free=False, paid=".paid"),
            paragraphs(TEASER) + f'<div class="paid">{paragraphs(*PARAGRAPHS)}</div>',
            True,
            id="paid-part-is-there",
        ),
        pytest.param(ld(free=True), paragraphs(TEASER, PARAGRAPHS[2]) + OFFER, False, id="free-with-an-offer"),
        pytest.param("", paragraphs(*PARAGRAPHS) + '<div class="paywall"></div>', None, id="empty-wall-element"),
        pytest.param("", paragraphs(*PARAGRAPHS[:2]) + "<p>Already a subscriber?</p>", None, id="offer-without-a-wall"),
        pytest.param(
            "",
            paragraphs(*PARAGRAPHS, "A reader is asked to subscribe to continue reading, the paper said."),
            None,
            id="an-article-about-paywalls",
        ),
    ],
)
def test_no_paywall(head: str, body: str, paywalled: bool | None) -> None:
    """One sign alone loses no article; `paywalled` keeps what the page says."""
    assert extracted(body, head).paywalled is paywalled


@pytest.mark.parametrize("language", CONSENT)
def test_consent_wall(language: str) -> None:
    """A notice about cookies is no article, in any of these languages."""
    with pytest.raises(ConsentWall, match="cookies"):
        extracted(paragraphs(*CONSENT[language].split(". ")))


def test_consent_wall_by_address() -> None:
    """On a host that only asks for consent, two of the topics are enough."""
    with pytest.raises(ConsentWall):
        extracted(
            paragraphs(
                "Before you go on, we would like to use cookies. Choose whether you agree; see our privacy terms."
            ),
            final="https://consent.example.com/m?continue=1",
        )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            f'<div id="didomi-host"><p>{CONSENT["en"]}</p></div>{paragraphs(*PARAGRAPHS)}',
            id="notice-beside-an-article",
        ),
        pytest.param(
            paragraphs(
                "The privacy regulator fined two publishers on Monday for asking readers' consent to cookies in a way "
                "that was hard to refuse.",
                *PARAGRAPHS[1:5],
            ),
            id="an-article-about-consent",
        ),
    ],
)
def test_no_consent_wall(body: str) -> None:
    """What a page also says about cookies is not what it is."""
    assert extracted(body).word_count > 60


def test_robot_check() -> None:
    """A question whether the reader is a person."""
    page = a_page(
        "<html><head><title>Are you a robot?</title></head><body><h1>Verify that you are human</h1><p>"
        "Please click the box below and make sure that your browser runs JavaScript and takes cookies.</p></body>"
        "</html>"
    )
    with pytest.raises(RobotCheck):
        extract_article(page, an_entry(), publisher_of=lambda host: host, via="live")


def headline_links(number: int) -> str:
    links = (f'<li><a href="/a{at}">Headline number {at} says what happened today</a></li>' for at in range(number))
    return f"<ul>{''.join(links)}</ul>"


@pytest.mark.parametrize(
    ("asked", "final", "head", "body"),
    [
        pytest.param(URL, "https://news.example.com/", "", paragraphs(*PARAGRAPHS), id="old-link-to-the-front-page"),
        pytest.param("https://news.example.com", "https://news.example.com/", "", headline_links(20), id="front-page"),
        pytest.param(
            "https://news.example.com/sport",
            "https://news.example.com/sport",
            '<meta property="og:type" content="website">',
            headline_links(40) + paragraphs(PARAGRAPHS[0]),
            id="section",
        ),
    ],
)
def test_index_page(asked: str, final: str, head: str, body: str) -> None:
    """Front pages and lists are no articles."""
    with pytest.raises(IndexPage):
        extracted(body, head, asked=asked, final=final)


@pytest.mark.parametrize(
    ("asked", "head", "body"),
    [
        pytest.param(URL, "", headline_links(60) + paragraphs(*PARAGRAPHS), id="many-links-below-a-slug"),
        pytest.param(
            "https://news.example.com/dredging",
            OG_ARTICLE,
            headline_links(60) + paragraphs(*PARAGRAPHS),
            id="says-article",
        ),
        pytest.param(
            "https://news.example.com/dredging", "", headline_links(10) + paragraphs(*PARAGRAPHS), id="prose-outweighs"
        ),
        pytest.param(
            "https://news.example.com/dredging",
            '<meta property="article:published_time" content="2026-11-23T10:00:00Z">',
            headline_links(60) + paragraphs(*PARAGRAPHS),
            id="dated",
        ),
        pytest.param("https://news.example.com/", "", paragraphs(*PARAGRAPHS), id="a-site-of-one-page"),
    ],
)
def test_no_index_page(asked: str, head: str, body: str) -> None:
    """An article keeps its page whatever stands around it, and the list stays out of its text."""
    article = extracted(body, head, asked=asked)
    assert article.text.endswith(PARAGRAPHS[-1])
    assert "Headline number" not in article.text


@pytest.mark.parametrize("error", [Paywall, ConsentWall, RobotCheck, IndexPage, NoText])
def test_codes_are_documented(error: type[ExtractError]) -> None:
    """Every outcome has its meaning, and only what may change is tried again."""
    assert error.code in CODES
    assert error.retryable is (error in (ConsentWall, RobotCheck, NoText))
