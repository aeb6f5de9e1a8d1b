"""The flood of series in a week of ordinary newspapers: which kinds match, and how many pairs certainly falsely.

No label is needed: what a telegram, a forecast or a list of two or more days apart tells is another event. A report may
be reprinted a day late, so pairs of neighbouring days say nothing. The kinds are found by words of their first lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bench.quality.measure import Result
from dedupe.records import MERGING, ArticleText, Match

CERTAIN_DAYS = 2
OPENING = 700  # characters
KINDS = {
    "telegrams": re.compile("برقي(?:ة|ات|تي) (?:تهنئة|عزاء|تعزية|شكر|جوابية)"),
    "weather": re.compile("(?:الأرصاد|الطقس)[^\n]{0,400}(?:درجة|رياح|أمطار|سماء)"),
    "executions": re.compile("القصاص|حكم القتل|تعزيراً"),
    "telephone calls": re.compile("اتصالا?ً? ?هاتفي"),
    "posts": re.compile("وظائف|وظيفة|القبول"),
    "markets": re.compile("مؤشر|التداول|أسعار النفط|أسعار الذهب"),
    "case counts": re.compile("كورونا"),
}


def kind_of(text: str) -> str | None:
    """The kind of series that a text looks like."""
    return next((name for name, words in KINDS.items() if words.search(text[:OPENING])), None)


def flood(articles: Sequence[ArticleText], result: Result) -> list[tuple[str, int, int, int]]:
    """(kind, texts, merging matches of two texts of the kind, certainly false ones)."""
    known = {article.id: article for article in articles}
    kinds = {name: kind_of(article.text) for name, article in known.items()}
    texts, found, false = Counter(kinds.values()), Counter[str](), Counter[str]()
    for match in result.matches:
        kind = kinds[match.left_id]
        if match.relation in MERGING and kind is not None and kind == kinds[match.right_id]:
            found[kind] += 1
            false[kind] += _days_apart(known, match) >= CERTAIN_DAYS
    return [(name, texts[name], found[name], false[name]) for name in KINDS]


def _days_apart(known: Mapping[str, ArticleText], match: Match) -> int:
    days = [known[name].date for name in (match.left_id, match.right_id)]
    return abs((days[0] - days[1]).days) if days[0] and days[1] else 0
