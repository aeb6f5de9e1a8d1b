"""The time elements of a page that may date its article."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.page.dating.beside import is_beside
from ingest.page.dating.claims import ReadDate
from ingest.page.dating.visible import is_another_day, printed_day
from ingest.text.cleaning import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_TEXT_CHARS: Final = 80  # of a time element


def time_claims(tree: HtmlElement, heading: HtmlElement | None, read: ReadDate) -> Iterator[str]:
    """datetime attributes, marked ones first, then that nearest to *heading*, the page's own: a sidebar has times too.
    One that shows its readers another day is that day.
    """
    marked = tree.xpath("//*[@itemprop='datePublished' or @pubdate]")
    for element in [*marked, *_nearest(tree, heading)]:
        if value := element.get("datetime") or element.get("content"):
            yield _as_shown(element, value, read)


def _nearest(tree: HtmlElement, heading: HtmlElement | None) -> list[HtmlElement]:
    """The first time element behind *heading* in the smallest element around both, else the last before it; without
    a heading, the first of the first article.
    """
    if next(tree.iter("time"), None) is None:
        return []
    if heading is None:
        return list(tree.xpath("(//article | //main)[1]//time[@datetime]") or tree.xpath("//time[@datetime]"))[:1]
    for around in heading.iterancestors():
        inside = [node for node in around.iter("time") if node.get("datetime") and not _is_aside(node, around)]
        if inside:
            in_order = [node for node in around.iter("time", str(heading.tag)) if node is heading or node in inside]
            return in_order[in_order.index(heading) + 1 :][:1] or inside[-1:]
    return []


def _is_aside(node: HtmlElement, around: HtmlElement) -> bool:
    """True if an element between *node* and *around* stands beside the article."""
    for one in node.iterancestors():
        if one is around:
            return False
        if is_beside(one):
            return True
    return False


def _as_shown(element: HtmlElement, value: str, read: ReadDate) -> str:
    """*value*, or the day that *element* prints if that is another."""
    text = fold(element.text_content())
    shown = printed_day(text, read, beside=MAX_TEXT_CHARS) if len(text) <= MAX_TEXT_CHARS else None
    said = read(value)
    return shown[1] if shown and said and is_another_day(shown[0].day, said.day) else value
