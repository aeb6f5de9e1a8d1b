"""Gaps: the articles of each day against what is usual for its weekday, and the days from which a backfill would gain.

The queries see the store only. Its present is its last poll: the day of that poll is not over, and later ones are to
come, so the views end on the day before.
"""

from __future__ import annotations

from typing import Final, Literal

from ingest.records import IMPORTED, READ

SHOWN_DAYS: Final = 30  # of the views, and of the command if it is not told otherwise: a month
WEEKS: Final = 8  # the latest so many days of a weekday say what is usual: two months follow a change of the publisher
# With fewer days of one weekday all watched days are taken: one Sunday says nothing of Sundays.
FEWEST: Final = 2
# How far below the usual a day has to be. Counts of independent events scatter by their square root. A watched day is a
# gap only if chance gives so few once in forty times; of a day that nobody watched we expect to lack something.
WATCHED_SIGMAS, UNWATCHED_SIGMAS = 2, 1

Why = Literal["not_watched", "missed", "few"]
WHY: Final[dict[Why, str]] = {
    "not_watched": "no live run read the feed on that day",
    "missed": "between two polls the feed showed more entries than it holds: some were never seen",
    "few": "the feed was read, and gave far fewer articles than usual",
}

COLUMNS: Final[dict[str, str]] = {
    "feed_id": "feed of feeds.toml",
    "source": "hostname of the articles",
    "date": "UTC day of publication",
    "articles": "articles of that day in the store",
    "from_history": "of them, those that no live run took",
    "usual": f"median of the last {WEEKS} watched days of that weekday (with fewer than {FEWEST}: of all watched days)",
    "missing": "usual - articles, 0 if there are more; null: nothing is known of what is usual",
    "watched": "whether a live run read the feed on that day",
    "searched": "whether a past run has read all that a source of history lists of the day, without a failure",
    "why": "what makes the day a gap: " + ", ".join(WHY) + "; null: it is none, a backfill would gain nothing",
}
"""Columns of the views `gaps` (a row per feed, source and day) and `gaps_by_feed` (a row per feed and day, with the
source if the feed has only one)."""

_LAST: Final = "(SELECT max(polled_at)::DATE - 1 FROM polls)"
_READ: Final = ", ".join(f"'{code}'" for code in sorted(READ))


def gaps_query(*, by_source: bool, first: str | None = None, last: str | None = None) -> str:
    """The query of one view; *first* and *last* are SQL dates, inclusive, instead of the latest SHOWN_DAYS."""
    last = last or _LAST
    first = first or f"{last} - {SHOWN_DAYS - 1}"
    part = "coalesce(source, '')" if by_source else "''"
    return f"""
        WITH stored AS (
            SELECT feed_id, {part} AS part, date, count(*) AS articles, count_if(via <> 'live')::BIGINT AS from_history
            FROM articles WHERE feed_id <> '{IMPORTED}' GROUP BY ALL
        ), parts AS (
            SELECT feed_id, {part} AS part, min(source) AS source, count(DISTINCT source) AS sources
            FROM articles WHERE feed_id <> '{IMPORTED}' GROUP BY ALL
        ), watched AS (
            SELECT DISTINCT feed_id, polled_at::DATE AS date FROM polls
            WHERE mode = 'live' AND code IN ({_READ}) AND polled_at::DATE <= {_LAST}
        ), looked AS (
            FROM watched UNION ALL
            SELECT DISTINCT feed_id, date FROM stored
            WHERE date <= {_LAST} AND feed_id NOT IN (SELECT feed_id FROM watched)
        ), samples AS (
            SELECT p.feed_id, p.part, isodow(l.date) AS weekday, coalesce(s.articles, 0) AS articles,
                   row_number() OVER (PARTITION BY p.feed_id, p.part, isodow(l.date) ORDER BY l.date DESC) AS age
            FROM parts p JOIN looked l USING (feed_id) LEFT JOIN stored s USING (feed_id, part, date)
        ), weekdays AS (
            SELECT feed_id, part, weekday, median(articles) AS usual FROM samples WHERE age <= {WEEKS}
            GROUP BY ALL HAVING count(*) >= {FEWEST}
        ), any_day AS (
            SELECT feed_id, part, median(articles) AS usual FROM samples WHERE age <= {WEEKS} GROUP BY ALL
        ), missed AS (
            SELECT feed_id, unnest(generate_series(since::DATE, oldest::DATE, INTERVAL 1 DAY))::DATE AS date FROM (
                SELECT feed_id, oldest, lag(newest) OVER (PARTITION BY feed_id ORDER BY polled_at) AS since
                FROM polls WHERE mode = 'live' AND code = 'ok' AND oldest IS NOT NULL
            ) WHERE oldest > since
        ), searched AS (
            SELECT feed_id, interval_start::DATE AS date FROM searches
            GROUP BY run_id, feed_id, interval_start HAVING sum(failed) = 0
                AND (bool_or(complete AND source <> 'warc') OR bool_and(complete AND source = 'warc'))
        ), days AS (
            SELECT unnest(generate_series({first}, least({last}, {_LAST}), INTERVAL 1 DAY))::DATE AS date
        ), counted AS (
            SELECT p.feed_id, CASE WHEN p.sources = 1 THEN p.source END AS source, d.date,
                   coalesce(s.articles, 0) AS articles, coalesce(s.from_history, 0) AS from_history,
                   coalesce(w.usual, a.usual) AS usual,
                   (p.feed_id, d.date) IN (SELECT (feed_id, date) FROM watched) AS watched,
                   (p.feed_id, d.date) IN (SELECT (feed_id, date) FROM missed) AS missed,
                   (p.feed_id, d.date) IN (SELECT (feed_id, date) FROM searched) AS searched
            FROM parts p CROSS JOIN days d LEFT JOIN stored s USING (feed_id, part, date)
            LEFT JOIN weekdays w ON w.feed_id = p.feed_id AND w.part = p.part AND w.weekday = isodow(d.date)
            LEFT JOIN any_day a ON a.feed_id = p.feed_id AND a.part = p.part
        )
        SELECT feed_id, source, date, articles, from_history, usual, greatest(usual - articles, 0) AS missing, watched,
               searched,
               CASE WHEN searched OR articles >= usual OR usual IS NULL THEN NULL
                    WHEN missed THEN 'missed'
                    WHEN NOT watched AND (articles = 0 OR articles < usual - {UNWATCHED_SIGMAS} * sqrt(usual))
                        THEN 'not_watched'
                    WHEN watched AND articles < usual - {WATCHED_SIGMAS} * sqrt(usual) THEN 'few'
               END AS why
        FROM counted ORDER BY feed_id, source, date
    """  # noqa: S608 - of our own words
