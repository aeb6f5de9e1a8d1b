"""copy: a store moves to another folder or bucket."""

from __future__ import annotations

from wirecopy.buckets import is_bucket
from wirecopy.errors import SettingsError
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import StoreCopy
from wirecopy.settings import Settings, load_settings
from wirecopy.store.files.layout import layout_named
from wirecopy.store.transfer.copying import copy_files
from wirecopy.store.transfer.feedstate import copy_feed_state

log = get_log(__name__)


def copy_store(source: str, target: str, *, progress: Progress | None = None) -> StoreCopy:
    """Copy the store *source* to *target*, folders or addresses of buckets, with its feed state. Repeated after a kill
    it goes on; repeated later it copies what has changed. Raises UsageError if the target holds something else.
    """
    settings = load_settings()
    _require_database(settings, source, target)
    here, there = layout_named(source, settings), layout_named(target, settings)
    done = copy_files(here, there, progress)
    said = copy_feed_state(here, there, settings.state_url)
    log.info("copied store from=%s to=%s files=%d bytes=%d known=%d", here.root, there.root, done.files, done.bytes,
             done.known)  # fmt: skip
    return {
        "source": str(here.root),
        "target": str(there.root),
        "files": done.files,
        "bytes": done.bytes,
        "known": done.known,
        "running": done.running,
        "feed_state": said,
    }


def _require_database(settings: Settings, *places: str) -> None:
    buckets = [place for place in places if is_bucket(place)]
    if buckets and not (settings.state_url or "").startswith("postgresql"):
        raise SettingsError(
            f"{buckets[0]} needs its PostgreSQL, which holds locks and journals. Set state_url (WIRECOPY_STATE_URL), "
            "such as postgresql+psycopg2://user:password@host/database."
        )
