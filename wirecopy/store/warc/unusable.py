"""Why a record of an archive became no capture: a value, counted by its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REASONS: Final[dict[str, str]] = {
    "other": "no response of a web server: warcinfo, requests, metadata, resources, conversions",
    "revisit": "unchanged since another capture, which holds the body",
    "status": "a status other than 200",
    "not_html": "another media type than HTML",
    "clipped": "cut short: the file ends early, or its crawler cut it (`WARC-Truncated`)",
    "too_large": "more bytes than `page_bytes` (of a feed document `feed_bytes`)",
    "malformed": "unreadable: broken headers, packing, date or metadata; the rest of a broken file",
    "reserved": "the publisher reserves text and data mining in the page (and `obey_tdm` holds)",
    "forgotten": "removed on request, and a tombstone keeps it out",
}


@dataclass(frozen=True, slots=True)
class Unusable:
    """One record, and why it is left out."""

    reason: str  # one of REASONS
    detail: str = ""  # for people
    url: str = ""
