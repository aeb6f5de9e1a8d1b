"""One page in, one article out: a function of (page, entry, feed list, extractor version) and nothing else.

The HTML is parsed once, by us: metadata is read from that tree (metadata.py), then trafilatura takes the text from
it. JSON-LD scripts are cut out before trafilatura sees the tree: an unterminated string of 48 KB keeps its metadata
reader busy for over a minute.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from ingest.errors import NoText, NotHtml
from ingest.page.agencies import credited_agency, dateline
from ingest.page.boilerplate import without_boilerplate
from ingest.page.canonical import page_canonical
from ingest.page.dating.published import Published, choose_published, guess_published
from ingest.page.language import detect_language
from ingest.page.maintext import drop_json_ld, drop_link_lists, main_text, without_headline
from ingest.page.metadata import Metadata, read_metadata
from ingest.page.ownpart import own_heading
from ingest.page.walls import refuse_index, refuse_wall
from ingest.records import Article, Entry, Page, Via
from ingest.text import charset
from ingest.text.cleaning import content_hash, count_words
from ingest.text.tags import primary_tag
from ingest.text.urls import article_id, host_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

log = logging.getLogger(__name__)

EXTRACTOR: Final = "trafilatura"
REVISION: Final = 6  # of what we do around trafilatura: raise it when the same page gives another article
MIN_WORDS: Final = 25  # a shorter text is a caption, a consent notice or a player, and says too little to compare
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
_CLOSED_ROOT: Final = re.compile(r"(<(?:html|head|body)\b[^>]*?)\s*/>", re.IGNORECASE)  # the parser would end the page
_XHTML: Final = re.compile(r"<\?xml|<!doctype[^>]*xhtml|<html[^>]*xmlns", re.IGNORECASE)
_CLOSED: Final = re.compile(r"<(script|title|style|textarea|iframe|div|span|a|p)\b([^>]*?)\s*/>", re.IGNORECASE)
_HEAD_CHARS: Final = 5_000  # in which a document says what it is
_INVALID: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


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
    meta = read_metadata(tree, page.final_url, page.headers, now=now, entry=entry)
    refuse_index(tree, meta, page)
    text = _text(tree, meta, page)
    if count_words(text) < MIN_WORDS:  # what was cut as readers' or another article's may have been the text
        text = _text(parse_html(page), meta, page)
    refuse_wall(tree, meta, page, text)
    agency, place = credited_agency(text, meta.authors or entry.authors), dateline(text)
    text = without_boilerplate(text, tree)  # walls and credits are read from it too
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
        agency=agency,
        dateline=place,
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


def _text(tree: HtmlElement, meta: Metadata, page: Page) -> str:
    drop_json_ld(tree)
    drop_link_lists(tree)
    return without_headline(main_text(tree, meta, page.final_url), meta.title)


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
    text = _as_html(_INVALID.sub("", charset.decode(page.body, page.headers)))
    if not text.strip():
        raise NoText(page.final_url, "the page is empty")
    parser = HTMLParser(collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks Python for the class of every element it shows, because forms and inputs have their own.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise NoText(page.final_url, f"no HTML in it ({error})") from error


def _as_html(text: str) -> str:
    """XHTML as HTML: an element that ends itself would never end."""
    xhtml = _XHTML.search(text[:_HEAD_CHARS])
    text = _CLOSED_ROOT.sub(r"\1>", _XML_HEAD.sub("", text), count=3)
    return _CLOSED.sub(r"<\1\2></\1>", text) if xhtml else text


def _published(tree: HtmlElement, meta: Metadata, page: Page, entry: Entry, now: datetime) -> Published:
    """The date to file the article under; only a page whose feed and markup name none is searched for one."""
    chosen = choose_published(meta.published, entry, page.fetched_at, page.final_url, now=now)
    if chosen.value is not None:
        return chosen
    heading = own_heading(tree, (meta.title,) if meta.title else ())
    language = primary_tag(meta.language) or entry.language
    guessed = guess_published(tree, heading, page.final_url, now=now, language=language)
    return guessed if guessed.value is not None else chosen
