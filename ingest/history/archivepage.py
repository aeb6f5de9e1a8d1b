"""A page of an archive (all articles of a day, say): its links that may lead to articles.

A link too many costs a request, since the page behind it has its own date and may turn out to be no article; a link too
few costs an article. So only what is surely something else is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

from ingest.errors import ParseError
from ingest.feed.formats.rawentry import RawEntry
from ingest.records import Page
from ingest.text.charset import decode
from ingest.text.cleaning import fold
from ingest.text.urls import absolute_url, entry_key, host_of, registered_domain

MOST_LINKS: Final = 2_000  # of one page: a large agency publishes about 1,000 articles a day
_ASIDE: Final = frozenset(("nav", "header", "footer", "aside", "form"))
_ASIDE_ROLES: Final = frozenset(("navigation", "banner", "contentinfo", "search", "menu", "menubar", "complementary"))
_ASIDE_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|pagination|pager|footer|sidebar|masthead|social|share)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "article"))
# Segments of a path behind which there is no article.
_NEVER: Final = frozenset(
    """
    tag tags author authors search login signin signup register account subscribe subscription newsletter newsletters
    contact about privacy terms cookies imprint impressum help faq rss feed feeds sitemap archive archives jobs careers
    advertise shop wp-admin wp-login.php comments replies amp print share
    """.split()  # noqa: SIM905 - a column of words would hide them
)
# Segments that sites also use in the paths of their articles.
_SECTIONS: Final = frozenset("category categories topic topics section sections page pages index".split())  # noqa: SIM905
_FILES: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|m4a|zip|xml|rss|json|css|js|ico|docx?|xlsx?)$", re.I
)
_SUFFIX: Final = re.compile(r"\.(?:html?|php|aspx?|jsp|cms)$", re.IGNORECASE)
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_DIGITS: Final = re.compile(r"\d+")
# Parameters that number the pages of a list, in several languages, and how paths do it.
_PAGE_NAMES: Final = frozenset(
    "page paged p pg pagina pagenum pageno seite sida side strona sayfa offset start".split()  # noqa: SIM905
)
_NUMBERED: Final = re.compile(
    r"(?:/(?:page|pagina|seite|p)[/-]?\d{1,3}|(?<=\d{4}[/-]\d\d[/-]\d\d)[/_-]\d{1,3})(\.\w{2,5})?$", re.IGNORECASE
)
_DAY: Final = re.compile(r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])[/-]?(?:0?[1-9]|[12]\d|3[01])/[^/]+")
LEAST_WORDS: Final = 3  # of a slug that is a headline; sections have one or two
LEAST_DIGITS: Final = 4  # of an article's number
LEAST_LETTERS: Final = 12  # of a slug in a script without word breaks


def read_archive_page(page: Page) -> Iterator[RawEntry]:
    """The links of *page*, in its order, each page once. Raises ParseError if it is no HTML."""
    tree = _tree(page)
    base = next(
        (urljoin(page.final_url, one.get("href")) for one in tree.iter("base") if one.get("href")), page.final_url
    )
    found: dict[str, tuple[str, str, bool]] = {}  # by entry_key: address, words, whether it looks like an article's
    for anchor in tree.iter("a"):
        url = _address(anchor.get("href"), base, page.final_url)
        if url is None or _is_aside(anchor):
            continue
        key, words = entry_key(url, "", None), fold("".join(anchor.itertext()))
        first, before, sure = found.get(key, (url, "", False))
        found[key] = first, before or words, sure or _is_heading(anchor) or _looks_like_an_article(url)
    links = list(found.values())[:MOST_LINKS]
    # On a site whose articles have short addresses nothing tells them from sections.
    chosen = [link for link in links if link[2]] or links
    return (RawEntry(links=(url,), title=words or None) for url, words, _ in chosen)


def more_of_it(page: Page) -> list[str]:
    """The addresses of the further pages of an archive page: rel=next, and what only adds a number to its address."""
    tree = _tree(page)
    own = urldefrag(page.final_url).url
    anchors = [
        (one, absolute_url((one.get("href") or "").strip(), own)) for name in ("link", "a") for one in tree.iter(name)
    ]
    further = [
        url
        for one, url in anchors
        if url and ("next" in (one.get("rel") or "").lower().split() or _adds_a_number(url, own))
    ]
    return [url for url in dict.fromkeys(urldefrag(one).url for one in further) if url != own and _is_of_site(url, own)]


def _adds_a_number(url: str, own: str) -> bool:
    """`…/2/`, `…/page/2`, `…?page=2`, `…-2.html` behind the page's own address are not told from others by more."""
    rest = url.removeprefix(own.rstrip("/"))
    behind = rest != url and bool(re.fullmatch(r"/\d{1,3}/?", rest))
    return behind or _first_page(url) == _first_page(own)


def _first_page(url: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """The address of the first page, without its number: host and path, and its other parameters."""
    parts = urlsplit(url)
    path = _NUMBERED.sub(r"\1", parts.path.rstrip("/"))
    others = (
        pair
        for pair in parse_qsl(parts.query, keep_blank_values=True)
        if not (pair[0].lower() in _PAGE_NAMES and pair[1].isdigit())
    )
    return f"{parts.netloc}{path}", frozenset(others)


def _tree(page: Page) -> Any:
    from lxml import html

    text = decode(page.body, page.headers)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    except (ValueError, html.etree.ParserError) as error:
        raise ParseError(page.final_url, f"no page of links ({error})") from error
    if next(tree.iter("a"), None) is None:
        raise ParseError(page.final_url, "a page without links")
    return tree


def _address(href: str | None, base: str, own: str) -> str | None:
    """Of the same site, and not the archive itself."""
    url = absolute_url(fold(href).replace(" ", "%20"), base) if href else None
    if url is None or not _is_of_site(url, own):
        return None
    url = urldefrag(url).url
    path = urlsplit(url).path
    if _FILES.search(path) or _is_archive(url, own):
        return None
    segments = [unquote(one).lower() for one in path.split("/") if one]
    if not segments and not urlsplit(url).query:
        return None
    return None if _NEVER.intersection(segments[:2]) or _is_section(segments) else url


def _is_of_site(url: str, own: str) -> bool:
    return registered_domain(host_of(url)) == registered_domain(host_of(own))


def _is_archive(url: str, own: str) -> bool:
    """The same address but for its numbers (another day), or the beginning of it (its month)."""
    one, other = (_DIGITS.sub("0", unquote(part).rstrip("/")) for part in (url, own))
    return other == one or other.startswith((f"{one}/", f"{one}?"))


def _is_section(segments: list[str]) -> bool:
    return bool(_SECTIONS.intersection(segments[:2])) and not _is_slug(segments[-1])


def _is_aside(anchor: Any) -> bool:
    """In the page's navigation, head, foot or margin."""
    for element in anchor.iterancestors():
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in ("body", "main", "html"):
            return False
        if tag == "article" and anchor.getroottree() is not None:
            return False
        if tag in _ASIDE or (element.get("role") or "").lower() in _ASIDE_ROLES:
            return True
        if _ASIDE_NAMES.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            return True
    return False


def _is_heading(anchor: Any) -> bool:
    """A headline is a link in a heading, or has a heading in it."""
    around = (element.tag for element in anchor.iterancestors())
    return any(tag in _HEADINGS for tag in around) or any(
        child.tag in _HEADINGS for child in anchor.iter() if child is not anchor
    )


def _looks_like_an_article(url: str) -> bool:
    parts = urlsplit(url)
    segments = [unquote(one) for one in parts.path.split("/") if one]
    numbered = any(
        name.lower() in ("p", "id", "article", "story", "news") and value.isdigit()
        for name, value in parse_qsl(parts.query)
    )
    return numbered or (bool(segments) and (_is_slug(segments[-1]) or bool(_DAY.search(parts.path))))


def _is_slug(segment: str) -> bool:
    """Several words, a long number, or a long word of a script without word breaks."""
    bare = _SUFFIX.sub("", segment)
    words = _WORDS.findall(bare)
    digits = max((len(run) for run in _DIGITS.findall(bare)), default=0)
    letters = not bare.isascii() and len(bare) >= LEAST_LETTERS
    return len(words) >= LEAST_WORDS or digits >= LEAST_DIGITS or letters
