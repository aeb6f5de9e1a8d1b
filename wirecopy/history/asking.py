"""One request for a document of a feed's past."""

from __future__ import annotations

from ingest.records import Page
from ingest.work import DocumentKind, Getter


async def ask(fetch: Getter, url: str, *, kind: DocumentKind = "feed") -> Page:
    """The page at *url*; raises FetchError or Deferred."""
    answer = await fetch.get(url, kind=kind)
    assert isinstance(answer, Page)  # nothing conditional was sent
    return answer
