"""Which article of a cluster is its origin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dedupe.records import Node, in_order

LABEL = re.compile(r"[^\W_]+")
SUFFIXES = ("", "news", "agency", "agencia", "agentur")
LONG_NAME = 5  # "reuters" inside a label is Reuters; "ap" inside one may be anything


def find_origin(members: Sequence[Node]) -> Node:
    """The credited agency's own article if it is present, else the earliest, else (without any time) the longest.

    *members* are in order. The earliest is known if anyone says when it was published, or if the dates differ.
    """
    agencies = {fold(node.agency) for node in members if node.agency and fold(node.agency)}
    own = [node for node in members if any(is_agency(node.publisher, agency) for agency in agencies)]
    candidates = own or members
    timed = any(node.published_at is not None for node in candidates) or len({node.date for node in candidates}) > 1
    if timed:
        return min(candidates, key=in_order)
    return min(candidates, key=lambda node: (-node.word_count, in_order(node)))


def fold(name: str) -> str:
    """Letters and digits of a name, case levelled: "Agence France-Presse" → "agencefrancepresse"."""
    return "".join(LABEL.findall(name.casefold()))


def is_agency(publisher: str | None, agency: str) -> bool:
    """Whether a publisher ("apnews.com", "Reuters UK") is the agency (folded: "ap", "reuters").

    A long name may stand anywhere in a label of the publisher; a short one must be a label, or one with "news" behind
    it.
    """
    if not publisher:
        return False
    labels = LABEL.findall(publisher.casefold())
    if fold(publisher) == agency or any(label == agency + suffix for label in labels for suffix in SUFFIXES):
        return True
    return len(agency) >= LONG_NAME and agency in fold(publisher)
