"""The texts that an article had in the course of time, and what changed from each to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final, Literal

from wirecopy.explain.lookup import find_article
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import rows

TEXTS: Final = """
SELECT revision, title, text, fetched_at, modified_at FROM (
    SELECT revision, title, text, fetched_at, modified_at, content_hash FROM revisions_shown WHERE article_id = $1
    UNION ALL SELECT revision, title, text, fetched_at, modified_at, content_hash FROM articles
    WHERE article_id = $1 AND date = $2
) ORDER BY fetched_at, revision
"""
FRAME: Final = "SELECT publisher, url, published_at FROM articles WHERE article_id = $1 AND date = $2"

Sign = Literal["-", "+"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A line that went (-) or came (+)."""

    sign: Sign
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One text of an article."""

    captured_at: datetime  # aware, UTC: when this text was first seen
    modified_at: datetime | None  # as the page told it
    title: str | None
    text: str
    changes: tuple[Change, ...]  # from the version before it, the headline first; none of the first


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An article with all its texts."""

    article_id: str
    publisher: str | None
    url: str | None
    published_at: datetime | None
    versions: tuple[Version, ...]  # in the order in which they were captured


def history_of(layout: Layout, name: str) -> History:
    """The texts of the article that *name* identifies: an id or its beginning, an address, words of a headline.

    Raises StoreError, with the next step, if there is none or more than one.
    """
    article_id, day = find_article(layout, name)
    (frame,) = rows(layout, FRAME, article_id, day)
    versions: list[Version] = []
    for row in rows(layout, TEXTS, article_id, day):
        before = versions[-1] if versions else None
        versions.append(
            Version(
                captured_at=row["fetched_at"],
                modified_at=row["modified_at"],
                title=row["title"],
                text=row["text"],
                changes=tuple(_changes(before, row["title"], row["text"])) if before else (),
            )
        )
    return History(article_id=article_id, versions=tuple(versions), **frame)


def _changes(before: Version, title: str | None, text: str) -> Iterator[Change]:
    if before.title != title:
        yield from _lines("-", [before.title or ""])
        yield from _lines("+", [title or ""])
    old, new = before.text.split("\n"), text.split("\n")
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            yield from _lines("-", old[a:b])
            yield from _lines("+", new[c:d])


def _lines(sign: Sign, lines: Sequence[str]) -> Iterator[Change]:
    return (Change(sign=sign, line=line) for line in lines)
