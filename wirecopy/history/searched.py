"""What all sources of history with requests share: jobs by place, the budget, refusals, and one Search per feed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from ingest.errors import FetchError, HttpStatus, IngestError, RobotsDisallowed
from ingest.records import Capture, Feed
from ingest.serial import from_json, to_json
from ingest.text.secrets import hide_secrets
from ingest.text.sections import Section, told
from ingest.text.urls import host_of
from ingest.work import Documents, Found, Getter
from wirecopy.history.askinggetter import FRESH, AskingGetter
from wirecopy.history.source import HistorySource, Past
from wirecopy.log import get_log
from wirecopy.store.feeds.places import RESTS_FOR, Place, Places
from wirecopy.store.ledger import complete_searches
from wirecopy.store.query.missed import feeds_with_gaps
from wirecopy.store.staging.plans import Job

log = get_log(__name__)

REFUSALS: Final = frozenset({401, 403, 406, 451})  # statuses of who does not want to be read
TOO_MANY: Final = 429  # asked too often: it says for how long
AFTER_TOO_MANY: Final = timedelta(hours=1)  # if it does not: web archives block whoever goes on for as long
# What a feed has just shown is the feed's own matter: its live runs, and its document, which a past run reads.
SETTLED_AFTER: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked of a source: what its *place* lists of one feed's past inside `[start, end)`, aware UTC."""

    feed: Feed
    place: Place
    url: str  # of the place
    start: datetime
    end: datetime
    now: datetime


class Resting(IngestError):
    """A source that refused is left alone for a week."""

    code = "resting"


class Searched(HistorySource):
    """A source of history that asks sites. A source gives a name, `look` and `read`; the rest is here.

    `look` is called once a month per feed, `read` once per run and feed where there is a place. Both ask by the
    `AskingGetter` they get, and may let its errors escape: an error ends the source for this feed and run.
    """

    searches: ClassVar[bool] = True

    def __init__(self, past: Past) -> None:
        self._past = past
        self._places = Places(past.state)

    @abstractmethod
    async def look(self, feed: Feed, fetch: AskingGetter) -> Place:
        """The place of *feed*'s past, by `self.place` or `self.nothing`. Few requests. Raises FetchError."""
        ...

    @abstractmethod
    def read(self, ask: Ask, fetch: AskingGetter) -> AsyncGenerator[Found | IngestError, None]:
        """The documents that may list entries of the interval, each with its reader, the best first.

        Lists of documents are given too, with `reader=None`: then they are archived, and the runs of other days
        read them from raw/. An error is given if others can be read after it, else it may escape.
        """
        ...

    def place(self, feed: Feed, url: str, **more: object) -> Place:
        """A place that was found; *more* are its `detail` and `reaches`."""
        return replace(self._blank(feed), url=url, **more)  # type: ignore[arg-type]

    def nothing(self, feed: Feed, why: str) -> Place:
        """There is no such source."""
        return replace(self._blank(feed), detail=hide_secrets(why, feed.secret))

    def find(self) -> Iterator[Job]:
        """A job for each feed that has a place, or that nobody has looked at for a month; of an interval that has just
        passed, for feeds that showed not all of it.
        """
        past = self._past
        asked = list(self._asked())
        known = self._places.all() if asked else {}
        # Their documents are still remembered (askinggetter.py): reading them again would find the same.
        done = complete_searches(past.layout, past.interval, past.now - FRESH) if asked else {}
        for feed in asked:
            place = known.get((feed.id, self.name))
            fresh = place if place and not place.is_old(past.now) else None
            section = self.section(feed, fresh) if fresh and fresh.url else ()
            if done.get((feed.id, self.name)) == told(section):
                continue
            if fresh is None or fresh.url:
                yield Job(
                    kind="history",
                    feed_id=feed.id,
                    payload=to_json(fresh) if fresh else "",
                    host=host_of(feed.url),
                )

    def _asked(self) -> Iterator[Feed]:
        """Feeds for which this source may have something that is not known yet."""
        past = self._past
        settled = past.now - past.interval.end >= SETTLED_AFTER
        gaps = set() if settled else feeds_with_gaps(past.layout, past.interval)
        for feed in past.feeds.values():
            if (settled or feed.id in gaps) and self.is_wanted(feed):
                yield feed

    def is_wanted(self, feed: Feed) -> bool:
        """Whether the settings and feeds.toml want this source for *feed*."""
        return self._past.settings.history and (feed.history is None or self.name in feed.history)

    def documents(self, jobs: Sequence[Job]) -> Iterator[tuple[str, Documents]]:
        """See HistorySource."""
        for job in jobs:
            if feed := self._past.feeds.get(job.feed_id):
                yield job.feed_id, partial(self._documents, feed, job.payload)

    def pages(self, jobs: Sequence[Job]) -> Iterator[Capture]:
        """None: what it lists is fetched."""
        yield from ()

    async def looked(self, feed: Feed, getter: AskingGetter) -> Place:
        """Look, and remember what was found. Raises FetchError if that cannot be said now."""
        getter.holds = True
        try:
            place = await self.look(feed, getter)
        except FetchError as error:
            if not refuses(error):
                raise
            place = replace(self.nothing(feed, str(error)), rests_until=self._past.now + RESTS_FOR)
        finally:
            getter.holds = False
        self._places.save([place])
        return place

    async def _documents(
        self, feed: Feed, payload: str, fetch: Getter
    ) -> AsyncGenerator[Found | IngestError, None]:  # fmt: skip
        getter = AskingGetter(fetch, self._past, feed, self._places)
        try:
            place = from_json(Place, payload) if payload else await self.looked(feed, getter)
        except IngestError as error:
            yield error
            return
        if place.rests_until and self._past.now < place.rests_until:
            until = f"{place.rests_until:%Y-%m-%d %H:%M}"
            yield Resting(
                f"the {self.name} of {feed.id} refused, and is left alone until {until}: {place.url or place.detail}"
            )
        elif place.url and self._is_first(place.url, self.section(feed, place)):
            async with aclosing(self._found(feed, place, place.url, getter)) as found:
                async for document in found:
                    yield document

    def section(self, feed: Feed, place: Place) -> Section:
        """The part of what a *place* lists that is the feed's; none: all."""
        return ()

    def _is_first(self, url: str, section: Section) -> bool:
        """Whether no other feed of this run has read the same place: its entries would be repeated ones."""
        if (self.name, url, section) in self._past.places_read:
            return False
        self._past.places_read.add((self.name, url, section))
        return True

    async def _found(
        self, feed: Feed, place: Place, url: str, getter: AskingGetter
    ) -> AsyncGenerator[Found | IngestError, None]:
        interval = self._past.interval
        answered, section = False, self.section(feed, place)  # answered: a request of this search
        ask = Ask(feed=feed, place=place, url=url, start=interval.start, end=interval.end, now=self._past.now)
        try:
            async with aclosing(self.read(ask, getter)) as documents:
                async for found in documents:
                    if isinstance(found, IngestError):
                        self._note(place, found, answered=answered)
                        yield found
                    else:
                        answered |= found.page.fetch_id not in getter.from_raw
                        yield replace(found, archived=found.page.fetch_id in getter.from_raw, section=section)
        except IngestError as error:
            self._note(place, error, answered=answered)
            yield error

    def _note(self, place: Place, error: IngestError, *, answered: bool) -> None:
        """A refusal is remembered: the place rests, unless other requests of this search were *answered*."""
        time_off = rest_after(error)
        if time_off and not (answered and refuses(error)):
            self._places.save([replace(place, rests_until=self._past.now + time_off)])

    def _blank(self, feed: Feed) -> Place:
        return Place(feed_id=feed.id, source=self.name, url=None, checked_at=self._past.now)


def rest_after(error: IngestError) -> timedelta | None:
    """How long a place is left alone after *error*; None: it is asked again by the next run."""
    if isinstance(error, HttpStatus) and error.status == TOO_MANY:
        return error.retry_after or AFTER_TOO_MANY
    return RESTS_FOR if refuses(error) else None


def refuses(error: IngestError) -> bool:
    """Whether a site said that it does not want to be read."""
    return isinstance(error, RobotsDisallowed) or (isinstance(error, HttpStatus) and error.status in REFUSALS)
