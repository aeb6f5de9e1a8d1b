"""A web archive with the manners of the Internet Archive: arrays, a resume key behind an empty row, captures at
/web/<14 digits>id_/…, the nearest capture for an instant that it has none of, and 429 for who asks too often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

NAMES = ["timestamp", "original", "statuscode", "digest"]


def stamp(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y%m%d%H%M%S}"


@dataclass
class InternetArchive:
    """*captures* by address and instant: what the feed showed then."""

    captures: Mapping[str, Mapping[datetime, str]]
    rows_at_once: int = 1000
    lost: frozenset[datetime] = frozenset()  # in the index, but their bytes are not: the nearest one is given
    refuses_after: int | None = None  # requests, then 429 with Retry-After
    hits: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.hits.append(request.path_qs)
        if self.refuses_after is not None and len(self.hits) > self.refuses_after:
            return web.Response(status=429, headers={"Retry-After": "60"})
        if request.path == "/cdx/search/cdx":
            return self._index(request.query)
        if request.path.startswith("/web/"):
            return self._capture(request.path_qs.removeprefix("/web/"))
        return web.Response(status=404)

    def _index(self, query: Mapping[str, str]) -> web.Response:
        first, last = query.get("from", "0").ljust(14, "0"), query.get("to", "9").ljust(14, "9")
        url = query["url"]
        found = [when for when in sorted(self.captures.get(url, {})) if first <= stamp(when) <= last]
        if "timestamp:10" in query.get("collapse", ""):  # adjacent ones of one hour: the first
            found = [when for before, when in zip([None, *found], found, strict=False)
                     if not before or stamp(before)[:10] != stamp(when)[:10]]  # fmt: skip
        start = int(query.get("resumeKey", "0"))
        limit = min(int(query.get("limit", "150000")), self.rows_at_once)
        shown = found[start : start + limit]
        rows = [[stamp(when), url, "200", f"D{hash(self.captures[url][when]) & 0xFFFFFF:06X}"] for when in shown]
        if not rows:
            return web.json_response([])
        more = query.get("showResumeKey") == "true" and len(found) > start + limit
        return web.json_response([NAMES, *rows, *([[], [str(start + limit)]] if more else [])])

    def _capture(self, path: str) -> web.Response:
        digits, _, url = path.partition("id_/")
        kept = {when: text for when, text in self.captures.get(url, {}).items() if when not in self.lost}
        if not kept:
            return web.Response(status=404)
        wanted = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        when = min(kept, key=lambda one: abs(one - wanted))
        headers = {"Memento-Datetime": format_datetime(when.astimezone(UTC), usegmt=True)}
        return web.Response(text=kept[when], content_type="application/rss+xml", headers=headers)
