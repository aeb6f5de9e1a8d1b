"""One self-contained HTML page: a cluster or two texts, with the shared passages marked side by side.

No script, no request: a content security policy in the page forbids both, and everything that comes from articles is
escaped. jinja2 is loaded only when a page is written.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from dedupe.matching.compare import Comparison
from dedupe.records import WHYS
from wirecopy.explain import wording
from wirecopy.explain.clusterview import ClusterView
from wirecopy.pages.lengths import Whole, is_language, line, name
from wirecopy.pages.marking import paragraphs, reading_order
from wirecopy.pages.sidebyside import (
    HUES,
    Pair,
    apart_pairs,
    cluster_pairs,
    figures,
    isolated,
    pane_of,
    plain_pane,
    stops_of,
)

SHOWN: Final = 40  # pairs shown side by side: a page of 300 texts is no page


def cluster_page(view: ClusterView) -> str:
    """The page of `wirecopy explain`."""
    pairs = list(islice(cluster_pairs(view), SHOWN))
    context = {
        "title": wording.headline(view.origin),
        "subtitle": wording.overview(view),
        "reason": wording.why_origin(view, isolated),
        "remarks": view.remarks,
        "stops": list(stops_of(view, {pair.anchor for pair in pairs})),
        "pairs": pairs,
        "hidden": max(0, len(view.copies) - len(pairs)),
        "apart": list(islice(apart_pairs(view), SHOWN)),
        "alone": pane_of(view.origin, (), "left") if len(view.members) == 1 else None,
        "cluster_id": view.cluster_id,
    }
    return _render(context)


def comparison_page(found: Comparison, texts: tuple[str, str], names: tuple[str, str], reason: str) -> str:
    """The page of `wirecopy compare`; *reason* says in which context."""
    shown = reading_order(found.passages)
    relation = wording.relation_name(found.relation)
    removed = found.removed_left, found.removed_right
    pair = Pair(
        anchor="pair-1",
        heading="What they share",
        relation=relation,
        meaning=wording.MEANING[found.relation],
        note="",
        unfolded=True,
        figures=figures(found),
        passages=shown,
        removed=[
            f"{isolated(name)}: {line}"
            for name, own, text in zip(names, removed, texts, strict=True)
            for line in wording.taken_out(own, text)
        ],
        left=plain_pane(names[0], paragraphs(texts[0], shown, "left", removed[0])),
        right=plain_pane(names[1], paragraphs(texts[1], shown, "right", removed[1])),
    )
    context = {
        "title": f"{names[0]} and {names[1]}: {relation}",
        "subtitle": f"{found.words_left:,} and {found.words_right:,} words",
        "reason": reason,
        "remarks": (),
        "stops": [],
        "pairs": [pair],
        "hidden": 0,
        "apart": [],
        "alone": None,
        "cluster_id": "",
    }
    return _render(context)


def _render(context: dict[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("wirecopy.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(line=line, name=name, whole=Whole)
    environment.tests.update(language=is_language)
    names = {"hues": HUES, "whys": WHYS, "headline": wording.headline, "publisher": wording.publisher}
    return environment.get_template("selfcontained.html").render(**context, **names)
