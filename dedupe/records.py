"""The records of the dedupe room: articles as it sees them, matches with evidence, cluster rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, Literal, Protocol

Relation = Literal["identical", "near_duplicate", "copy", "derived", "update", "contains", "overlap", "withdrawn"]
MERGING: frozenset[str] = frozenset({"identical", "near_duplicate", "copy", "derived"})
"""The relations that put two articles into one cluster."""
SPEAKING: frozenset[str] = MERGING | {"overlap", "contains"}
"""Those that count in the quorum of a merge; `overlap` and `contains` start none."""
WITHDRAWN: Final = "withdrawn"
"""Not a match but the end of one: texts of a later date show that the pair is none."""

Reason = Literal[
    "identical", "jaccard", "score", "evidence", "shared_words", "held", "contains", "same_publisher",
    "same_ending", "same_block", "improbable", "weak_evidence", "low_score", "numbers_differ",
    "quotation_removed", "formula_removed", "line_removed", "common_language",
]  # fmt: skip
"""What decided a pair; REASONS says what each of them means."""

REASONS: Final[dict[Reason, str]] = {
    "identical": "the same words",
    "jaccard": "four fifths of all 5-word phrases are the same",
    "score": "half of both narratives, or more, is the same",
    "evidence": "the score leaves it open; quotations and the order of sentences agree",
    "shared_words": "the score leaves it open; so many words of narrative are the same that it is no accident",
    "held": "a short text, most of which stands in the other",
    "contains": "nearly all of one text stands in a much longer one",
    "same_publisher": "both are of one publisher",
    "same_ending": "only their last thirds agree, as notes on a company or a newsroom do",
    "same_block": "what they share is one block amid other text, as a live blog holds a wire report",
    "improbable": "what speaks for a copy is outweighed by what speaks against it",
    "weak_evidence": "the score leaves it open; too few words are the same, or quotations and order do not agree",
    "low_score": "too little of the narratives is the same",
    "numbers_differ": "the numbers beside the shared words differ: two instances of a template",
    "quotation_removed": "a later text shows shared words as a quotation",
    "formula_removed": "later texts show shared words to be a formula of their publisher",
    "line_removed": "later texts show shared lines to be recurring ones",
    "common_language": "a later, unrelated text has shared words too: common language",
}

Why = Literal["quotation", "quoted_elsewhere", "heading", "recurring_line", "formula", "common_language"]
"""Why words of a text are no narrative of its own; WHYS says what each of them means."""

WHYS: Final[dict[Why, str]] = {
    "quotation": "in quotation marks, a block after a colon, or a pasted post",
    "quoted_elsewhere": "another text shows it as a quotation",
    "heading": "a short line without a final mark",
    "recurring_line": "a line that its publisher prints again and again, or that strangers share",
    "formula": "words that its publisher prints on three dates of the window",
    "common_language": "a third, unrelated text has it too",
}

Role = Literal["origin", "copy", "alone"]

NO_TIME = datetime.max.replace(tzinfo=UTC)


class Dated(Protocol):
    """Anything with a place in the order of the store."""

    @property
    def id(self) -> str:
        """The article_id."""

    @property
    def published_at(self) -> datetime | None:
        """Aware, UTC."""

    @property
    def date(self) -> date | None:
        """The partition; None: no dates at all, everything is one context."""


def in_order(article: Dated) -> tuple[date, datetime, str]:
    """The order everywhere: (date, published_at with null last, id)."""
    return article.date or date.max, article.published_at or NO_TIME, article.id


class Printed(Dated, Protocol):
    """The fields of an article that matching needs beside its text."""

    @property
    def publisher(self) -> str | None:
        """The publisher; None counts as another publisher."""


class Article(Printed, Protocol):
    """An article as this room sees it; any object with these attributes will do."""

    @property
    def text(self) -> str:
        """The extracted text, a paragraph a line."""

    @property
    def title(self) -> str | None:
        """The headline."""

    @property
    def language(self) -> str | None:
        """Two letters, as recognised."""

    @property
    def agency(self) -> str | None:
        """The credited wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleText:
    """The plain form of `Article`."""

    id: str
    text: str
    title: str | None = None
    publisher: str | None = None
    language: str | None = None
    agency: str | None = None
    published_at: datetime | None = None  # aware, UTC
    date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of text that two articles share.

    Offsets are character positions in each original text, end-exclusive.
    """

    left_start: int
    left_end: int
    right_start: int
    right_end: int
    words: int
    quotation: bool  # both sides show it as a quotation: event, not copying


def turned(passage: Passage) -> Passage:
    """The same stretch with left and right exchanged."""
    return replace(
        passage,
        left_start=passage.right_start,
        left_end=passage.right_end,
        right_start=passage.left_start,
        right_end=passage.left_end,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A stretch of a text that is taken out before it is compared with another one. Offsets are character positions in
    the original text, end-exclusive.
    """

    start: int
    end: int
    words: int
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A verified pair. `left` comes first in the order (date, published_at with null last, id)."""

    left_id: str
    right_id: str
    relation: Relation
    score: float  # s, 0..1: geometric mean of both narratives' coverage by shared 4-grams
    jaccard: float  # word 5-grams, 0..1
    coverage_left: float  # share of the left narrative found in the right one
    coverage_right: float
    quotation_agreement: float  # qv, 0..1; .5: no quotations
    ordered_share: float  # ch, 0..1: share of the shorter text with counterparts in the same order
    probability: float  # 0..1 that a reader calls it a copy
    reason: Reason | None = None  # what decided; None: stored by a version that did not say
    # The right article stands in a crowd (`matching.crowds`): it was compared with its nearest ones only, not with all.
    of_crowd: bool = False
    passages: tuple[Passage, ...]  # longest first


class Node(Printed, Protocol):
    """An article as grouping sees it: no text needed."""

    @property
    def agency(self) -> str | None:
        """The credited wire."""

    @property
    def word_count(self) -> int:
        """Words of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleNode:
    """The plain form of `Node`."""

    id: str
    date: date | None = None
    published_at: datetime | None = None
    publisher: str | None = None
    agency: str | None = None
    word_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRow:
    """The place of one article in its cluster. An article without copies is a cluster of its own, role `alone`."""

    article_id: str
    cluster_id: str  # article_id of the first member in the order
    role: Role
    origin_id: str  # the same on all rows of a cluster
    relation: Relation | None  # to the origin, else to its best match inside the cluster
    probability: float | None  # of that match
    cluster_size: int
