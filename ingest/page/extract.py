"""One page in, one article out: a function of (page, entry, feed list, extractor version) and nothing else.

The HTML is parsed once, by us: metadata is read from that tree (metadata.py), then trafilatura takes the text from
it. JSON-LD scripts are cut out before trafilatura sees the tree: an unterminated string of 48 KB keeps its metadata
reader busy for over a minute.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from copy import copy
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from ingest.errors import NoText, NotHtml
from ingest.page.agencies import credited_agency, dateline
from ingest.page.canonical import page_canonical
from ingest.page.language import detect_language
from ingest.page.metadata import Metadata, paid_elements, read_metadata
from ingest.page.published import Published, choose_published, guess_published
from ingest.page.walls import refuse_index, refuse_wall
from ingest.records import Article, Entry, Page, Via
from ingest.text import charset
from ingest.text.cleaning import content_hash, count_words, fold, plain_text
from ingest.text.tags import primary_tag
from ingest.text.urls import article_id, host_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

log = logging.getLogger(__name__)

EXTRACTOR: Final = "trafilatura"
REVISION: Final = 3  # of what we do around trafilatura: raise it when the same page gives another article
MIN_WORDS: Final = 25  # a shorter text is a caption, a consent notice or a player, and says too little to compare
SHORT_CHARS: Final = 800  # characters; below this the fast mode often missed the article: the full cascade tries again
# Fast mode sometimes takes a sidebar for the article. A text that holds less than this share of the page's paragraphs
# is extracted again in precision mode: of fundus' 130 pages 11 are, one changes (Washington Times: F1 0 to 1), none
# loses.
MIN_COVERAGE: Final = 0.6
LINE_CHARS: Final = 80
LINKED_CHARS: Final = 25  # mean length of a link in a list of headlines; shorter ones are tags, names, chapters
LINKED_SHARE: Final = 0.9  # of a list's text: a list of sources says something beside its links
# articleBody has no paragraphs and may hold more than the article, so it replaces a doubtful text only. Two pages of
# fundus decided this: it takes the New Yorker from .64 to .97, and without the condition of doubt would take Corriere
# della Sera from .98 to .65.
BODY_FACTOR: Final = 1.3
MAX_BODY_CHARS: Final = 200_000
_MEDIA: Final = re.compile(r"html|^text/plain|^application/(?:xml|octet-stream)|^text/xml|^$", re.IGNORECASE)
_NO_TEXT_MAGIC: Final = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"RIFF",
    b"\x1f\x8b",
    b"\x00\x00\x00",
    b"ID3",
    b"OggS",
)
_XML_HEAD: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_INVALID: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BLANK_LINES: Final = re.compile(r"\n{2,}")


def extract_article(
    page: Page, entry: Entry, *, publisher_of: Callable[[str], str], via: Via, now: datetime | None = None
) -> Article:
    """The article on *page*, which *entry* led to. *now* bounds what dates are believed; it is the page's fetch
    time unless given.

    Raises NotHtml if the page is another media type, IndexPage, Paywall, ConsentWall or RobotCheck if it stands in an
    article's place, NoText if it has fewer than 25 words of running text.
    """
    now = now or page.fetched_at
    tree = parse_html(page)
    meta = read_metadata(tree, page.final_url, page.headers, now=now)
    refuse_index(tree, meta, page)
    drop_json_ld(tree)
    drop_link_lists(tree)
    text = without_headline(main_text(tree, meta, page.final_url), meta.title)
    refuse_wall(tree, meta, page, text)
    words = count_words(text)
    if words < MIN_WORDS:
        raise NoText(page.final_url, f"only {words} words of running text")
    published = _published(tree, meta, page, entry, now)
    canonical = page_canonical(meta.canonical, page.final_url)
    language, score = detect_language(text, primary_tag(meta.language), entry.language)
    return Article(
        article_id=article_id(canonical),
        entry_key=entry.entry_key,
        url=page.final_url,
        canonical_url=canonical,
        source=host_of(canonical),
        publisher=publisher_of(host_of(canonical)),
        feed_id=entry.feed_id,
        guid=entry.guid,
        title=meta.title or entry.title,
        authors=meta.authors or entry.authors,
        agency=credited_agency(text, meta.authors or entry.authors),
        dateline=dateline(text),
        published_at=published.value,
        published_source=published.source,
        published_precision=published.precision,
        published_raw=published.raw,
        modified_at=meta.modified.value if meta.modified else None,
        fetched_at=page.fetched_at,
        language=language,
        language_score=score,
        description=meta.description or entry.summary,
        text=text,
        word_count=words,
        content_hash=content_hash(text),
        image_url=meta.image_url,
        tags=tuple(dict.fromkeys((*entry.tags, *meta.tags))),
        license=meta.license,
        tdm_reservation=meta.tdm_reservation,
        paywalled=meta.paywalled,
        http_status=page.status,
        extractor=EXTRACTOR,
        extractor_version=extractor_version(),
        via=via,
        fetch_id=page.fetch_id,
    )


@cache  # one look costs as much as a tenth of a small page
def extractor_version() -> str:
    """trafilatura's version and ours: `2.3.1+wirecopy1`."""
    return f"{version('trafilatura')}+wirecopy{REVISION}"


def parse_html(page: Page) -> HtmlElement:
    """The page as a tree, comments left out. Raises NotHtml, or NoText if nothing is in it."""
    from lxml import etree
    from lxml.html import HtmlElement, HTMLParser, document_fromstring

    media = page.headers.get("content-type", "").split(";")[0].strip().lower()
    head = page.body[:512].lstrip()
    if not _MEDIA.search(media):
        raise NotHtml(page.final_url, f"the page is {media}")
    if head.startswith(_NO_TEXT_MAGIC) or head[:1] in (b"{", b"["):
        raise NotHtml(page.final_url, f"the page says {media or 'nothing'}, but begins with {head[:8]!r}")
    text = _INVALID.sub("", _XML_HEAD.sub("", charset.decode(page.body, page.headers)))
    if not text.strip():
        raise NoText(page.final_url, "the page is empty")
    parser = HTMLParser(collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks Python for the class of every element it shows, because forms and inputs have their own.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise NoText(page.final_url, f"no HTML in it ({error})") from error


def drop_json_ld(tree: HtmlElement) -> None:
    """Cut JSON-LD scripts out of *tree*, in place."""
    for script in [node for node in tree.iter("script") if "ld+json" in (node.get("type") or "").lower()]:
        script.drop_tree()


def drop_link_lists(tree: HtmlElement) -> None:
    """Cut lists of nothing but headlines that lead elsewhere out of *tree*, in place: "more on this", most read."""
    for tag in ("ul", "ol"):
        for node in [node for node in tree.iter(tag) if _is_link_list(node)]:
            if node.getparent() is not None:
                node.drop_tree()


def _is_link_list(node: HtmlElement) -> bool:
    linked = [len(fold(link.text_content())) for link in node.iter("a")]
    if len(linked) < 2 or sum(linked) < LINKED_CHARS * len(linked):
        return False
    return sum(linked) >= LINKED_SHARE * len(fold(node.text_content()))


def main_text(tree: HtmlElement, meta: Metadata, url: str) -> str:
    """The running text, one paragraph a line; empty if there is none. *tree* is left as it is."""
    text = _trafilatura(tree, url, fast=True)
    if len(paid := _paid_text(tree, meta)) > BODY_FACTOR * len(text):
        return paid
    if len(text) < SHORT_CHARS:
        text = max(text, _trafilatura(tree, url, fast=False), key=len)
        return text if len(text) >= SHORT_CHARS else _fuller(text, meta)
    if len(text) >= MIN_COVERAGE * _paragraph_chars(tree):
        return text
    return _fuller(max(text, _trafilatura(tree, url, fast=False, favor_precision=True), key=len), meta)


def without_headline(text: str, title: str | None) -> str:
    """*text* without a first line that only repeats *title*: the headline is a field of its own."""
    first, _, rest = text.partition("\n")
    return rest if rest and title and first.casefold() == title.casefold() else text


def _fuller(text: str, meta: Metadata) -> str:
    """The articleBody of the JSON-LD, if it is an article's length and *text*, already doubtful, is much shorter."""
    body = plain_text(meta.body, limit=MAX_BODY_CHARS) or ""
    return body if len(body) >= SHORT_CHARS and len(body) > BODY_FACTOR * len(text) else text


def _paid_text(tree: HtmlElement, meta: Metadata) -> str:
    """The paragraphs of the elements that JSON-LD marks as paid for, if they were sent along: some sites hold them in
    an element of their own, which is taken for another article.
    """
    paragraphs = dict.fromkeys(p for node in paid_elements(tree, meta) for p in node.iter("p"))
    return "\n".join(line for p in paragraphs if (line := fold(p.text_content())))


def _paragraph_chars(tree: HtmlElement) -> int:
    """Characters in paragraphs of more than a line, wherever on the page."""
    sizes = (len(fold(paragraph.text_content())) for paragraph in tree.iter("p"))
    return sum(size for size in sizes if size > LINE_CHARS)


def _trafilatura(tree: HtmlElement, url: str, *, fast: bool, favor_precision: bool = False) -> str:
    from trafilatura import bare_extraction

    # deduplicate keeps a cache over documents: the third copy of an article would come back empty. Never.
    # Tables stay: without them recall of trafilatura's own 990 pages falls from .932 to .920 and precision does
    # not rise.
    document = bare_extraction(
        tree,
        url=url,
        fast=fast,
        favor_precision=favor_precision,
        include_comments=False,
        deduplicate=False,
        with_metadata=False,
    )
    return _tidy(document.text or "") if document is not None and not isinstance(document, dict) else ""


def _tidy(text: str) -> str:
    lines = (fold(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _published(tree: HtmlElement, meta: Metadata, page: Page, entry: Entry, now: datetime) -> Published:
    """The date to file the article under; only a page whose feed and markup name none is searched for one."""
    chosen = choose_published(meta.published, entry, page.fetched_at, now=now)
    if chosen.value is not None:
        return chosen
    guessed = guess_published(copy(tree), page.final_url, now=now)
    return guessed if guessed.value is not None else chosen
