"""Lists of posts from WordPress's REST API (https://developer.wordpress.org/rest-api/reference/posts/) as feeds.

Only what an entry is made of is read. A post's content is left aside, even if the server sends it: articles come from
pages, whichever source listed them.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import unquote

from ingest.errors import ParseError
from ingest.feed.formats.document import Document
from ingest.feed.formats.kind import FeedHead, FeedKind
from ingest.feed.formats.rawentry import RawEntry

NAME: Final = "WordPress posts"
FIELDS: Final = ("id", "date_gmt", "modified_gmt", "link", "title")
"""Fields of a post that are read."""
ROUTE: Final = "/wp/v2/"  # in the address of every list, also as a parameter of a site with plain permalinks
_HEAD: Final = 4_000  # characters in which the first post names its date: before its content
_INSTANT: Final = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d")  # 0000-00-00 stands for none


def _is_list(document: Document) -> bool:
    """An empty list is one by its address only."""
    if not document.text.startswith("["):
        return False
    return '"date_gmt"' in document.text[:_HEAD] or ROUTE in unquote(document.url)


def _read(document: Document) -> tuple[str | None, list[RawEntry]]:
    """A post that is no object, or has no link, is passed over."""
    try:
        posts = json.loads(document.text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(document.url, f"broken JSON ({error})") from error
    found = [post for post in posts if isinstance(post, dict) and isinstance(post.get("link"), str)]
    if posts and not found:
        raise ParseError(document.url, "JSON, but no list of WordPress posts: nothing in it has a link")
    return None, [_raw_entry(post) for post in found]


def _raw_entry(post: dict[str, Any]) -> RawEntry:
    title = post.get("title")
    rendered = title.get("rendered") if isinstance(title, dict) else title
    modified = _instant(post.get("modified_gmt"))
    return RawEntry(
        links=(post["link"],),
        title=rendered if isinstance(rendered, str) else None,
        dates=(_instant(post.get("date_gmt")),),
        updated=modified,
    )


def _instant(value: object) -> str | None:
    """WordPress writes UTC without a zone."""
    found = _INSTANT.match(value) if isinstance(value, str) else None
    return f"{found[0]}Z" if found else None


WORDPRESS_POSTS: Final = FeedKind(
    name=NAME,
    recognises=_is_list,
    read=_read,
    head=lambda document: FeedHead(kind=NAME, title=None, language=None),
)
