"""Views over the tables: what people ask most, and that the tables of a run may follow each other by a moment."""

from __future__ import annotations

from typing import Final

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
    "revisions_shown": """
        SELECT r.* FROM revisions r LEFT JOIN articles a USING (article_id)
        WHERE a.content_hash IS DISTINCT FROM r.content_hash
    """,
    "outcomes_by_feed": """
        SELECT feed_id, date, code, count(*) AS entries FROM outcomes GROUP BY ALL
    """,
}
"""View → its query, for DuckDB; the tables they name are views over `store/<table>/**/*.parquet`."""

CHANGES: Final = """
    SELECT * FROM articles WHERE commit_seq > since AND commit_seq <= {watermark}
"""
"""Macro `changes(since)`: rows of articles by commit, up to the last finished one."""
