"""Feeds put into a feed list and taken out of it, as text: comments, order and layout of the rest stay as they are.

Not with tomlkit: it writes `[[feed]]` tables that another table separates one after the other, and a list to which
feeds were added has `[publishers]` between them; and it keeps a comment with the table above, not with the one below.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from ingest.errors import FeedListError
from ingest.feedlist.feedlist import parse_feed_list
from ingest.feedlist.tomllines import TomlLines
from ingest.text.urls import registered_domain

HEADER: Final = re.compile(r"\s*\[\[?[^\[\]=]+\]\]?\s*(#.*)?$")
# Parts of an address that say nothing about the feed.
NOISE: Final = frozenset(("rss", "rss2", "feed", "feeds", "xml", "atom", "rdf", "index", "json", "www", "com", "php"))
LONGEST_ID: Final = 40


def with_feeds(text: str, feeds: Iterable[dict[str, Any]], *, name: str = "feeds.toml") -> str:
    """*text* with a table for each of *feeds* (keys of feeds.toml) at its end.

    Raises FeedListError if the result would be no feed list: nothing is to be written then.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    blocks = [_block(feed).replace("\n", newline) for feed in feeds]
    start = text if not text or text.endswith("\n") else text + newline
    result = newline.join([*([start] if start.strip() else []), *blocks])
    parse_feed_list(result.replace("\r\n", "\n").removeprefix("\ufeff"), name=name)
    return result


def without_feed(text: str, feed_id: str, *, name: str = "feeds.toml") -> str:
    """*text* without the table of *feed_id*, and without the comment right above it.

    Raises FeedListError if there is no such feed, if it is the last one, or if it is written in a way that cannot be
    cut out (such as an inline array).
    """
    before = tomllib.loads(text.removeprefix("\ufeff"))
    parse_feed_list(text.removeprefix("\ufeff"), name=name).feed(feed_id)
    index = [feed["id"] for feed in before["feed"]].index(feed_id)
    if len(before["feed"]) == 1:
        raise FeedListError(f"{feed_id} is the only feed of {name}: a feed list needs one. Add another one first.")
    result = _cut(text, index)
    rest = [feed for feed in before["feed"] if feed["id"] != feed_id]
    if _loaded(result) != before | {"feed": rest}:
        raise FeedListError(f"{feed_id} cannot be cut out of {name} as it is written there. Remove it by hand.")
    return result


def id_for(address: str, taken: Collection[str]) -> str:
    """A feed id made from the site and the *address* or title of the feed; none of *taken*."""
    parts = urlsplit(address) if "://" in address else None
    words = re.findall(r"[a-z0-9]+", parts.path.lower() if parts else address.lower())
    if parts:
        words.insert(0, _site(parts.hostname or ""))
    kept = [word for word in words if word not in NOISE] or words or ["feed"]
    base = "-".join(dict.fromkeys(kept))[:LONGEST_ID].strip("-")
    number = 1
    while (found := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return found


def _site(host: str) -> str:
    """The name of a site in its host: `bbci` of `feeds.bbci.co.uk`."""
    domain = registered_domain(host)
    name = domain if re.fullmatch(r"[\d.:]+", domain) else domain.split(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _block(feed: dict[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in feed.items() if value not in (None, "", [], ())]
    return "\n".join(["[[feed]]", *lines, ""])


def _value(value: Any) -> str:
    """A TOML value: JSON's form of strings and arrays, with DEL escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _cut(text: str, index: int) -> str:
    """*text* without the lines of the table at *index*; comments above the next table stay with that."""
    lines = text.splitlines(keepends=True)
    shown = TomlLines(text, "feed")
    start = shown.key(index, None) - 1
    end = next((n for n in range(start + 1, len(lines)) if _ends_table(lines[n])), len(lines))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        if end == len(lines) and not any(line.strip() for line in lines[end - 1 :]):
            break  # blank lines at the end of the file go with it
        end -= 1
    first = start
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    start = first if first > 0 else start  # a comment that opens the file is the file's
    return _tidy("".join(lines[:start]), "".join(lines[end:]))


def _ends_table(line: str) -> bool:
    """Whether *line* heads a table that is not one inside a feed, such as [feed.headers]."""
    return bool(HEADER.match(line)) and not re.match(r"\s*\[\s*feed\s*\.", line)


def _tidy(before: str, after: str) -> str:
    """One blank line where there would be two."""
    if re.search(r"(^|\n)\s*\n$", before):
        after = after.lstrip("\r\n")
    return before + after


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        return None
