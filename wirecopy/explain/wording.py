"""The sentences about copies, in a terminal and on a page: relations, reasons, delays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from dedupe.records import MERGING, REASONS, WITHDRAWN, Match, Reason, Relation, Removed, Why
from wirecopy.explain.clusterview import ClusterView, Member

if TYPE_CHECKING:
    from dedupe.matching.compare import Comparison  # numpy, which a table of a query does not need

LONGEST_NAME: Final = 80  # characters of a publisher, wherever it is shown
MEANING: Final[dict[Relation | None, str]] = {
    "identical": "the same text",
    "near_duplicate": "nearly the same text",
    "copy": "one report, cut, lengthened or reworded",
    "derived": "one report, heavily reworded",
    "update": "the same publisher carries its text on",
    "contains": "a round-up that holds the other",
    "overlap": "a paragraph in common, or too little evidence to call one a copy",
    "withdrawn": "a match until later reports showed that what they share is quoted or common",
    None: "what they share does not make one a copy of the other",
}

NO_QUOTATIONS: Final = 0.5
EXAMPLE: Final = 80  # characters of a stretch that was taken out


def relation_name(relation: Relation | None) -> str:
    """A relation as people read it: "near duplicate"; None is "independent"."""
    return relation.replace("_", " ") if relation else "independent"


def instant(when: datetime | None, *, whole_day: bool = False) -> str:
    """*when* as "2026-11-22 08:05" in UTC, or only the day with *whole_day*."""
    if when is None:
        return "undated"
    return f"{when:%Y-%m-%d}" if whole_day else f"{when:%Y-%m-%d %H:%M}"


def instant_or_none(when: datetime | None) -> str:
    """`instant`, or "none" where there has been none yet."""
    return instant(when) if when else "none"


def duration(length: timedelta) -> str:
    """The two largest units: "3 d 4 h", "2 h 10 min", "40 s"."""
    seconds = round(abs(length).total_seconds())
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def largest_unit(length: timedelta) -> str:
    """A length in its largest unit, for tables: 40s, 15m, 6h, 30d."""
    seconds = max(length.total_seconds(), 0)
    for unit, size, least in (("d", 86_400, 2 * 86_400), ("h", 3_600, 2 * 3_600), ("m", 60, 60)):
        if seconds >= least:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"


def delay(member: Member, origin: Member) -> str:
    """How long after the origin: "+2 h 10 min", "−20 min" if it is dated before it, "" if a date is unknown."""
    if member.published_at is None or origin.published_at is None or member.id == origin.id:
        return ""
    if member.whole_day or origin.whole_day:
        days = (member.published_at.date() - origin.published_at.date()).days
        return "same day" if days == 0 else f"{'+' if days > 0 else '−'}{abs(days)} d"
    length = member.published_at - origin.published_at
    if not length:
        return "same time"
    return f"{'+' if length > timedelta() else '−'}{duration(length)}"


def probable(value: float | None) -> str:
    """A probability in percent, never more certain than its labels: "> 99%"; "" for None."""
    if value is None:
        return ""
    return "> 99%" if value > 0.99 else "< 1%" if value < 0.01 else f"{value:.0%}"


def agreement(match: Match | Comparison) -> str:
    """How far the quotations agree; .5 stands for no quotations."""
    return "none" if match.quotation_agreement == NO_QUOTATIONS else f"{match.quotation_agreement:.0%}"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 article", "2,000 articles"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


class Titled(Protocol):
    """Whatever has a headline or a text."""

    @property
    def title(self) -> str | None:
        """The headline."""

    @property
    def text(self) -> str:
        """The text."""


def headline(member: Titled) -> str:
    """Its title, else how its text begins."""
    words = (member.title or "").split() or member.text.split()
    text = " ".join(words[:24])
    return text if len(text) <= 160 else text[:159] + "…"


def publisher(member: Member) -> str:
    """The publisher; a text of a file without publishers is named by its id."""
    name = member.publisher or (member.id if member.url is None else "unknown publisher")
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def overview(view: ClusterView) -> str:
    """Articles, publishers, and the time between the first and the last."""
    parts = [counted(len(view.members), "article")]
    publishers = {member.publisher for member in view.members if member.publisher}
    if publishers:
        parts.append(counted(len(publishers), "publisher"))
    times = [member.published_at for member in view.members if member.published_at]
    if len(times) > 1 and min(times) != max(times):
        parts.append(f"{duration(max(times) - min(times))} from first to last")
    return ", ".join(parts)


def why_origin(view: ClusterView, isolate: Callable[[str], str] = str) -> str:
    """Which rule made it the origin, as a sentence. *isolate* keeps a name in another script from turning it around."""
    name = isolate(publisher(view.origin))
    credited = isolate(", ".join(view.credited))
    if view.reason == "given":
        if len(view.members) == 1:
            return f"No stored article is a copy of {name}."
        return f"{name} is the text that was given. The others are stored articles that copy it, or that it copies."
    if view.reason == "agency":
        crediting = sum(member.agency is not None for member in view.members)
        return (
            f"{name} is the origin because it is the credited agency: "
            f"{credited}, named as the source by {crediting} of the {len(view.members)}."
        )
    if view.reason == "earliest":
        besides = f" ({credited} is credited, but has no article among them)" if view.credited else ""
        return f"{name} is the origin because its article is dated first{besides}."
    if view.reason == "longest":
        return f"{name} is the origin because no dates tell who was first, and its text is the longest."
    return "It stands alone: no other stored article is a copy of it, and it is a copy of none."


def decided_by(reason: Reason | None) -> str:
    """What decided a pair: "score: half of both narratives, or more, is the same"; "" if it is not stored."""
    return f"{reason.replace('_', ' ')}: {REASONS[reason]}" if reason else ""


def taken_out(removed: Sequence[Removed], text: str) -> list[str]:
    """What is no narrative of *text*, by reason, most words first: "formula, 41 words: “The service expects …”"."""
    words: Counter[Why] = Counter()
    longest: dict[Why, Removed] = {}
    for one in removed:
        words[one.why] += one.words
        if one.why not in longest or one.words > longest[one.why].words:
            longest[one.why] = one
    return [
        f"{why.replace('_', ' ')}, {counted(count, 'word')}: “{_begin(text[longest[why].start : longest[why].end])}”"
        for why, count in words.most_common()
    ]


def _begin(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= EXAMPLE else f"{words[: EXAMPLE - 1].rstrip()}…"


def why_apart(match: Match) -> str:
    """Why a match does not put its two articles into one cluster."""
    if match.relation in MERGING:
        return "too few of the two clusters' other articles match each other"
    return MEANING[match.relation] if match.relation == WITHDRAWN else f"{MEANING[match.relation]}: never merged"
