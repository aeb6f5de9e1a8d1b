"""The feeds.toml that wirecopy reads, written from the world."""

from __future__ import annotations

import json

from demo.newsroom.archive.lists import TEMPLATES
from demo.newsroom.site import Site


def render_feed_list(site: Site) -> str:
    """All feeds as wirecopy's feed list spells them; a JSON string is a TOML string too."""
    lines = ["# Written by the demo newsroom. Its publishers live on loopback addresses.", "[publishers]"]
    lines += [f"{json.dumps(one.address)} = {_quoted(one.name)}" for one in site.world.publishers.values()]
    for feed in site.world.feeds.values():
        fields = {
            "id": feed.id,
            "url": site.url(feed.id),
            "publisher": site.world.publishers[feed.publisher].name,
            "language": feed.language,
            "tags": list(feed.tags),
            "every": feed.every,
        }
        if feed.publisher in TEMPLATES:
            fields["archive"] = site.root(feed.publisher) + TEMPLATES[feed.publisher]
        lines += ["", "[[feed]]", *(f"{name} = {_quoted(value)}" for name, value in fields.items())]
    return "\n".join(lines) + "\n"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
