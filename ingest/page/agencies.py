"""Which wire service an article credits, and the dateline it opens with.

Precision first: a credit counts in the byline, in the dateline or in a closing credit line. A mere mention ("told
Reuters"), or "AP contributed to this report", is no credit for the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ingest.page.names import BY_WORDS, without_by

_NAMES: Final = {  # our name: other spellings, lower case
    "AP": "associated press|the associated press|ap news",
    "Reuters": "thomson reuters|reuters staff|reuters news agency|رويترز|ロイター|路透社|로이터|рейтер",
    "AFP": "agence france-presse|agence france presse|afp deutschland|l'afp|france-presse|أ ف ب|ا ف ب|法新社",
    "dpa": "deutsche presse-agentur|deutsche presse agentur|dpa-infocom|dpa international|german press agency|د ب أ",
    "EFE": "agencia efe|agência efe", "Europa Press": "europapress", "ANSA": "agenzia ansa|redazione ansa",
    "Adnkronos": "", "LaPresse": "", "Newsis": "뉴시스", "News1": "뉴스1",
    "APA": "austria presse agentur|apa.at", "Keystone-SDA": "sda|ats|keystone/sda|keystone sda|ats-keystone",
    "KNA": "katholische nachrichten-agentur",
    "epd": "evangelischer pressedienst", "SID": "sport-informations-dienst",
    "Xinhua": "xinhua news agency|xinhuanet|新华社|新華社|新华网",
    "Kyodo": "kyodo news|共同通信|共同", "Jiji": "jiji press|時事",
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
    "ISNA": "", "SPA": "saudi press agency|واس", "WAM": "وام|emirates news agency", "MENA": "",
    "KUNA": "", "QNA": "", "KCNA": "",
    "VNA": "vietnam news agency", "Télam": "telam",
    "Agência Brasil": "agencia brasil", "Estadão Conteúdo": "estadao conteudo", "Folhapress": "",
    "TNS": "tribune news service", "Prensa Latina": "prensalatina|agencia prensa latina",
    "Mehr": "mehr news agency|mna", "Fars": "fars news agency|fna", "SANA": "syrian arab news agency",
    "WAFA": "palestine news agency", "NNA": "national news agency",
    "MAP": "maghreb arabe presse|maghreb arab press", "TAP": "tunis afrique presse", "APS": "algérie presse service",
    "NAN": "news agency of nigeria", "GNA": "ghana news agency", "APO": "apo group", "IPS": "inter press service",
    "UNB": "united news of bangladesh", "PNA": "philippine news agency", "Notimex": "", "Andina": "agencia andina",
    "Agerpres": "", "BTA": "bulgarian news agency|бта", "BNS": "baltic news service", "ELTA": "", "LETA": "",
    "Azertac": "azərtac", "Kazinform": "", "Montsame": "", "Sputnik": "спутник|سبوتنيك",
}  # fmt: skip
_AGENCIES: Final = {
    spelling: name for name, others in _NAMES.items() for spelling in (name.casefold(), *others.split("|")) if spelling
}
# Short, or the name of something else too: believed only in capitals, or as our own spelling has it (Mehr, Andina).
_DELICATE: Final = frozenset(
    """
    ap aa pa cp tt cna app uni ani apa ats sda mena spa hina ria sid antara ntb mna fna map tap aps nan gna apo ips
    unb pna andina fars mehr sana nna bta leta elta tass efe bss mti pap iha dha una wam epd kna
    """.split()  # noqa: SIM905 - a column of forty lines would hide them
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
    rf"(?P<dateline>{_PLACE}{_REGION}{_DAY})[,.]?\s*"
    rf"[(\[/](?P<credit>[^()\[\]/\n]{{2,40}}(?:/[^()\[\]/\n]{{2,20}})?)[)\]/]{_DASH}"
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
# Known wires only: `New Delhi, Nov 22 (PTI) The court`, where no dash follows.
_DASHLESS: Final = re.compile(
    rf"(?P<dateline>{_PLACE}(?:\s\[[^\]\n]{{2,20}}\])?{_REGION},?\s*"
    rf"(?:[A-Za-zÀ-ÿ]{{3,9}}\.?\s+\d{{1,2}}|\d{{1,2}}\.?\s*(?:de\s+)?[A-Za-zÀ-ÿ]{{3,10}})\.?)"
    r"[,.]?\s*\((?P<credit>[^()\n]{2,40})\)\s*[:.]?\s+\S"
)
# Scripts without capitals write the credit in their own way.
_EASTERN: Final = (
    re.compile(
        r"【(?P<dateline>[^】\n]{1,12}?)[\s＝=・]*(?P<credit>共同|時事|ロイター|AFP＝?時事|AFP|AP|新華社)(?:[\s＝=・][^】\n]{1,12})?】"
    ),
    re.compile(r"(?P<credit>新华社|新華社|法新社|路透社)(?P<dateline>[^\s，。,.]{2,8}?)\d{1,2}月\d{1,2}日电?電?"),
    re.compile(r"\((?P<dateline>[^()=\n]{1,20})=(?P<credit>연합뉴스|뉴시스|뉴스1|로이터|AP|AFP)\)"),
    re.compile(r"(?P<dateline>[^()\n]{2,30}?)\s*\((?P<credit>رويترز|أ ف ب|ا ف ب|د ب أ|سبوتنيك|واس|وام)\)"),
    re.compile(
        r"(?P<dateline>[А-ЯЁІЇЄҐ][^()\n.]{2,30}?)[.,]?\s*"
        r"(?:/(?P<credit>ТАСС)/|[-–—]\s(?P<other>РИА Новости|Интерфакс)\b)"
    ),
)
_BYLINE: Final = re.compile(rf"^(?:{BY_WORDS})\s+(?P<credit>[^.!?\n]{{2,40}})$", re.IGNORECASE)
_STAFF: Final = re.compile(
    r"\s+(?:(?:sports|business|science|political|medical|entertainment|national|european|military|white house)\s+)?"
    r"(?:writers?|staff|reporters?|correspondents?|editors?|journalists?)$",
    re.IGNORECASE,
)
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
# A picture's credit is not the text's, and a text made with the help of wires is no wire's.
_OTHER_CREDIT: Final = re.compile(
    r"bild|foto|photo|image|picture|imagen|imagem|immagine|video|con informaci[oó]n|com informaç|"
    r"with (?:files|information|reporting|material) (?:from|by)|mit material|avec (?:des )?(?:informations|agences)",
    re.IGNORECASE,
)
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
        if eastern := _eastern(line):
            return eastern["dateline"].strip(" ,.") or None
        if (match := _DASHLESS.match(line)) and _known(match["credit"]):
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
        if (match := _DASHLESS.match(line[:LINE_CHARS]) or _BYLINE.match(line)) and (name := _known(match["credit"])):
            return name
        if (match := _eastern(line)) and (name := _known(match["credit"] or match.groupdict().get("other") or "")):
            return name
    return None


def _eastern(line: str) -> re.Match[str] | None:
    """The dateline that *line* opens with, in the manner of Tokyo, Beijing, Seoul, Cairo or Moscow."""
    return next((match for shape in _EASTERN if (match := shape.match(line[:LINE_CHARS]))), None)


def _closing_credit(lines: list[str]) -> str | None:
    for line in reversed(lines[HEAD_LINES:][-TAIL_LINES:] or lines[-1:]):
        if _REUTERS_SIGNATURE.search(line[:LINE_CHARS]):
            return "Reuters"
        if _DPA_SIGNATURE.search(line):
            return "dpa"
        for shape in () if _OTHER_CREDIT.search(line[:LINE_CHARS]) else _CLOSING:
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
    for part in re.split(r"\s*[/,;|＝]\s*|\s+(?:via|and|und|et|y|e|mit)\s+", without_by(raw.strip())):
        spelling = _STAFF.sub("", part.strip(" .()[]"))
        name = _AGENCIES.get(spelling.casefold())
        if name and (spelling.casefold() not in _DELICATE or spelling.isupper() or spelling == name):
            return name
    return None
