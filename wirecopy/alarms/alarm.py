"""What an alarm is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

KINDS: Final = {
    "run_failed": "a run of Airflow is red",
    "run_late": "no run has come for too long",
    "feed_list": "the feed list cannot be read",
    "feeds_unread": "more than half of the feeds cannot be read",
    "feed_silent": "a feed has brought nothing for much longer than its own rhythm",
    "feed_gap": "entries of a feed came and went between two polls",
    "no_articles": "more than half of the feeds that bring articles every day have brought none for a day",
    "disk": "the disk of the data folder fills up",
    "copies_out_of_date": "copies of a date have not been computed for hours",
}
"""Every kind, and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that needs a person now."""

    kind: str  # of KINDS
    subject: str  # what it is about: a feed, a date, a DAG; with the kind it names the alarm
    since: datetime  # aware, UTC
    says: str  # one sentence
    next_step: str  # one sentence
    patience: timedelta = timedelta()  # how long it must have stood before it is raised

    @property
    def key(self) -> tuple[str, str]:
        """What tells alarms apart."""
        return self.kind, self.subject

    @property
    def name(self) -> str:
        """As the setting `mute` names it."""
        return f"{self.kind}:{self.subject}"


def is_muted(alarm: Alarm, mute: tuple[str, ...]) -> bool:
    """Whether *mute* has its kind, or its kind and subject."""
    return alarm.kind in mute or alarm.name in mute
