"""OPML in and out: the format of feed lists that every feed reader reads and writes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from itertools import chain
from typing import Any
from xml.etree import ElementTree as ET  # only to write

from ingest.errors import FeedListError
from ingest.feedlist.feededit import id_for
from ingest.feedlist.feedkeys import KEYS
from ingest.records import Feed
from ingest.text.secrets import hide_secrets


@dataclass(frozen=True, slots=True)
class OpmlList:
    """The contents of an OPML document."""

    feeds: tuple[dict[str, Any], ...]  # keys of feeds.toml
    left: tuple[tuple[str, str], ...]  # address and reason of each feed that cannot be taken
    lists: tuple[str, ...]  # other lists that it includes; they are not read


def read_opml(body: bytes, *, known: Iterable[Feed], name: str = "OPML") -> OpmlList:
    """The feeds of an OPML document (or of the older iGoogle and RDF lists), each address once and none that is
    *known*. Folders become tags.

    Raises FeedListError if it is no such document.
    """
    import listparser

    found = listparser.parse(body)
    if not found.version or (found.bozo and not found.feeds):
        why = f" ({found.bozo_exception})" if found.bozo else ""
        raise FeedListError(f"{name} is no OPML document{why}. Export the list again from where it comes.")
    seen = {feed.url: "is in the feed list already" for feed in known}
    taken = {feed.id for feed in known}
    feeds: list[dict[str, Any]] = []
    left: list[tuple[str, str]] = []
    for outline in found.feeds:
        url = (outline.url or "").strip()
        if problem := seen.get(url) or KEYS["url"](url):
            left.append((url, problem))
            continue
        seen[url] = "stands twice in the document"
        feeds.append(_feed(outline, url, taken))
        taken.add(feeds[-1]["id"])
    return OpmlList(tuple(feeds), tuple(left), tuple(one.url for one in found.lists))


def write_opml(feeds: Iterable[Feed], *, now: datetime) -> bytes:
    """An OPML 2.0 document, UTF-8. Secrets of addresses are hidden. Headers (they may hold a key), `every` and ids stay
    behind: readers know no such thing; the text of an outline is the feed's id, so that importing it again gives the
    same one.
    """
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = "Feeds of wirecopy"
    ET.SubElement(head, "dateCreated").text = format_datetime(now)
    body = ET.SubElement(root, "body")
    for feed in feeds:
        ET.SubElement(body, "outline", {name: _legal(value) for name, value in _attributes(feed)})
    ET.indent(root)
    body_bytes: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body_bytes + b"\n"


def _feed(outline: Any, url: str, taken: Collection[str]) -> dict[str, Any]:
    title = " ".join((outline.title or "").split())
    ascii_words = re.findall(r"[a-z0-9]+", title.lower())
    given = title if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", title) and title not in taken else None
    named = id_for(" ".join(ascii_words), taken) if ascii_words else id_for(url, taken)
    tags = [" ".join(tag.split()) for tag in [*outline.tags, *chain.from_iterable(outline.categories)]]
    return {"id": given or named, "url": url, "tags": list(dict.fromkeys(tag for tag in tags if tag))}


def _attributes(feed: Feed) -> Iterator[tuple[str, str]]:
    yield from (("type", "rss"), ("text", feed.id), ("xmlUrl", hide_secrets(feed.url, feed.secret)))
    if feed.language:
        yield "language", feed.language
    if feed.publisher:
        yield "description", feed.publisher
    if feed.tags:
        yield "category", ",".join(tag.replace(",", " ") for tag in feed.tags)


def _legal(value: str) -> str:
    """Without characters that XML forbids."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", value)
