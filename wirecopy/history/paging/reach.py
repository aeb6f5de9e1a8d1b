"""How far back a feed's older documents reach: the date of the oldest entry, where one request can tell."""

from __future__ import annotations

from datetime import date, datetime

from ingest.errors import HttpStatus
from ingest.feed.glance import Glance, glance
from ingest.history.feedaddresses import blogger_entry, with_query
from ingest.records import Page
from ingest.work import Getter
from wirecopy.history.asking import ask
from wirecopy.history.paging.ways import Paging, followed, total_of


async def reach_of(paging: Paging, page: Page, look: Glance, fetch: Getter, *, now: datetime) -> date | None:
    """The day of the oldest entry behind the feed *page*; None if nothing tells it. Raises FetchError."""
    url = _oldest_document(paging, page, look)
    if url is None:
        return None
    try:
        oldest = glance(await ask(fetch, url), now=now).oldest
    except HttpStatus:
        return None
    shown = look.oldest
    return oldest.date() if oldest and shown and oldest < shown else None


def _oldest_document(paging: Paging, page: Page, look: Glance) -> str | None:
    """Blogger says how many entries there are, WordPress sorts as it is told, others may name their last page."""
    if paging.way == "blogger":
        total = total_of(page)
        return blogger_entry(page.final_url, total) if total else None
    if paging.way in ("wordpress-days", "wordpress-pages"):
        return with_query(page.final_url, {"orderby": "date", "order": "ASC"})
    return followed(look, "last", page)
