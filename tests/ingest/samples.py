"""Pages and entries for the tests of parsing and extracting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ingest.records import Entry, Page

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PARAGRAPHS = (
    "The harbour board of Harlan Bay voted on Monday evening to dredge the northern channel before the spring tides.",
    "Engineers had warned for two years that silt was closing it to the larger ferries, and the shipping lines agreed.",
    "The work will cost four million crowns, a third of it paid by the province, and should take eleven weeks.",
    "Fishermen at the meeting asked who would pay for nets lost to the dredgers; the board promised an answer by May.",
    "A similar plan failed nine years ago when a survey found seagrass, which has since moved to the southern shore.",
    "Boats will be guided through a marked lane at night, the harbour master said, and no crossing will be cancelled.",
)
TEXT = "\n".join(PARAGRAPHS)


def a_page(
    body: str | bytes,
    *,
    url: str = "https://news.example.com/2026/11/harbour-board-votes-to-dredge",
    headers: Mapping[str, str] | None = None,
    fetched_at: datetime = NOW,
) -> Page:
    """A page as it was fetched."""
    data = body.encode() if isinstance(body, str) else body
    given = {"content-type": "text/html; charset=utf-8"} if headers is None else headers
    return Page(fetch_id="f" * 32, url=url, final_url=url, status=200, headers=given, body=data, fetched_at=fetched_at)


def an_entry(**fields: object) -> Entry:
    """An entry that says nothing but its feed."""
    given = {"entry_key": "e" * 32, "feed_id": "harlan", "guid": None, "link": None, "title": None} | fields
    return Entry(**given)  # type: ignore[arg-type]


def html(head: str = "", body: str | None = None, *, attributes: str = 'lang="en"') -> str:
    """A small news page."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS) if body is None else body
    return (
        f"<!DOCTYPE html><html {attributes}><head><title>Harbour board votes</title>{head}</head>"
        f"<body><article><h1>Harbour board votes to dredge</h1>{text}</article></body></html>"
    )
