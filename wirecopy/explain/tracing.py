"""Who printed a text: the stored articles that copy a press release, an agency's report, or an article of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from dedupe.params import DEFAULTS
from dedupe.records import MERGING, ArticleText, Match, in_order
from wirecopy.errors import StoreError, UsageError
from wirecopy.explain.clusterview import ClusterView, Member, facing, sorted_apart
from wirecopy.progress import Progress
from wirecopy.store.copies.tracing import TraceResult, trace_text
from wirecopy.store.files.layout import Layout
from wirecopy.store.files.partition import open_partition

GIVEN: Final = "~given"  # sorts behind all ids of articles, as what is asked comes last
SHORTEST: Final = 12  # words; nothing is said about the copies of less
MEMBER_COLUMNS: Final = (
    "article_id", "title", "publisher", "agency", "language", "url", "published_at", "published_precision",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenText:
    """The text whose copies are looked for."""

    text: str
    name: str = "the given text"  # a file, an address
    title: str | None = None
    publisher: str | None = None  # articles of the same publisher are its versions, no copies
    published_at: datetime | None = None  # aware, UTC: delays count from it
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedArticle:
    """A stored article that has to do with the given text."""

    article: Member
    match: Match  # the given text is on its left
    delay: timedelta | None  # since the given text, else since the first copy; None: a date is unknown

    @property
    def is_copy(self) -> bool:
        """Whether it counts as a copy; else it is a version, a round-up, or has a paragraph in common."""
        return self.match.relation in MERGING


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a trace found."""

    given: GivenText
    first: date | None  # dates that were looked through; None: the store has none of them
    last: date | None
    looked_through: int  # articles
    articles: tuple[TracedArticle, ...]  # in order of publication
    remarks: tuple[str, ...]

    @property
    def copies(self) -> tuple[TracedArticle, ...]:
        """Those that are copies of the given text, or it of them."""
        return tuple(one for one in self.articles if one.is_copy)

    @property
    def related(self) -> tuple[TracedArticle, ...]:
        """The others, likeliest first."""
        return tuple(sorted((one for one in self.articles if not one.is_copy), key=lambda one: -one.match.probability))

    def view(self) -> ClusterView:
        """The given text and its copies as a cluster, for the page of a cluster."""
        inside = tuple(one.match for one in self.copies)
        return ClusterView(
            asked=GIVEN,
            cluster_id="",
            origin_id=GIVEN,
            members=(_given_member(self.given), *(one.article for one in self.copies)),
            inside=inside,
            evidence={one.article.id: one.match for one in self.copies},
            apart=sorted_apart((one.match for one in self.related), {GIVEN}),
            others={one.article.id: one.article for one in self.related},
            remarks=self.remarks,
            given=True,
        )


def trace(
    layout: Layout,
    given: GivenText,
    *,
    first: date | None = None,
    last: date | None = None,
    progress: Progress | None = None,
) -> Trace:
    """The stored articles of the dates *first* to *last* (of all, without them) that match *given*, reworded ones too.

    Raises UsageError if the text is too short to have copies, StoreError without a store or if it cannot be read.
    """
    if len(given.text.split()) < SHORTEST:
        raise UsageError(f"{given.name} has fewer than {SHORTEST} words: too few to tell who copied it.")
    layout.require(layout.store)
    dates = [day for day in layout.dates("articles") if (first or date.min) <= day <= (last or date.max)]
    asked = ArticleText(id=GIVEN, text=given.text, title=given.title, publisher=given.publisher)
    found = trace_text(layout, asked, dates, DEFAULTS, progress)
    matches = {match.right_id: match for match in (facing(one, GIVEN) for one in found.matches)}
    members = sorted(_members(layout, found, matches), key=in_order)
    times = [one.published_at for one in members if one.published_at and matches[one.id].relation in MERGING]
    since = given.published_at or min(times, default=None)
    return Trace(
        given=given,
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
        looked_through=found.articles,
        articles=tuple(TracedArticle(article=one, match=matches[one.id], delay=_delay(one, since)) for one in members),
        remarks=(_remark(found.unsketched),) if found.unsketched else (),
    )


def _delay(member: Member, since: datetime | None) -> timedelta | None:
    return member.published_at - since if member.published_at and since else None


def _remark(days: tuple[date, ...]) -> str:
    named = ", ".join(map(str, days[:3])) + (f" and {len(days) - 3} more" if len(days) > 3 else "")
    return (
        f"The texts of {named} were read for this question alone, as their copies are not computed yet: "
        "`wirecopy rededup` makes the next trace fast."
    )


def _members(layout: Layout, result: TraceResult, matches: Mapping[str, Match]) -> list[Member]:
    by_day: dict[date, list[str]] = {}
    for name, day in result.dates.items():
        by_day.setdefault(day, []).append(name)
    found: list[Member] = []
    for day, ids in sorted(by_day.items()):
        with open_partition(layout, "articles", day) as file:
            for rows in file.of_articles(ids, MEMBER_COLUMNS) if file else ():
                for row in rows.to_pylist():
                    name = row["article_id"]
                    found.append(_member(row, result.texts[name], day, matches[name]))
    if len(found) != len(result.dates):
        raise StoreError("Articles that were found are gone: they have just been removed. Ask once more.")
    return found


def _member(row: dict[str, Any], text: str, day: date, match: Match) -> Member:
    return Member(
        id=row["article_id"],
        text=text,
        title=row["title"],
        publisher=row["publisher"],
        agency=row["agency"],
        language=row["language"],
        url=row["url"],
        published_at=row["published_at"],
        whole_day=row["published_precision"] == "day",
        date=day,
        role="copy",
        relation=match.relation,
        probability=match.probability,
    )


def _given_member(given: GivenText) -> Member:
    return Member(
        id=GIVEN,
        text=given.text,
        title=given.title,
        publisher=given.publisher or given.name,
        agency=None,
        language=None,
        url=given.url,
        published_at=given.published_at,
        whole_day=False,
        date=None,
        role="origin",
        relation=None,
        probability=None,
    )
