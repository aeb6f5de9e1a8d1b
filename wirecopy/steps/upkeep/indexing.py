"""index_texts: the words of past dates, for the pages' search."""

from __future__ import annotations

import sqlite3

from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import Indexed
from wirecopy.settings import load_settings
from wirecopy.store.files.layout import layout_of
from wirecopy.store.query.wordindex import bring_up_to_date

log = get_log(__name__)


def index_texts(*, progress: Progress | None = None) -> Indexed:
    """Index the words of the last month's dates whose articles have changed since; returns these dates.

    The index is a cache in state/ (of a store on a bucket: of this machine). Without it the search reads texts, so what
    SQLite cannot do is a warning and no error.
    """
    settings = load_settings()
    layout = layout_of(settings)
    if not layout.files.exists(layout.store):
        return {"made": [], "removed": []}
    try:
        made, removed = bring_up_to_date(layout, settings.clock().date(), progress)
    except sqlite3.Error as error:
        log.warning(
            "the words of past dates cannot be indexed (%s): searches read their texts, a few days at once", error
        )
        return {"made": [], "removed": []}
    return {"made": [day.isoformat() for day in made], "removed": [day.isoformat() for day in removed]}
