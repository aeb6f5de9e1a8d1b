"""The number of the last finished commit, as state/ says it."""

from __future__ import annotations

import json
from typing import Final

from wirecopy.log import get_log
from wirecopy.store.files.bucket.database import Database, number_of
from wirecopy.store.files.layout import Layout

WATERMARK: Final = "watermark.json"

log = get_log(__name__)


def finished_commit(layout: Layout) -> int | None:
    """None in a new store, and if state/ does not say it (it was lost, or is damaged): then the store itself does."""
    if layout.beside is not None:
        rows = Database(layout.beside.database).run(
            "SELECT max(number) AS number FROM store_commits WHERE store = :store AND state = 'finished'",
            {"store": number_of(str(layout.root))},
        )
        return None if rows[0].number is None else int(rows[0].number)
    text = layout.files.read_text(layout.state / WATERMARK)
    try:
        return None if text is None else int(json.loads(text)["finished"])
    except (ValueError, KeyError, TypeError) as error:  # cut by a full disk, or not JSON
        log.warning("state/%s cannot be read (%s): the store itself says it", WATERMARK, error)
        return None
