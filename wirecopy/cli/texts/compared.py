"""Two articles of the store or of a collection, and the page of two texts: `compare` of two files needs none of it."""

from __future__ import annotations

from pathlib import Path

from dedupe.matching.compare import Comparison
from dedupe.records import ArticleText
from wirecopy.cli.show.pagefile import write_page
from wirecopy.cli.texts.two import Two
from wirecopy.errors import StoreError, UsageError
from wirecopy.explain.clusterview import Member
from wirecopy.explain.collection import read_collection
from wirecopy.explain.examining import InStore
from wirecopy.explain.incontext import InCollection, compare_in
from wirecopy.explain.lookup import member_of
from wirecopy.pages.selfcontained import comparison_page
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import Layout, layout_of

IN_CONTEXT = "Compared among the other texts of its eight days, as the store does."
IN_FILE = "Compared among the other texts of the collection."


def write_comparison(path: Path, two: Two) -> None:
    """Both texts side by side, as one self-contained page."""
    write_page(path, comparison_page(two.found, two.texts, two.names, two.reason))


def two_in_store(left: str, right: str) -> Two:
    """Two articles of the store. Raises UsageError."""
    layout = layout_of(load_settings())
    one, two = _article(layout, left), _article(layout, right)
    _two_of(one.id, two.id)
    return _ordered(compare_in(InStore(layout), one, two), {one.id: (left, one), two.id: (right, two)}, IN_CONTEXT)


def two_in_collection(path: Path, left: str, right: str) -> Two:
    """Two rows of a collection, by their ids. Raises UsageError."""
    articles = read_collection(path)
    known = {one.id: one for one in articles}
    for name in (left, right):
        if name not in known:
            raise UsageError(f"{path} has no id {name!r}. Ids there: {', '.join(map(repr, list(known)[:5]))} …")
    _two_of(left, right)
    found = compare_in(InCollection(articles), known[left], known[right])
    return _ordered(found, {left: (left, known[left]), right: (right, known[right])}, IN_FILE)


def _article(layout: Layout, name: str) -> Member:
    if not layout.files.exists(layout.store):
        raise UsageError(f"{name} does not exist, and there is no store yet in which it could name an article.")
    try:
        return member_of(layout, name)
    except StoreError as error:
        raise UsageError(f"{name} does not exist as a file. {error}") from error


def _two_of(one: str, two: str) -> None:
    if one == two:
        raise UsageError(f"Both are {one}: name two.")


def _ordered(found: Comparison, ends: dict[str, tuple[str, Member | ArticleText]], reason: str) -> Two:
    (one, left), (two, right) = ends[found.left_id], ends[found.right_id]
    names = (left.publisher or one, right.publisher or two)
    names = names if names[0] != names[1] else (one, two)
    return Two(found=found, texts=(left.text, right.text), names=names, asked=(one, two), reason=reason)
