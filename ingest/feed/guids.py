"""The identity of entries: by guid while a feed's guids are reliable, else by link, else by content.

Guids repeat, change and are used again. An entry with a link is identified by it (`entry_key` is its hash). A reliable
guid identifies it even when the link changes (a tracking token, a corrected headline in the path). The feed's state
keeps which of two policies holds:

- `guid`, as long as nothing contradicts the guids: a known guid with the same date (or, without dates, the same title)
  is the known entry, whatever its link is now.
- `link`, for good, once guids repeat within a document, change while their link stays, or return with another article.

Entries without a link are identified by their guid, or, where that repeats, by guid, date and title together.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from ingest.records import Entry, digest
from ingest.text.urls import entry_key  # courlan: heavy, and only needed where feeds are parsed

Policy = Literal["guid", "link"]
REMEMBERED: Final = 500  # entries of a feed, the latest ones: the longest of 98 real feeds shows 338
SHORT: Final = 12  # hex digits of a hash inside one feed's memory
# One corrected guid proves nothing; contradictions in a tenth of the comparable entries do.
CHANGED_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry of an earlier document."""

    key: str  # its entry_key
    link: str  # short hash of the key that its link alone gives
    sign: str  # short hash of its date, else of its title


@dataclass(frozen=True, slots=True)
class Identity:
    """Whether one feed's guids are reliable, and the entries it showed. Small JSON in the feed's state."""

    policy: Policy = "guid"
    seen: Mapping[str, Seen] = field(default_factory=dict)  # by short hash of the guid

    def to_json(self) -> str:
        """For the feed's state."""
        return json.dumps([self.policy, {guid: [s.key, s.link, s.sign] for guid, s in self.seen.items()}])

    @classmethod
    def from_json(cls, text: str | None) -> Identity:
        """The memory that `to_json` wrote; an empty one without *text*."""
        if not text:
            return cls()
        policy, seen = json.loads(text)
        return cls("link" if policy == "link" else "guid", {guid: Seen(*fields) for guid, fields in seen.items()})


def recognise(entries: Sequence[Entry], memory: Identity) -> tuple[list[Entry], Identity]:
    """*entries* of a document with the keys they had before, and the feed's updated identity.

    Keys in the ledger never change: when guids turn out unreliable, only later links are no longer recognised.
    """
    policy: Policy = "link" if memory.policy == "link" or _lies(entries, memory.seen) else "guid"
    if policy == "guid":
        entries = [replace(entry, entry_key=_known_key(entry, memory.seen) or entry.entry_key) for entry in entries]
    fresh = {_short(entry.guid): _seen(entry) for entry in entries if entry.guid and entry.link}
    merged = {**{guid: seen for guid, seen in memory.seen.items() if guid not in fresh}, **fresh}
    return list(entries), Identity(policy, dict(list(merged.items())[-REMEMBERED:]))


def kept_apart(entries: Iterable[Entry]) -> list[Entry]:
    """*entries*; those without a link that share a guid get keys by date and title."""
    listed = list(entries)
    uses = Counter(entry.guid for entry in listed if not entry.link)
    return [_by_all(one) if one.guid and not one.link and uses[one.guid] > 1 else one for one in listed]


def _by_all(entry: Entry) -> Entry:
    told = [entry.feed_id, entry.guid, _iso(entry.published_at) or entry.published_raw, entry.title or entry.summary]
    return replace(entry, entry_key=digest(json.dumps(told)))


def _lies(entries: Sequence[Entry], seen: Mapping[str, Seen]) -> bool:
    """Whether the guids of a document contradict each other or the entries seen before."""
    return _repeat(entries) or _reused(entries, seen) or _changed(entries, seen)


def _repeat(entries: Sequence[Entry]) -> bool:
    """One guid, several links."""
    links: dict[str, str] = {}
    return any(links.setdefault(e.guid, e.entry_key) != e.entry_key for e in entries if e.guid and e.link)


def _reused(entries: Sequence[Entry], seen: Mapping[str, Seen]) -> bool:
    """A known guid under another link and with another date: another article."""
    return any(
        before.link != _short(entry.entry_key) and before.sign != _sign(entry)
        for entry in entries
        if entry.guid and entry.link and (before := seen.get(_short(entry.guid)))
    )


def _changed(entries: Sequence[Entry], seen: Mapping[str, Seen]) -> bool:
    """Known links under new guids."""
    guids = {before.link: guid for guid, before in seen.items()}
    same = [guids[link] == _short(e.guid) for e in entries if e.guid and (link := _short(e.entry_key)) in guids]
    return bool(same) and same.count(False) > max(1, CHANGED_SHARE * len(same))


def _known_key(entry: Entry, seen: Mapping[str, Seen]) -> str | None:
    before = seen.get(_short(entry.guid)) if entry.guid and entry.link else None
    return before.key if before and before.sign == _sign(entry) else None


def _seen(entry: Entry) -> Seen:
    return Seen(entry.entry_key, _short(entry_key(entry.link, entry.feed_id, entry.guid)), _sign(entry))


def _sign(entry: Entry) -> str:
    return _short(_iso(entry.published_at) or entry.title or "")


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _short(text: str | None) -> str:
    return digest(text or "")[:SHORT]
