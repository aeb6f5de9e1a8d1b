"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): the items of a document as plain fields."""

from __future__ import annotations

import json
from typing import Any, Final

from ingest.feed.rawentry import Draft

VERSION: Final = "jsonfeed.org/version/"


def read_json_feed(text: str) -> tuple[str | None, list[Draft]] | None:
    """(language of the feed, its items in order); None if *text* is JSON but no JSON Feed.

    What is no object among the items is passed over. Raises ValueError if it is no JSON.
    """
    try:
        data = json.loads(text, strict=False)  # a bare line feed in a title is no reason to drop a feed
    except RecursionError as error:
        raise ValueError("too deeply nested") from error
    if not isinstance(data, dict) or not isinstance(items := data.get("items"), list):
        return None
    if VERSION not in str(data.get("version")):
        return None
    language = _text(data.get("language"))
    return language, [_draft(item, data) for item in items if isinstance(item, dict)]


def _draft(item: dict[str, Any], feed: dict[str, Any]) -> Draft:
    guid = _text(item.get("id"))
    return Draft(
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
