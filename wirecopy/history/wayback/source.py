"""The source `wayback`, behind the protocol of sources. It is off until the setting `wayback` names an archive."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar

from ingest.errors import IngestError
from ingest.history.cdx import DIALECTS
from ingest.records import Feed, Via
from ingest.work import Found
from wirecopy.history.askinggetter import AskingGetter
from wirecopy.history.searched import Ask, Searched
from wirecopy.history.wayback.captures import Archived, NotArchivedError, find_captures, read_captures
from wirecopy.store.feeds.places import Place


class WebArchive(Searched):
    """Captures of the feed in a web archive."""

    name: ClassVar[str] = "wayback"
    via: ClassVar[Via] = "wayback"

    @property
    def _base(self) -> str:
        return self._past.settings.wayback or ""

    def is_wanted(self, feed: Feed) -> bool:
        """Only with an archive to ask."""
        return bool(self._past.settings.wayback) and super().is_wanted(feed)

    async def look(self, feed: Feed, fetch: AskingGetter) -> Place:
        """Whether the archive has captures. One request or two."""
        try:
            found = await find_captures(feed, fetch, self._base, now=self._past.now)
        except NotArchivedError as error:
            return self.nothing(feed, str(error))
        return self.place(feed, f"{found.base}/*/{feed.url}", detail=found.dialect, reaches=found.reaches)

    async def read(self, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        """The captures that may show entries of the interval."""
        base, now = self._base, self._past.now
        dialect = next((one for one in DIALECTS if one == ask.place.detail), None)
        if ask.url.startswith(base) and dialect:
            archived = Archived(base=base, dialect=dialect, reaches=ask.place.reaches)
        else:  # another archive was set since
            archived = await find_captures(ask.feed, fetch, base, now=now)
        async for found in read_captures(archived, ask.feed, ask.start, ask.end, fetch, now=now):
            yield found
