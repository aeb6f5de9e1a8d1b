"""The errors of our readings by kind, counted in both halves of a set: the half that errors were looked at in, and the
half that was kept unseen (`sets.is_held`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from bench.extraction.scores import Reading, folded, same_names, to_the_minute
from bench.extraction.sets import Labelled, is_held
from bench.markdown import table
from ingest.errors import IngestError
from ingest.page.extract import parse_html

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SHORT_LINE: Final = 80  # characters
# Where a passage stands that was not found: the first of these that holds it, from the inside out.
_PLACES: Final = {
    "figcaption": "in a picture's caption", "script": "in data of scripts only", "td": "in a table", "li": "in a list",
    "blockquote": "in a quotation", "h1": "in a heading", "h2": "in a heading", "h3": "in a heading",
    "h4": "in a heading", "header": "in the page's or article's head", "aside": "in an aside",
}  # fmt: skip
_LEAD: Final = ("lead", "teaser", "intro", "excerpt", "summary", "abstract", "standfirst", "chapo", "deck", "subtitle")
_SHOWN: Final = ("url", "text", "htmldate")  # sources of a day that no data name


def error_table(pages: Sequence[Labelled], readings: Sequence[Reading]) -> str:
    """Kinds of errors with their counts as Markdown; empty if there are none."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    for page, reading in zip(pages, readings, strict=True):
        counts.update((field, kind, is_held(page)) for field, kind in errors_of(page, reading))
    kinds = sorted({(field, kind) for field, kind, _ in counts}, key=lambda one: (one[0], -_both(counts, *one)))
    rows = [[*one, str(counts[*one, False]), str(counts[*one, True])] for one in kinds]
    return table(["error", "kind", "half that was looked at", "held half"], rows) if rows else ""


def _both(counts: Counter[tuple[str, str, bool]], field: str, kind: str) -> int:
    return counts[field, kind, False] + counts[field, kind, True]


def errors_of(page: Labelled, reading: Reading) -> Iterator[tuple[str, str]]:
    """(field, kind) of each error of *reading*; a lost or foreign passage is one."""
    refused = reading.error.split(":")[0]
    if page.title and folded(reading.title) != folded(page.title):
        yield "title", f"refused: {refused}" if refused else _title_kind(folded(reading.title), folded(page.title))
    if page.authors and not same_names(reading.authors, page.authors):
        yield "authors", f"refused: {refused}" if refused else _authors_kind(reading.authors, page.authors)
    if page.published and not to_the_minute(reading.published, page.published):
        same = (reading.published or "")[:10] == page.published.date().isoformat()
        yield "minute", "no date" if not reading.published else "the day alone is right" if same else "another day"
    if page.undated and reading.published:
        yield "minute", "a date where there is none"
    if page.day and reading.day != page.day:
        yield "day", f"refused: {refused}" if refused else _day_kind(reading)
    yield from _passages(page, reading, refused)


def _title_kind(found: str, truth: str) -> str:
    ours, theirs = ("".join(char for char in text.casefold() if char.isalnum()) for text in (found, truth))
    if ours == theirs:
        return "other marks or letters' case"
    return "a part more or less" if ours and (ours in theirs or theirs in ours) else "another wording"


def _authors_kind(found: Sequence[str], truth: Sequence[str]) -> str:
    ours, theirs = ({name.casefold() for name in names} for names in (found, truth))
    if not ours:
        return "none found"
    return "some missing" if ours < theirs else "too many" if ours > theirs else "other names or another form"


def _day_kind(reading: Reading) -> str:
    if not reading.day:
        return "no date found"
    return "another day that the page shows" if reading.source in _SHOWN else "another day in the page's data"


def _passages(page: Labelled, reading: Reading, refused: str) -> Iterator[tuple[str, str]]:
    text = folded(reading.text)
    lost = [passage for passage in map(folded, page.must) if passage not in text]
    tree = _tree(page) if lost and not refused else None
    for passage in lost:
        yield "passage lost", f"refused: {refused}" if tree is None else _place(tree, passage)
    lines = [folded(line) for line in reading.text.split("\n")]
    for passage in map(folded, page.must_not):
        if passage in text:
            held = next((line for line in lines if passage in line), "")
            yield "foreign passage", "in a short line" if len(held) <= SHORT_LINE else "in a long line"


def _tree(page: Labelled) -> HtmlElement | None:
    try:
        return parse_html(page.page())
    except IngestError:
        return None


def _place(tree: HtmlElement, passage: str) -> str:
    """Where *passage* stands in *tree*: in the innermost element that holds all of it."""
    inner = None
    for node in tree.iter():
        if isinstance(node.tag, str) and passage in folded(node.text_content()):
            inner = node
    if inner is None or inner.tag in ("html", "body"):
        return "over several elements"
    around = [inner, *inner.iterancestors()][:4]
    if any(word in f"{node.get('class')} {node.get('id')}".lower() for node in around for word in _LEAD):
        return "in a standfirst, which is the description"
    if any("comment" in f"{node.get('class')} {node.get('id')}".lower() for node in around):
        return "in a comment"
    return next((_PLACES[str(node.tag)] for node in around if node.tag in _PLACES), "in a paragraph")
