"""Opt-outs of text and data mining by a host's file.

TDMRep (https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240202/) has three places: the page's `<meta
name="tdm-reservation">` goes before the header `tdm-reservation`, and that before the host's /.well-known/tdmrep.json.
Besides, there are the words noai, noimageai and noml in the robots meta or in `X-Robots-Tag`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ingest.errors import FetchError
from ingest.fetch.headers import site_of
from ingest.fetch.wellknown import ParsedFiles, WellKnown

if TYPE_CHECKING:
    from protego import Protego


class TdmFiles:
    """The tdmrep.json of the hosts of one run."""

    def __init__(self, files: WellKnown) -> None:
        self._files = files
        self._parsed = ParsedFiles(file_rules)

    async def opts_out(self, url: str) -> bool:
        """Whether the host's file reserves *url*. A file that cannot be read reserves nothing."""
        site = site_of(url)
        try:
            text = await self._files.read(f"{site}/.well-known/tdmrep.json")
        except FetchError:
            return False
        if text is None:
            return False
        return not self._parsed.rules(site, text).can_fetch(url, "*")


def file_rules(text: str) -> Protego:
    """The rules of a tdmrep.json: locations are patterns as in robots.txt, so its parser reads them: the longest wins.

    What is not as the specification says is left out.
    """
    from protego import Protego

    lines = ["User-agent: *"]
    for rule in _rules_in(text):
        location, value = rule.get("location"), str(rule.get("tdm-reservation"))
        if isinstance(location, str) and location.startswith(("/", "*")) and location.isprintable():
            lines += [f"{'Disallow' if value == '1' else 'Allow'}: {location}"] if value in ("0", "1") else []
    return Protego.parse("\n".join(lines))


def _rules_in(text: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [rule for rule in data if isinstance(rule, dict)] if isinstance(data, list) else []
