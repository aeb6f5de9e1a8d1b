"""Feed documents: RSS 2.0, Atom and RSS 1.0, as publishers write them, quirks included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree as ET

from demo.newsroom.site import Site
from demo.newsroom.world import Article, Feed, Format, Publisher, Version

ATOM: Final = "http://www.w3.org/2005/Atom"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1: Final = "http://purl.org/rss/1.0/"
DC: Final = "http://purl.org/dc/elements/1.1/"
for _prefix, _namespace in (("atom", ATOM), ("rdf", RDF), ("rss", RSS1), ("dc", DC)):
    ET.register_namespace(_prefix, _namespace)

MEDIA_TYPES: Final[dict[Format, str]] = {
    "rss2": "application/rss+xml",
    "atom": "application/atom+xml",
    "rss1": "application/rdf+xml",
}
# Content between the entries of the broken feed: crossed tags, a bare ampersand, an undeclared entity.
BREAKAGE: Final = "<advert><b>Fish & Chips, two for one</advert></b> &nosuchthing; <br>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One entry as a feed shows it now."""

    article: Article
    version: Version
    link: str
    published: datetime  # aware, in the publisher's zone
    updated: datetime  # aware, in the publisher's zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed document and its headers."""

    body: bytes
    media_type: str
    changed: datetime  # aware, UTC, whole seconds: for Last-Modified


def render_feed(feed: Feed, site: Site, *, now: datetime, window: timedelta, limit: int) -> Document:
    """The document of *feed* at *now*: at most *limit* entries of the last *window*, newest first."""
    publisher = site.world.publishers[feed.publisher]
    live = [one for one in site.world.articles_of(feed) if site.when(one.published) <= now]
    shown = [_shown(one, site, publisher, now) for one in live if site.when(one.published) >= now - window][:limit]
    changed = max((_last_change(one, site, now, window) for one in live), default=site.start)
    tree = RENDERERS[feed.format](feed, site.root(publisher.id), shown, changed.astimezone(publisher.zone))
    body = _serialize(tree, feed)
    if feed.broken:
        return Document(body=_broken(body), media_type="text/xml", changed=changed)
    return Document(body=body, media_type=f"{MEDIA_TYPES[feed.format]}; charset={feed.encoding}", changed=changed)


def render_articles(feed: Feed, site: Site, articles: Sequence[Article], *, now: datetime) -> Document:
    """A document of *feed* that shows just these *articles*: a part of its past."""
    publisher = site.world.publishers[feed.publisher]
    shown = [_shown(one, site, publisher, now) for one in articles]
    tree = RENDERERS[feed.format](feed, site.root(publisher.id), shown, now.astimezone(publisher.zone))
    media_type = f"{MEDIA_TYPES[feed.format]}; charset={feed.encoding}"
    return Document(body=_serialize(tree, feed), media_type=media_type, changed=now)


def _shown(article: Article, site: Site, publisher: Publisher, now: datetime) -> Shown:
    version = article.version_at(site.offset(now))
    assert version is not None  # only published articles come here
    return Shown(
        article=article,
        version=version,
        link=site.link(article),
        published=site.when(article.published).astimezone(publisher.zone),
        updated=site.when(version.since).astimezone(publisher.zone),
    )


def _last_change(article: Article, site: Site, now: datetime, window: timedelta) -> datetime:
    """When *article* last changed a feed: it came, was corrected, or dropped out of the window."""
    dropped = site.when(article.published) + window + timedelta(seconds=1)
    changes = [site.when(version.since) for version in article.versions] + [dropped]
    return max(change for change in changes if change <= now).astimezone(UTC).replace(microsecond=0)


def _rss2(feed: Feed, root: str, shown: Sequence[Shown], changed: datetime) -> ET.Element:
    rss = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(rss, "channel")
    ET.SubElement(channel, f"{{{ATOM}}}link", {"rel": "self", "href": root + feed.path})
    _add(channel, "title", feed.title)
    _add(channel, "link", f"{root}/")
    _add(channel, "description", feed.title)
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", format_datetime(changed))
    if feed.generator:
        _add(channel, "generator", feed.generator)
    for one in shown:
        entry = ET.SubElement(channel, "item")
        _add(entry, "title", one.version.headline)
        _add(entry, "link", one.link)
        _add(entry, "description", one.version.summary)
        if "no-guid" not in one.article.quirks:
            _add_guid(entry, one, feed)
        if "no-date" not in one.article.quirks:
            _add(entry, "pubDate", format_datetime(one.published))
        if one.article.author:
            _add(entry, f"{{{DC}}}creator", one.article.author)
        _add(entry, "category", one.article.section)
    return rss


def _atom(feed: Feed, root: str, shown: Sequence[Shown], changed: datetime) -> ET.Element:
    top = ET.Element(f"{{{ATOM}}}feed")
    _add_atom(top, "title", feed.title)
    _add_atom(top, "id", root + feed.path)
    _add_atom(top, "updated", changed.isoformat())
    _add_atom(top, "link", None, rel="self", href=root + feed.path)
    _add_atom(top, "link", None, rel="alternate", type="text/html", href=f"{root}/")
    if feed.generator:
        _add_atom(top, "generator", feed.generator)
    for one in shown:
        entry = _add_atom(top, "entry", None)
        _add_atom(entry, "title", one.version.headline)
        _add_atom(entry, "link", None, rel="alternate", type="text/html", href=one.link)
        if "no-guid" not in one.article.quirks:
            _add_atom(entry, "id", f"tag:{feed.publisher}.example,2020:{one.article.slug}")
        if "no-date" not in one.article.quirks:
            _add_atom(entry, "published", one.published.isoformat())
            _add_atom(entry, "updated", one.updated.isoformat())
        if one.article.author:
            _add_atom(_add_atom(entry, "author", None), "name", one.article.author)
        _add_atom(entry, "category", None, term=one.article.section)
        _add_atom(entry, "summary", one.version.summary)
    return top


def _rss1(feed: Feed, root: str, shown: Sequence[Shown], changed: datetime) -> ET.Element:
    rdf = ET.Element(f"{{{RDF}}}RDF")
    channel = ET.SubElement(rdf, f"{{{RSS1}}}channel", {f"{{{RDF}}}about": root + feed.path})
    for name, text in (("title", feed.title), ("link", f"{root}/"), ("description", feed.title)):
        _add(channel, f"{{{RSS1}}}{name}", text)
    _add(channel, f"{{{DC}}}language", feed.language)
    _add(channel, f"{{{DC}}}date", changed.isoformat())
    order = ET.SubElement(ET.SubElement(channel, f"{{{RSS1}}}items"), f"{{{RDF}}}Seq")
    for one in shown:
        ET.SubElement(order, f"{{{RDF}}}li", {f"{{{RDF}}}resource": one.link})
        entry = ET.SubElement(rdf, f"{{{RSS1}}}item", {f"{{{RDF}}}about": one.link})
        _add(entry, f"{{{RSS1}}}title", one.version.headline)
        _add(entry, f"{{{RSS1}}}link", one.link)
        _add(entry, f"{{{RSS1}}}description", one.version.summary)
        if "no-date" not in one.article.quirks:
            _add(entry, f"{{{DC}}}date", one.published.isoformat())
        if one.article.author:
            _add(entry, f"{{{DC}}}creator", one.article.author)
        _add(entry, f"{{{DC}}}subject", one.article.section)
    return rdf


RENDERERS: Final[dict[Format, Callable[[Feed, str, Sequence[Shown], datetime], ET.Element]]] = {
    "rss2": _rss2,
    "atom": _atom,
    "rss1": _rss1,
}


def _serialize(tree: ET.Element, feed: Feed) -> bytes:
    """The bytes of *tree*, with the format's own namespace as the default one, as every real feed has it."""
    body: bytes = ET.tostring(tree, encoding=feed.encoding, xml_declaration=True)
    own = {"atom": b"atom", "rss1": b"rss"}.get(feed.format)
    if own is None:
        return body
    body = body.replace(b"<" + own + b":", b"<").replace(b"</" + own + b":", b"</")
    return body.replace(b"xmlns:" + own + b"=", b"xmlns=", 1)


def _broken(body: bytes) -> bytes:
    """The same feed by a careless script: malformed after half of its entries, UTF-8 declared as ASCII."""
    head, *entries = body.decode("utf-8").replace("encoding='utf-8'", "encoding='us-ascii'").split("<item>")
    middle = (len(entries) + 1) // 2
    good = "".join(f"<item>{entry}" for entry in entries[:middle])
    late = "".join(f"<item>{entry}" for entry in entries[middle:]).replace("&amp;", "&")
    return f"{head}{good}{BREAKAGE if entries else ''}{late}".encode()


def _add_guid(entry: ET.Element, one: Shown, feed: Feed) -> None:
    if feed.guid == "link":
        _add(entry, "guid", one.link, isPermaLink="true")
    else:
        _add(entry, "guid", f"{feed.publisher}-{one.article.slug}", isPermaLink="false")


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = text
    return element


def _add_atom(parent: ET.Element, name: str, text: str | None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text
    return element
