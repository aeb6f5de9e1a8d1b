"""The text of a message about alarms, plain and as HTML: what, since when, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

from wirecopy.alarms.feedalarms import minute
from wirecopy.records import AlarmEvent, Message

SHOWN: Final = 20  # events of one message; the others are counted
WORDS: Final = {"raised": "Alarm", "lasting": "Still", "cleared": "Over"}


def message_of(events: Sequence[AlarmEvent], desk: str) -> Message | None:
    """One message about all events that are to be told, or None. *desk* says whose alarms they are."""
    told = sorted((event for event in events if event["tell"]), key=lambda event: list(WORDS).index(event["event"]))
    if not told:
        return None
    lines = [_line(event) for event in told[:SHOWN]]
    more = len(told) - SHOWN
    lines += [f"… and {more} more: `wirecopy status` names them all"] if more > 0 else []
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return {
        "subject": _subject(told),
        "text": "\n\n".join([*lines, f"wirecopy, data folder {desk}"]),
        "html": f"<ul>{items}</ul><p>wirecopy, data folder {escape(desk)}</p>",
    }


def _line(event: AlarmEvent) -> str:
    since, says = minute(datetime.fromisoformat(event["since"])), event["says"].rstrip(".")
    if event["event"] == "cleared":
        return f"Over, since {since} it had been an alarm: {says}."
    return f"{WORDS[event['event']]}, since {since}: {says}. What to do: {event['next_step']}."


def _subject(told: Sequence[AlarmEvent]) -> str:
    first = told[0]
    words = f"{WORDS[first['event']].lower()}: {first['kind'].replace('_', ' ')}, {first['subject']}"
    more = f" and {len(told) - 1} more" if len(told) > 1 else ""
    return " ".join(f"[wirecopy] {words}{more}".split())
