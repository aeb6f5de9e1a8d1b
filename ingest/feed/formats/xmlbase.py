"""Links of feeds that name a base for them: https://www.w3.org/TR/xmlbase/, nested and relative ones too."""

from __future__ import annotations

from urllib.parse import urljoin

from ingest.feed.formats.xmltree import local_name

MARK = "xml:base"


def with_absolute_links(text: str, url: str) -> str:
    """The feed *text*, fetched from *url*, with the links that stand under an `xml:base` resolved against it.

    A document that names none, or is not well-formed, stays as it is.
    """
    if MARK not in text:
        return text
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser=parser, base_url=url)
    except (etree.XMLSyntaxError, ValueError):
        return text
    for node in root.iter("{*}link"):
        base = node.base or url
        try:
            if node.get("href"):
                node.set("href", urljoin(base, node.get("href")))
            elif node.text and node.text.strip() and local_name(node) == "link":
                node.text = urljoin(base, node.text.strip())
        except ValueError:  # a bracket that opens no IPv6 address
            continue
    return str(etree.tostring(root, encoding="unicode"))
