"""What the columns of the views mean; those that a view has from a table are described there."""

from __future__ import annotations

from typing import Final

from wirecopy.store.files.columns import ARTICLES, MATCHES, OUTCOMES, Columns

DATE: Final = "partition: a UTC date"


def _of(table: Columns, *names: str) -> dict[str, str]:
    """The descriptions of some columns of a table, or of all."""
    return {name: table.meanings[name] for name in names or table.names}


def _side(side: str, what: str) -> dict[str, str]:
    return {
        f"{side}_id": f"article_id of {what}",
        f"{side}_publisher": f"publisher of {what}",
        f"{side}_published_at": f"publication of {what}, or null",
        f"{side}_title": f"headline of {what}",
        f"{side}_url": f"address of {what}",
    }


VIEW_COLUMNS: Final[dict[str, dict[str, str]]] = {
    "articles_unique": {
        **_of(ARTICLES),
        "date": DATE,
        "cluster_id": "article_id of the cluster's first member; of an article that is not clustered yet its own",
        "cluster_size": "members of the cluster: how many articles this one stands for",
    },
    "copies": {
        "cluster_id": "article_id of the cluster's first member",
        "relation": "of the copy to the origin, else to its best match inside the cluster",
        "probability": "0..1, that a reader calls it a copy",
        **_side("copy", "the copy"),
        **_side("origin", "the origin"),
        "date": "partition of the copy",
    },
    "cluster_sizes": {
        "cluster_id": "article_id of the cluster's first member",
        "articles": "members",
        "publishers": "publishers among them",
        "first_published_at": "publication of the first member",
        "last_published_at": "publication of the last one",
        "origin_title": "headline of the origin",
    },
    "matches_standing": {**_of(MATCHES), "date": "partition: the date that decided the pair last"},
    "passages": {
        "left_id": "article_id of the earlier article",
        "right_id": "article_id of the later one",
        "number": "1 is the longest passage of the pair",
        "words": "words that both sides share in it",
        "quotation": "true: both sides show it as a quotation: a sign of one event, not of copying",
        "left_text": "the passage as the earlier article has it",
        "right_text": "the passage as the later article has it",
        "left_publisher": "publisher of the earlier article",
        "right_publisher": "publisher of the later article",
        "relation": "of the pair: identical, near_duplicate, copy, derived, update, contains or overlap",
        "probability": "0..1 of the pair, that a reader calls it a copy",
        "left_start": "character of the earlier text at which it begins",
        "left_end": "character behind its end",
        "right_start": "character of the later text at which it begins",
        "right_end": "character behind its end",
        "date": "partition of the pair",
    },
    "revisions_shown": {**_of(ARTICLES), "date": DATE},
    "outcomes_by_feed": {
        **_of(OUTCOMES, "feed_id"),
        "date": "partition: the date of the run's interval",
        "code": "of the outcomes (docs/outcomes.md)",
        "entries": "outcomes with that code",
    },
    "feed_health": {
        "feed_id": "feed of feeds.toml",
        "polls": "polls so far",
        "entries": "entries that they showed",
        "taken": "entries of these that were tried",
        "last_polled_at": "the last poll",
        "last_success_at": "the last one that could be read, or null",
        "last_code": "code of the last poll",
        "last_detail": "its sentence for people",
        "last_status": "its HTTP status, or null",
        "failures": "failures in a row that count against the feed",
        "next_due": "when it is due again",
        "moved_to": "where permanent redirects led at the last poll, or null",
        "newest_entry_at": "the newest entry so far",
        "median_minutes": "median time between two entries, in minutes",
        "silent_after": "from then on it counts as silent, if nothing new comes; null: too few entries to tell",
        "silent": "it is read, and has shown nothing new for unusually long",
        "gaps": "polls between which entries may have been missed, as the oldest one was newer than the newest before",
        "last_gap_at": "the last of these polls",
    },
}
