"""The running text of a page's article, by trafilatura: fast where that finds it, else its full cascade."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ingest.page.boilerplate import Links
from ingest.page.metadata import Metadata, paid_elements
from ingest.text.cleaning import fold, plain_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SHORT_CHARS: Final = 800  # characters; below this the fast mode often missed the article: the full cascade tries again
# Fast mode sometimes takes a sidebar for the article. A text that holds less than this share of the page's paragraphs
# is extracted again in precision mode: of fundus' 130 pages 11 are, one changes (Washington Times: F1 0 to 1), none
# loses.
MIN_COVERAGE: Final = 0.6
LINE_CHARS: Final = 80
LOST_CHARS: Final = 150  # a shorter text is none: then the element with the most prose is taken, if there is enough
MIN_DENSE_CHARS: Final = 300
LINKED_CHARS: Final = 25  # mean length of a link in a list of headlines; shorter ones are tags, names, chapters
LINKED_SHARE: Final = 0.9  # of a list's text: a list of sources says something beside its links
# articleBody has no paragraphs and may hold more than the article, so it replaces a doubtful text only. Two pages of
# fundus decided this: it takes the New Yorker from .64 to .97, and without the condition of doubt would take Corriere
# della Sera from .98 to .65.
BODY_FACTOR: Final = 1.3
PAGE_SHARE: Final = 0.6  # of the page's text: a list that holds more is the article
# A menu taken for the article: at least so many lines, this share of them so short, and that share of these a link (of
# 31 borrowed pages with so many short lines 26 have less: tables, recipes). The full cascade's text replaces it when it
# has less than half as many lines.
MENU_LINES: Final = 20
MENU_CHARS: Final = 40
MENU_SHARE: Final = 0.6
MENU_LINKED: Final = 0.2
MIN_PART_CHARS: Final = 80  # of paragraphs in one of several elements that hold an article together
# trafilatura drops the joiners that Persian, Hindi, Malayalam and emoji are written with. These letters of Linear B
# stand for them meanwhile, unless the page has such letters.
_JOINERS: Final[dict[str, str]] = {"\u200c": "\U00010000", "\u200d": "\U00010001"}
_JOINER: Final = re.compile("[\u200c\u200d]")
MAX_BODY_CHARS: Final = 200_000


def drop_json_ld(tree: HtmlElement) -> None:
    """Cut JSON-LD scripts out of *tree*, in place."""
    for script in [node for node in tree.iter("script") if "ld+json" in (node.get("type") or "").lower()]:
        script.drop_tree()


def drop_link_lists(tree: HtmlElement) -> None:
    """Cut lists of nothing but headlines that lead elsewhere out of *tree*, in place: "more on this", most read."""
    lists = [node for tag in ("ul", "ol") for node in tree.iter(tag) if _is_link_list(node)]
    enough = PAGE_SHARE * len(fold(tree.text_content())) if lists else 0
    for node in lists:
        if node.getparent() is not None and len(fold(node.text_content())) < enough:
            node.drop_tree()


def _is_link_list(node: HtmlElement) -> bool:
    linked = [
        len(fold(link.text_content())) for link in node.iter("a") if not (link.get("href") or "#").startswith("#")
    ]
    if len(linked) < 2 or sum(linked) < LINKED_CHARS * len(linked):
        return False
    return sum(linked) >= LINKED_SHARE * len(fold(node.text_content()))


def main_text(tree: HtmlElement, meta: Metadata, url: str) -> str:
    """The running text, one paragraph a line; empty if there is none. *tree* keeps its elements, but joiners in it are
    other letters.
    """
    carried = _carry_joiners(tree)
    text = _best_text(tree, meta, url)
    return _brought_back(text) if carried else text


def _best_text(tree: HtmlElement, meta: Metadata, url: str) -> str:
    text = _without_menu(_trafilatura(tree, url, fast=True), tree, url)
    if len(paid := _paid_text(tree, meta)) > BODY_FACTOR * len(text):
        return paid
    if len(text) < SHORT_CHARS:
        text = max(text, _trafilatura(tree, url, fast=False), key=len)
        text = _densest(tree) or text if len(text) < LOST_CHARS else text
        return text if len(text) >= SHORT_CHARS else _fuller(_joined(text, tree), meta)
    if len(text) >= MIN_COVERAGE * _paragraph_chars(tree):
        return text
    precise = _trafilatura(tree, url, fast=False, favor_precision=True)
    return _fuller(_joined(max(text, precise, key=len), tree), meta)


def _densest(tree: HtmlElement) -> str:
    """The paragraphs of the element that holds the most prose in paragraphs of its own; empty if that is little."""
    found: dict[HtmlElement, list[str]] = {}
    for paragraph in tree.iter("p"):
        line = fold(paragraph.text_content())
        linked = sum(len(link.text_content()) for link in paragraph.iter("a"))
        if len(line) > LINE_CHARS and 2 * linked < len(line) and (parent := paragraph.getparent()) is not None:
            found.setdefault(parent, []).append(line)
    best = max(found.values(), key=lambda lines: sum(map(len, lines)), default=[])
    return "\n".join(best) if sum(map(len, best)) >= MIN_DENSE_CHARS else ""


def _without_menu(text: str, tree: HtmlElement, url: str) -> str:
    """*text*, or the full cascade's where *text* looks like a menu and that has less than half as many lines."""
    lines = text.split("\n")
    short = sum(len(line) < MENU_CHARS for line in lines)
    if short < MENU_LINES or short <= MENU_SHARE * len(lines):
        return text
    links = Links(tree)
    if sum(links.holds(line.lstrip("- ")) for line in lines if len(line) < MENU_CHARS) < MENU_LINKED * short:
        return text  # a table, a recipe, a poem
    full = _trafilatura(tree, url, fast=False)
    return full if full and 2 * (full.count("\n") + 1) < len(lines) else text


def _joined(text: str, tree: HtmlElement) -> str:
    """The paragraphs of all elements that hold an article together, where *text*, already doubtful, is of the first."""
    first = text.split("\n")[0]
    for parts in _groups(tree):
        lines = [line for part in parts for line in _paragraphs(part)]
        joined = "\n".join(dict.fromkeys(lines))
        if first and first in lines and len(joined) > BODY_FACTOR * len(text):
            return joined
    return text


def _groups(tree: HtmlElement) -> list[list[HtmlElement]]:
    """Elements of one tag and class that each hold prose, none inside of another, by their class."""
    groups: dict[tuple[str, str], list[HtmlElement]] = {}
    for node in tree.iter("div", "section"):
        if (name := (node.get("class") or "").strip()) and sum(map(len, _paragraphs(node))) >= MIN_PART_CHARS:
            group = groups.setdefault((str(node.tag), name), [])
            if not any(one in group for one in node.iterancestors()):
                group.append(node)
    return [group for group in groups.values() if len(group) > 1]


def _paragraphs(node: HtmlElement) -> list[str]:
    return [line for paragraph in node.iter("p") if (line := fold(paragraph.text_content()))]


def _carry_joiners(tree: HtmlElement) -> bool:
    """Write joiners in *tree* as other letters; False if there are none, or the page has those letters."""
    text = tree.text_content()
    if not _JOINER.search(text) or any(letter in text for letter in _JOINERS.values()):
        return False
    table = {ord(joiner): letter for joiner, letter in _JOINERS.items()}
    for node in tree.iter():
        if isinstance(node.tag, str):
            node.text = node.text.translate(table) if node.text else node.text
        node.tail = node.tail.translate(table) if node.tail else node.tail
    return True


def _brought_back(text: str) -> str:
    return text.translate({ord(letter): joiner for joiner, letter in _JOINERS.items()})


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
