"""A quick look at a feed document: the links, generator and dates by which a reader finds the way to older documents.

In: a document in memory. Out: a Glance. It makes no entries: parse.py does that, in a process that can be killed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from ingest.dates.parse import parse_date
from ingest.feed.formats.document import Document, read_document
from ingest.feed.formats.mending import mend_references
from ingest.feed.formats.xmltree import child, child_text, children, local_name, root_of
from ingest.records import Page
from ingest.text.urls import absolute_url

_LINK: Final = re.compile(r'<([^>]*)>[^,<]*?;\s*rel\s*=\s*"?([^",;<]+)')
ENTRIES: Final = ("item", "entry")
PUBLISHED: Final = ("pubDate", "published", "issued", "date", "created")
UPDATED: Final = ("updated", "modified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry, as far as it says where it belongs."""

    link: str | None
    published: datetime | None  # aware, UTC
    updated: datetime | None  # aware, UTC

    @property
    def latest(self) -> datetime | None:
        """The later of its dates: feeds are sorted by either."""
        return max((date for date in (self.published, self.updated) if date), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The head of a feed document, and the dates of its entries."""

    generator: str = ""  # in lower case, as written
    home: str | None = None  # the site's page
    links: Mapping[str, str] = field(default_factory=dict)  # the document's own: rel in lower case → first address
    entries: tuple[Listed, ...] = ()

    @property
    def newest(self) -> datetime | None:
        """The latest date of any entry; None without a date."""
        return max((entry.latest for entry in self.entries if entry.latest), default=None)

    @property
    def oldest(self) -> datetime | None:
        """The earliest date of publication of any entry; None without a date."""
        return min((entry.published for entry in self.entries if entry.published), default=None)


def glance(page: Page, *, now: datetime) -> Glance:
    """The head and dates of RSS, Atom or JSON Feed; an empty one for any other document. Raises ParseError for a
    broken gzip file.
    """
    document = read_document(page)
    look = Glance()
    if document.text.startswith("{"):
        look = _of_json(document, now)
    elif document.root and (root := root_of(mend_references(document.text))) is not None:
        look = _of_xml(root, document.url, now)
    return replace(look, links={**_of_header(page), **look.links})


def _of_header(page: Page) -> Mapping[str, str]:
    """The links of the Link header (RFC 8288)."""
    found = ((rels, _web(href, page.final_url)) for href, rels in _LINK.findall(page.headers.get("link", "")))
    return _first((rel, url) for rels, url in found if url for rel in rels.lower().split())


def _of_xml(root: Any, base: str, now: datetime) -> Glance:
    channel = child(root, "channel")
    heads = [head for head in (channel, root) if head is not None]
    generator = next((element for head in heads for element in children(head, "generator")), None)
    links = list(_own_links(heads, base))
    home = next((text for head in heads if (text := _web(child_text(head, "link"), base))), None)
    return Glance(
        generator=_generator(generator),
        home=home or next((url for rel, url in links if rel == "alternate"), None),
        links=_first(links),
        entries=tuple(_listed(one, base, now) for head in heads for name in ENTRIES for one in children(head, name)),
    )


def _generator(element: Any) -> str:
    return " ".join((*element.itertext(), element.get("uri") or "")).lower().strip() if element is not None else ""


def _own_links(heads: Iterable[Any], base: str) -> Iterator[tuple[str, str]]:
    for head in heads:
        for link in children(head, "link"):
            url = _web(link.get("href"), base)
            for rel in (link.get("rel") or "alternate").lower().split():
                if url:
                    yield rel, url


def _listed(entry: Any, base: str, now: datetime) -> Listed:
    hrefs = (
        link.get("href") or "".join(link.itertext()).strip()
        for link in children(entry, "link")
        if (link.get("rel") or "alternate") == "alternate"
    )
    return Listed(
        link=next((url for href in hrefs if (url := _web(href, base))), None),
        published=_date(entry, PUBLISHED, now),
        updated=_date(entry, UPDATED, now),
    )


def _date(entry: Any, names: Iterable[str], now: datetime) -> datetime | None:
    texts = ("".join(element.itertext()) for name in names for element in entry if local_name(element) == name)
    return next((date.value for text in texts if (date := parse_date(text, now=now))), None)


def _of_json(document: Document, now: datetime) -> Glance:
    try:
        data = json.loads(document.text, strict=False)
    except (ValueError, RecursionError):
        return Glance()
    items = data.get("items") if isinstance(data, dict) else None
    following = _web(data.get("next_url"), document.url) if isinstance(data, dict) else None
    return Glance(
        home=_web(data.get("home_page_url"), document.url),
        links={"next": following} if following else {},
        entries=tuple(_json_item(item, document.url, now) for item in items if isinstance(item, dict))
        if isinstance(items, list)
        else (),
    )


def _json_item(item: Mapping[str, Any], base: str, now: datetime) -> Listed:
    dates = [parse_date(value, now=now) if isinstance(value := item.get(name), str) else None
             for name in ("date_published", "date_modified")]  # fmt: skip
    published, updated = (date.value if date else None for date in dates)
    return Listed(link=_web(item.get("url"), base), published=published, updated=updated)


def _first(links: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for rel, url in links:
        found.setdefault(rel, url)
    return found


def _web(href: object, base: str) -> str | None:
    return absolute_url(href.strip(), base) if isinstance(href, str) and href.strip() else None
