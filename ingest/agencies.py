"""Which wire service an article credits, and the dateline it opens with.

Precision first: a credit counts in the byline, in the dateline or in a closing credit line. A mere mention ("told
Reuters"), or "AP contributed to this report", is no credit for the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_NAMES: Final = {  # our name: other spellings, lower case
    "AP": "associated press|the associated press|ap news|by ap",
    "Reuters": "thomson reuters|reuters staff|reuters news agency",
    "AFP": "agence france-presse|agence france presse|afp deutschland|l'afp|france-presse",
    "dpa": "deutsche presse-agentur|deutsche presse agentur|dpa-infocom|dpa international|german press agency",
    "EFE": "agencia efe|agência efe", "Europa Press": "europapress", "ANSA": "agenzia ansa|redazione ansa",
    "Adnkronos": "", "LaPresse": "",
    "APA": "austria presse agentur|apa.at", "Keystone-SDA": "sda|ats|keystone/sda|keystone sda|ats-keystone",
    "KNA": "katholische nachrichten-agentur",
    "epd": "evangelischer pressedienst", "SID": "sport-informations-dienst",
    "Xinhua": "xinhua news agency|xinhuanet|新华社",
    "Kyodo": "kyodo news|jiji-kyodo|共同通信|共同", "Jiji": "jiji press|時事",
    "Yonhap": "yonhap news|yonhap news agency|연합뉴스", "CNA": "central news agency",
    "TASS": "itar-tass|тасс", "RIA Novosti": "ria|риа новости", "Interfax": "интерфакс|interfax-ukraine",
    "Ukrinform": "", "BelTA": "",
    "PTI": "press trust of india|pti news", "ANI": "asian news international", "IANS": "indo-asian news service",
    "UNI": "united news of india",
    "APP": "associated press of pakistan", "BSS": "", "Bernama": "", "Antara": "antara news",
    "AAP": "australian associated press|aap newswire",
    "PA": "pa media|press association|pa news agency", "UPI": "united press international",
    "Bloomberg": "bloomberg news",
    "The Canadian Press": "canadian press|la presse canadienne|cp", "Belga": "belga news agency|agence belga",
    "ANP": "algemeen nederlands persbureau",
    "NTB": "", "TT": "tt-ritzau", "Ritzau": "", "STT": "", "Lusa": "agência lusa", "MTI": "",
    "PAP": "polska agencja prasowa", "CTK": "čtk|ctk", "TASR": "",
    "Tanjug": "", "Hina": "", "Anadolu": "aa|anadolu agency|anadolu ajansı", "DHA": "demirören haber ajansı",
    "IHA": "", "IRNA": "", "Tasnim": "tasnim news agency",
    "ISNA": "", "SPA": "saudi press agency", "WAM": "", "MENA": "", "KUNA": "", "QNA": "", "KCNA": "",
    "VNA": "vietnam news agency", "Télam": "telam",
    "Agência Brasil": "agencia brasil", "Estadão Conteúdo": "estadao conteudo", "Folhapress": "",
    "TNS": "tribune news service",
}  # fmt: skip
_AGENCIES: Final = {
    spelling: name for name, others in _NAMES.items() for spelling in (name.casefold(), *others.split("|")) if spelling
}
# Two letters, or the name of something else too: believed in a byline or a bracketed dateline only as written here.
_DELICATE: Final = frozenset(
    {
        "ap",
        "aa",
        "pa",
        "cp",
        "tt",
        "cna",
        "app",
        "uni",
        "ani",
        "apa",
        "ats",
        "sda",
        "mena",
        "spa",
        "hina",
        "ria",
        "sid",
        "antara",
        "ntb",
    }
)
_CREDIT_WORD: Final = re.compile(
    r"\b(?:wire|newswire|news|press|presse|agency|agence|agencia|agentur|agenzia|pool|service|syndicate)\b",
    re.IGNORECASE,
)
_CALL_LETTERS: Final = re.compile(r"[WK][A-Z]{2,3}(?:[- ](?:TV|FM|AM|DT))?")  # a station's own newsroom, not a wire

_CAPITALISED: Final = (
    r"[^\W\d_a-zß-ÿ][\w.'’ʼ]*"  # no hyphen: it separates, and in both places it would backtrack for ever
)
_SMALL: Final = "of|de|del|la|le|les|the|di|am|an|der|do|da|al|el"
_PLACE: Final = rf"{_CAPITALISED}(?:[ /-]+(?:{_CAPITALISED}|{_SMALL})){{0,4}}"
_REGION: Final = rf"(?:,\s*{_PLACE})?"
_DAY: Final = r"(?:,?\s*(?:[A-Za-zÀ-ÿ]{3,9}\.?\s+\d{1,2}|\d{1,2}\.?\s*(?:de\s+)?[A-Za-zÀ-ÿ]{3,10})\.?(?:,?\s*\d{4})?)?"
_DASH: Final = r"(?:\s*(?:--+|[-–—−:]|\.\s?[-–—]|\.))"
_BRACKETED: Final = re.compile(
    rf"(?P<dateline>{_PLACE}{_REGION}{_DAY})[,.]?\s*[(\[/](?P<credit>[^()\[\]/\n]{{2,40}}(?:/[^()\[\]/\n]{{2,20}})?)[)\]/]{_DASH}"
)
_CREDIT_FIRST: Final = re.compile(
    rf"[(\[](?P<credit>[^()\[\]\n]{{2,40}})[)\]]{_DASH}\s*(?:(?P<dateline>{_PLACE}{_DAY})\s*[-–—]+\s)?"
)
_UNCREDITED: Final = re.compile(
    rf"(?P<dateline>[^\W\d_a-zß-ÿ][^\W\d_a-zß-ÿ.'’ -]{{2,30}}{_REGION}{_DAY})\s*(?:--+|[–—]|\s-)\s+\S"
)
_NO_PLACE: Final = frozenset({
    "update", "updated", "watch", "live", "breaking", "exclusive", "opinion", "analysis", "video", "photos", "read",
    "more", "editorial", "review",
    "correction", "note", "advertisement",
})  # fmt: skip
_CLOSING: Final = (
    re.compile(r"^[(\[—–-]*\s*(?P<credit>[^()\[\]]{2,40}?)\s*[)\]]*\.?$"),
    re.compile(r"^(?:source|sources|quelle|fuente|fonte|bron|källa)\s*:\s*(?P<credit>.{2,60}?)\.?$", re.IGNORECASE),
    re.compile(r"^(?:©|\(c\)|copyright)\s*(?:\d{4})?\s*(?:the\s+)?(?P<credit>[^.,|]{2,40})", re.IGNORECASE),
    re.compile(r"[.!?»”\"]\s*[(\[](?P<credit>[^()\[\]]{2,40})[)\]]\s*$"),
)
_REUTERS_SIGNATURE: Final = re.compile(
    r"^\(?(?:additional )?reporting by .{3,300}?;.{0,200}\bediting by\b", re.IGNORECASE
)
_DPA_SIGNATURE: Final = re.compile(r"dpa-infocom|\bdpa:\d{6}-", re.IGNORECASE)
HEAD_LINES, TAIL_LINES, LINE_CHARS = 4, 3, 400


def credited_agency(text: str, authors: Iterable[str] = ()) -> str | None:
    """The wire that *text* credits in its dateline, its closing line or its byline: `AP`, `dpa`, or as written if
    we do not know it.
    """
    lines = _lines(text)
    return (
        _opening_credit(lines)
        or _closing_credit(lines)
        or next((name for author in authors if (name := _known(author))), None)
    )


def dateline(text: str) -> str | None:
    """Place and date that *text* opens with, without the credit: `KYIV, Nov. 22`. None if there is none."""
    for line in _lines(text)[:HEAD_LINES]:
        for match in (_BRACKETED.match(line), _CREDIT_FIRST.match(line)):
            if match and match["dateline"] and _credit(match["credit"], match["dateline"]):
                return match["dateline"].strip(" ,.")
        bare = _UNCREDITED.match(line)
        if bare and not _NO_PLACE & set(re.findall(r"\w+", bare["dateline"].casefold())):
            return bare["dateline"].strip(" ,.")
    return None


def _lines(text: str) -> list[str]:
    return [line for raw in text.split("\n") if (line := raw.strip(" \t-•*"))]


def _opening_credit(lines: list[str]) -> str | None:
    for line in lines[:HEAD_LINES]:
        if (match := _BRACKETED.match(line[:LINE_CHARS])) and (name := _credit(match["credit"], match["dateline"])):
            return name
        if (match := _CREDIT_FIRST.match(line[:LINE_CHARS])) and (name := _known(match["credit"])):
            return name
    return None


def _closing_credit(lines: list[str]) -> str | None:
    for line in reversed(lines[HEAD_LINES:][-TAIL_LINES:] or lines[-1:]):
        if _REUTERS_SIGNATURE.search(line[:LINE_CHARS]):
            return "Reuters"
        if _DPA_SIGNATURE.search(line):
            return "dpa"
        for shape in _CLOSING:
            if (match := shape.search(line[-LINE_CHARS:])) and (name := _known(match["credit"])):
                return name
    return None


def _credit(raw: str, place: str) -> str | None:
    """A bracket in a dateline: a known wire, or something that calls itself one.

    `Angela Merkel (CDU) –` is a person with her party: unknown letters are a wire only behind a place in capitals.
    """
    if name := _known(raw):
        return name
    text = raw.strip()
    if _CALL_LETTERS.fullmatch(text) or not text[:1].isupper():
        return None
    letters = re.fullmatch(r"[A-Z]{3,6}", text) and place.split(",")[0].isupper()
    return text if letters or _CREDIT_WORD.search(text) else None


def _known(raw: str) -> str | None:
    """Our name of the first wire in *raw*: `dpa/lby`, `AFP, Reuters`, `Ann Lee, Associated Press`; None if there
    is none.
    """
    for part in re.split(r"\s*[/,;|]\s*|\s+(?:via|and|und|et|y|e|mit)\s+", raw.strip()):
        key = part.strip(" .()[]").casefold()
        if key in _AGENCIES and (key not in _DELICATE or part.strip(" .()[]").isupper()):
            return _AGENCIES[key]
    return None
