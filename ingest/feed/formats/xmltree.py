"""XML as lxml recovers it, by local names: publishers spell the namespaces in a dozen ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def root_of(text: str) -> Any:
    """The outermost element of *text*, mended if it is broken; None if nothing can be recovered."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, encoding="utf-8")
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.XMLSyntaxError:
        return None


def local_name(element: Any) -> str:
    """Without namespace or prefix; empty for a comment, whose tag is no string."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def children(element: Any, name: str) -> Iterator[Any]:
    """The children of *element* called *name*; none of None."""
    return (child for child in (element if element is not None else ()) if local_name(child) == name)


def child(element: Any, name: str) -> Any:
    """The first child called *name*, or None."""
    return next(children(element, name), None)


def child_text(element: Any, name: str) -> str | None:
    """All text in the first child called *name*, stripped; None if there is none."""
    found = child(element, name)
    return ("".join(found.itertext()).strip() or None) if found is not None else None
