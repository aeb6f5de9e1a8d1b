"""Pages that stand where an article should: paywalls, consent walls, robot checks, front pages and lists.

Precision first: an article taken for a wall is lost, a wall taken for an article is a short text more. So each rule
needs two or more signs, and the size of the text is always one of them. Markers of consent tools and paywalls alone say
nothing: they are on most pages of newspapers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ingest.errors import ConsentWall, IndexPage, Paywall, RobotCheck
from ingest.page.canonical import names_a_page
from ingest.page.metadata import Metadata, paid_elements
from ingest.records import Page
from ingest.text.cleaning import count_words, fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

TEASER_WORDS: Final = 250  # a longer text is stored even if the rest is paid for, with `paywalled` set
UNMARKED_TEASER_WORDS: Final = 120  # where the page does not say that it is not free
NOTICE_WORDS: Final = 300  # a longer notice is an article about consent
HEADLINE_CHARS: Final = 25  # of a link: menus have shorter ones
MIN_HEADLINES: Final = 15  # on a front page
MIN_LISTED: Final = 30  # on a page that is only called website
LINE_CHARS: Final = 80
PROSE_WORDS: Final = 8  # of a line: shorter ones are headings and buttons
_HIDDEN: Final = frozenset({"script", "style", "noscript", "template"})

_WALL_CLASS: Final = re.compile(
    r"pay-?wall|reg-?wall|subscri(?:be|ption)-?(?:wall|offer|prompt|gate)|piano-(?:offer|container|inline)|"
    r"tp-container-inner|premium-?(?:wall|gate|teaser)|article-?(?:gate|locked)|gated-?content|metered-?content|"
    r"abo-?(?:wall|teaser|offer)|plus-?(?:wall|teaser)|content-?gate",
    re.IGNORECASE,
)
_OFFER: Final = re.compile(
    r"(?:subscribe|sign up|register|log ?in|sign in) (?:now )?to (?:continue|keep|read|unlock|view)|"
    r"to continue reading|"
    r"continue reading (?:this|with)|already a subscriber|(?:for|to) subscribers only|"
    r"subscriber[- ](?:only|exclusive)|"
    r"weiterlesen mit|um weiterzulesen|jetzt (?:abonnieren|weiterlesen|freischalten)|"
    r"artikel freischalten|bereits abonnent|"
    r"nur für abonnent|réservée? (?:aux|à nos) abonn|déjà abonné|abonnez-vous pour|il vous reste \d+|"
    r"para seguir leyendo|para continuar leyendo|solo para suscriptores|exclusivo para suscriptores|ya eres suscriptor|"
    r"exclusivo para assinantes|para continuar lendo|já é assinante|per continuare a leggere|riservato agli abbonati|"
    r"sei già abbonato|alleen voor abonnees|om verder te lezen|al abonnee|för prenumeranter|redan prenumerant|"
    r"for abonnenter|kun for abonnent|logg inn for å lese|for at læse videre|tilaajille|"
    r"tylko dla (?:prenumerator|subskrybent)|aby czytać dalej|pouze pro předplatitele|abonelere özel|"
    r"доступ\w* (?:только )?(?:для )?подписчик|только для подписчик|лише для передплатник|"
    r"有料会員|会員限定|残り[:：]?\s?\d+文字|订阅后|订户专享|구독자 전용|للمشتركين فقط",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"[.!?。！？؟।]['\"”’»）)\]]*\s*$")

_CUT: Final = re.compile(r"(?:…|\.\.\.|\[…\])\s*$")

# Six things that a consent notice talks of, each in many languages; prose seldom names three of them.
_CONSENT: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"cookie|cookies|kakor|informasjonskapsl|evästee|ciasteczk|çerez|файл\w* cookie|куки|クッキー|쿠키|"
        r"ملفات تعريف الارتباط|local storage|gerätekennung|device identifier|traceurs",
        r"\bconsent|einwillig|zustimm|consentement|"
        r"consent[ií]mi?ento|consenso|consentimento|toestemming|samtyck|samtykk|"
        r"suostumu|\bzgod[aęy]|souhlas|hozzájárul|rıza|согласи|згод[аиу]|同意|동의|موافق",
        r"privacy|privatsphäre|datenschutz|confidentialité|vie privée|privacidad|privatliv|integritet|tietosuoja|"
        r"prywatno|soukromí|gizlilik|конфиденциальност|приватност|隐私|プライバシー|개인정보|gdpr|dsgvo|rgpd|ccpa",
        r"partners|vendors|third[- ]part|drittanbieter|partnern|"
        r"nos (?:\d+ )?partenaires|nuestros socios|nostri partner|"
        r"nossos parceiros|onze partners|partnere|партн[её]р|第三方|パートナー|파트너",
        r"personali[sz]ed (?:ads|content|advertising)|personalisierte|tracking|publicités? personnalisée|"
        r"publicidad personalizada|pubblicità personalizzata|gepersonaliseerde|measurement|legitimate interest|"
        r"berechtigtes interesse|intérêt légitime|interés legítimo|legittimo interesse|gerechtvaardigd belang",
        r"(?:accept|reject|allow|agree to) (?:all|and)|i agree|manage (?:options|settings|preferences|choices)|"
        r"alle akzeptieren|akzeptieren und|tout (?:accepter|refuser)|accepter et|aceptar (?:todo|y)|rechazar todo|"
        r"accetta (?:tutt|e )|rifiuta|aceitar|alles (?:accepteren|toestaan)|godkänn alla|godta alle|hyväksy|"
        r"akceptuj|zaakceptuj|přijmout|elfogad|kabul et|принять|прийняти|全部接受|すべて許可|모두 동의",
    )
)
_CONSENT_URL: Final = re.compile(
    r"^https?://(?:consent|cmp|guce|myprivacy)\.|/(?:consent|gdpr|privacy-?gate)[/?]", re.I
)
_ROBOT_CHECK: Final = re.compile(
    r"^(?:just a moment|attention required|are you a (?:robot|human)|verify (?:you are|that you)|"
    r"access (?:to this page )?(?:has been )?denied|pardon our interruption|please wait\W|security check|"
    r"checking your browser|robot check|"
    r"human verification|ddos-guard)",
    re.IGNORECASE,
)


def refuse_index(tree: HtmlElement, meta: Metadata, page: Page) -> None:
    """Raises IndexPage for a front page or a list of links. A page that dates itself or calls itself an article never
    is one.
    """
    if meta.says_article or any(claim.source != "time" for claim in meta.published):
        return
    there, asked = urlsplit(page.final_url), urlsplit(page.url)
    front = there.path in ("", "/") and not there.query
    if front and asked.path not in ("", "/") and names_a_page(asked.path):
        raise IndexPage(page.final_url, f"{page.url} was redirected to the front page")
    if not front and (names_a_page(there.path) or names_a_page(there.query)):
        return
    headlines, chars = _headlines(tree)
    prose = _prose_chars(tree)
    if (front and headlines >= MIN_HEADLINES and chars > prose) or (headlines >= MIN_LISTED and chars > 2 * prose):
        raise IndexPage(page.final_url, f"{headlines} headlines that are links, {prose} characters of prose")


def refuse_wall(tree: HtmlElement, meta: Metadata, page: Page, text: str) -> None:
    """Raises Paywall, ConsentWall or RobotCheck if *text*, the best that *tree* gave, is short and says so."""
    words = count_words(text)
    if words >= NOTICE_WORDS:
        return
    shown = visible_text(tree)
    if _is_robot_check(tree, meta, shown):
        raise RobotCheck(page.final_url, "the page asks whether its reader is a person")
    if _is_consent(meta, page.final_url, text or shown):
        raise ConsentWall(page.final_url, f"{words} words, about cookies and consent")
    if _is_paywall(tree, meta, text, words, shown):
        raise Paywall(page.final_url, f"{words} words are free to read")


def visible_text(tree: HtmlElement) -> str:
    """All text of the page but scripts and styles, on one line."""
    parts: list[str] = []
    skip = 0
    from lxml.etree import iterwalk

    for event, node in iterwalk(tree, events=("start", "end")):
        hidden = node.tag in _HIDDEN
        skip += hidden if event == "start" else -hidden
        piece = node.text if event == "start" else node.tail
        if piece and not skip:
            parts.append(piece)
    return fold(" ".join(parts))


def _headlines(tree: HtmlElement) -> tuple[int, int]:
    """(number, characters) of the links as long as a headline, each text once."""
    texts = {fold(link.text_content()) for link in tree.iter("a")}
    long = [len(text) for text in texts if len(text) >= HEADLINE_CHARS]
    return len(long), sum(long)


def _prose_chars(tree: HtmlElement) -> int:
    """Characters of paragraphs of more than a line, their links left out."""
    sizes = (
        len(fold(paragraph.text_content())) - sum(len(fold(link.text_content())) for link in paragraph.iter("a"))
        for paragraph in tree.iter("p")
    )
    return sum(size for size in sizes if size > LINE_CHARS)


def _is_robot_check(tree: HtmlElement, meta: Metadata, shown: str) -> bool:
    title = next((fold(node.text_content()) for node in tree.iter("title")), "")
    return not meta.says_article and bool(_ROBOT_CHECK.match(title)) and count_words(shown) < NOTICE_WORDS


def _is_consent(meta: Metadata, url: str, text: str) -> bool:
    """Most of *text* is about consent, and it names three of the six things that such notices name."""
    topics = sum(bool(topic.search(text)) for topic in _CONSENT)
    if _CONSENT_URL.search(url):
        return topics >= 2
    if topics < 3 or count_words(text) >= NOTICE_WORDS:
        return False
    sentences = [part for part in re.split(r"(?<=[.!?。])\s*|\n", text) if part.strip()]
    about = sum(len(part) for part in sentences if any(topic.search(part) for topic in _CONSENT))
    return about >= (0.8 if meta.says_article else 0.5) * sum(map(len, sentences))


def _is_paywall(tree: HtmlElement, meta: Metadata, text: str, words: int, shown: str) -> bool:
    """A short text that the page calls not free, with two of three signs of a cut: an offer to read on, no paid part,
    an end in the air. Where the page does not say, a shorter text and an offer in a wall. Never where it says free.
    """
    if meta.paywalled is False or words >= TEASER_WORDS:
        return False
    offer = bool(_OFFER.search(shown))
    if meta.paywalled:
        return offer + _ends_in_the_air(text) + _paid_part_missing(tree, meta) >= 2
    return words < UNMARKED_TEASER_WORDS and offer and _has_wall(tree)


def _ends_in_the_air(text: str) -> bool:
    """The last line of prose, the offer left out, ends with dots or without an end."""
    lines = [line for line in text.split("\n") if count_words(line) >= PROSE_WORDS and not _OFFER.search(line)]
    return not lines or bool(_CUT.search(lines[-1])) or not _SENTENCE_END.search(lines[-1])


def _paid_part_missing(tree: HtmlElement, meta: Metadata) -> bool:
    """JSON-LD names the elements that hold the paid part, and the page has none of them with a line of text in it."""
    return bool(meta.paid_classes) and not any(
        len(fold(node.text_content())) > LINE_CHARS for node in paid_elements(tree, meta)
    )


def _has_wall(tree: HtmlElement) -> bool:
    """An element that is called a paywall and makes an offer."""
    named = (node for node in tree.iter() if _WALL_CLASS.search(f"{node.get('class') or ''} {node.get('id') or ''}"))
    return any(_OFFER.search(fold(node.text_content())) for node in named)
