"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): the items of a document as plain fields."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ingest.errors import ParseError
from ingest.feed.formats.document import Document
from ingest.feed.formats.kind import FeedHead, FeedKind
from ingest.feed.formats.rawentry import RawEntry

_TRAILING_COMMA: Final = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])', re.DOTALL)  # of templates; strings stay
VERSION: Final = "jsonfeed.org/version/"


def _read(document: Document) -> tuple[str | None, list[RawEntry]]:
    """What is no object among the items is passed over."""
    try:
        data = _loads(document.text)
    except ValueError as error:
        raise ParseError(document.url, f"broken JSON ({error})") from error
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or VERSION not in str(data.get("version")):
        raise ParseError(document.url, "JSON, but no JSON Feed")
    return _text(data.get("language")), [_raw_entry(item, data) for item in items if isinstance(item, dict)]


def _head(document: Document) -> FeedHead | None:
    try:
        data = _loads(document.text)
    except ValueError:
        return None
    title, language = (data.get(name) if isinstance(data.get(name), str) else None for name in ("title", "language"))
    return FeedHead(kind=JSON_FEED.name, title=title, language=language)


def _loads(text: str) -> Any:
    """The value of *text*. A bare line feed in a title, or a comma behind the last item, is no reason to drop it."""
    try:
        return _value(text)
    except ValueError:
        return _value(_TRAILING_COMMA.sub(lambda found: found[1] or "", text))


def _value(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except RecursionError as error:
        raise ValueError("too deeply nested") from error


def _raw_entry(item: dict[str, Any], feed: dict[str, Any]) -> RawEntry:
    guid = _text(item.get("id"))
    return RawEntry(
        guid=guid,
        links=tuple(link for link in (_text(item.get("url")), guid, _text(item.get("external_url"))) if link),
        title=_text(item.get("title")),
        summary=_text(item.get("summary")) or _text(item.get("content_text")) or _text(item.get("content_html")),
        authors=_authors(item) or _authors(feed),
        tags=tuple(_text(tag) for tag in _list(item.get("tags"))),
        dates=(_text(item.get("date_published")), _text(item.get("date_modified"))),
        updated=_text(item.get("date_modified")),
        language=_text(item.get("language")),
    )


def _authors(holder: dict[str, Any]) -> tuple[str | None, ...]:
    """Names by `authors` of 1.1, else `author` of 1.0."""
    people = [*_list(holder.get("authors")), holder.get("author")]
    return tuple(_text(person.get("name")) for person in people if isinstance(person, dict))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    """Publishers write ids as numbers too."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


JSON_FEED: Final = FeedKind(
    name="JSON Feed",
    recognises=lambda document: document.text.startswith("{"),
    read=_read,
    head=_head,
    accept=("application/feed+json;q=0.9",),  # a site that also has RSS or Atom answers with that
    link_types=("feed",),
    usual_places=("/feed.json",),
)
