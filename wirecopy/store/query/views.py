"""Views over the tables: frequent questions, answered also while the tables of a run are replaced one by one."""

from __future__ import annotations

from typing import Final

from dedupe.records import WITHDRAWN
from ingest.records import READ
from wirecopy.store.query.gaps import gaps_query

LAST_OF_PAIR: Final = "row_number() OVER (PARTITION BY left_id, right_id ORDER BY date DESC) = 1"
"""Of the rows of `matches` about one pair the last counts: a later date may have withdrawn the match."""

VIEWS: Final[dict[str, str]] = {
    "articles_unique": """
        SELECT a.*, coalesce(c.cluster_id, a.article_id) AS cluster_id, coalesce(c.cluster_size, 1) AS cluster_size
        FROM articles a LEFT JOIN clusters c USING (article_id)
        WHERE coalesce(c.origin_id, a.article_id) = a.article_id
    """,
    "copies": """
        SELECT c.cluster_id, c.relation, c.probability,
               copy.article_id AS copy_id, copy.publisher AS copy_publisher, copy.published_at AS copy_published_at,
               copy.title AS copy_title, copy.url AS copy_url,
               origin.article_id AS origin_id, origin.publisher AS origin_publisher,
               origin.published_at AS origin_published_at, origin.title AS origin_title, origin.url AS origin_url,
               copy.date AS date
        FROM clusters c
        JOIN articles copy ON copy.article_id = c.article_id
        JOIN articles origin ON origin.article_id = c.origin_id
        WHERE c.role = 'copy'
    """,
    "cluster_sizes": """
        SELECT c.cluster_id, count(*) AS articles, count(DISTINCT a.publisher) AS publishers,
               min(a.published_at) AS first_published_at, max(a.published_at) AS last_published_at,
               any_value(o.title) AS origin_title
        FROM clusters c JOIN articles a USING (article_id) LEFT JOIN articles o ON o.article_id = c.origin_id
        GROUP BY c.cluster_id
    """,
    "matches_standing": f"""
        SELECT * FROM matches
        QUALIFY {LAST_OF_PAIR} AND relation <> '{WITHDRAWN}'
    """,  # noqa: S608 - of our own words
    "passages": f"""
        WITH standing AS (SELECT * FROM matches QUALIFY {LAST_OF_PAIR} AND relation <> '{WITHDRAWN}'),
             each AS (SELECT *, unnest(passages::JSON[]) AS p, generate_subscripts(passages::JSON[], 1) AS number
                      FROM standing)
        SELECT e.left_id, e.right_id, e.number::INTEGER AS number, (p->4)::INTEGER AS words,
               (p->5)::BOOLEAN AS quotation,
               substring(l.text, 1 + (p->0)::INTEGER, (p->1)::INTEGER - (p->0)::INTEGER) AS left_text,
               substring(r.text, 1 + (p->2)::INTEGER, (p->3)::INTEGER - (p->2)::INTEGER) AS right_text,
               l.publisher AS left_publisher, r.publisher AS right_publisher, e.relation, e.probability,
               (p->0)::INTEGER AS left_start, (p->1)::INTEGER AS left_end,
               (p->2)::INTEGER AS right_start, (p->3)::INTEGER AS right_end, e.date
        FROM each e JOIN articles l ON l.article_id = e.left_id AND l.date = e.left_date
                    JOIN articles r ON r.article_id = e.right_id AND r.date = e.right_date
    """,  # noqa: S608 - of our own words
    "revisions_shown": """
        SELECT r.* FROM revisions r LEFT JOIN articles a USING (article_id)
        WHERE a.content_hash IS DISTINCT FROM r.content_hash
    """,
    "outcomes_by_feed": """
        SELECT feed_id, date, code, count(*) AS entries FROM outcomes GROUP BY ALL
    """,
    "feed_health": """
        WITH polled AS (
            SELECT feed_id, count(*) AS polls, max(polled_at) AS last_polled_at,
                   max(polled_at) FILTER (code IN (:read)) AS last_success_at,
                   arg_max({'code': code, 'detail': detail, 'status': http_status, 'moved': moved_to}, polled_at) AS l,
                   arg_max(next_due, polled_at) AS next_due,
                   sum(entries)::BIGINT AS entries, sum(taken)::BIGINT AS taken
            FROM polls GROUP BY feed_id
        ), failing AS (
            SELECT feed_id, count(*) AS failures FROM polls JOIN polled USING (feed_id)
            WHERE counted AND code NOT IN (:read)
                  AND (last_success_at IS NULL OR polled_at > last_success_at)
            GROUP BY feed_id
        ), missed AS (
            SELECT feed_id, count(*) AS gaps, max(polled_at) AS last_gap_at FROM (
                SELECT feed_id, polled_at, oldest,
                       lag(newest) OVER (PARTITION BY feed_id ORDER BY polled_at) AS newest_before
                FROM polls WHERE code = 'ok' AND oldest IS NOT NULL
            ) WHERE oldest > newest_before GROUP BY feed_id
        ), appeared AS (
            SELECT DISTINCT feed_id, date_trunc('minute', moment) AS moment FROM (
                SELECT feed_id, coalesce(min(published_at), min(tried_at)) AS moment FROM outcomes
                GROUP BY feed_id, entry_key
            )
        ), rhythm AS (
            SELECT feed_id, max(moment) AS newest_entry_at, count(pause) AS pauses,
                   median(pause) AS median_pause, quantile_disc(pause, 0.98) AS long_pause
            FROM (SELECT feed_id, moment,
                         epoch(moment - lag(moment) OVER (PARTITION BY feed_id ORDER BY moment)) AS pause
                  FROM appeared)
            GROUP BY feed_id
        ), alarm AS (
            SELECT *, CASE WHEN pauses >= 10 THEN newest_entry_at + to_seconds(
                       greatest(12 * 3600, 10 * median_pause, 1.5 * long_pause)) END AS silent_after
            FROM rhythm
        )
        SELECT feed_id, polls, entries, taken, last_polled_at, last_success_at, l.code AS last_code,
               l.detail AS last_detail, l.status AS last_status, coalesce(failures, 0) AS failures, next_due,
               l.moved AS moved_to, newest_entry_at, round(median_pause / 60, 1) AS median_minutes, silent_after,
               coalesce(last_success_at > silent_after, false) AS silent, coalesce(gaps, 0) AS gaps, last_gap_at
        FROM polled LEFT JOIN failing USING (feed_id) LEFT JOIN missed USING (feed_id) LEFT JOIN alarm USING (feed_id)
    """.replace(":read", ", ".join(f"'{code}'" for code in sorted(READ))),
    "gaps": gaps_query(by_source=True),
    "gaps_by_feed": gaps_query(by_source=False),
}
"""View → its query, for DuckDB; the tables they name are views over `store/<table>/**/*.parquet`."""

CHANGES: Final = """
    SELECT * FROM articles WHERE commit_seq > since AND commit_seq <= {watermark}
"""
"""Macro `changes(since)`: rows of articles by commit, up to the last finished one."""
HIGHEST: Final = "(SELECT coalesce(max(commit_seq), 0) FROM articles)"
"""The last finished commit, where state/ does not say it."""
