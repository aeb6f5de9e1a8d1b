"""maintain: retention of raw/, checks of the store, a health digest, dates that still wait. Changes no article."""

from __future__ import annotations

from dedupe.params import Params
from wirecopy.errors import RunFailed
from wirecopy.feeds.digest import feed_healths, odd_feeds, retry_counts
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import Digest
from wirecopy.settings import load_settings
from wirecopy.store.archive.raw import raw_problems
from wirecopy.store.archive.retention import remove_old_captures
from wirecopy.store.copies.derived import out_of_date
from wirecopy.store.files.columns import COLUMNS
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.query.checking import problems_of
from wirecopy.store.staging.parts import waiting_parts

log = get_log(__name__)


def remove_old_raw() -> dict[str, int]:
    """Remove captures older than `raw_keep` that have an outcome; returns counts of files and bytes."""
    settings = load_settings()

    removed = remove_old_captures(layout_of(settings).make(), (settings.clock() - settings.raw_keep).date())
    log.info("removed raw files=%d bytes=%d kept_unbooked=%d", removed.files, removed.bytes, removed.kept)
    return {"files": removed.files, "bytes": removed.bytes, "kept": removed.kept}


def store_problems(layout: Layout, *, quick: bool = False, progress: Progress | None = None) -> list[str]:
    """One sentence per problem of the store and of raw/, with the next step. *quick*: without reading the data."""
    return [*problems_of(layout, quick=quick, progress=progress), *raw_problems(layout)]


def check_store() -> dict[str, int]:
    """Read every file, and compare the tables. Raises RunFailed with the problems and the next steps."""
    settings = load_settings()

    layout = layout_of(settings).make()
    problems = store_problems(layout)
    if problems:
        more = f" … and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise RunFailed("; ".join(problems[:5]) + more)
    counts = {table: len(layout.dates(table)) for table in COLUMNS}
    log.info("the store is sound: %s", " ".join(f"{table}={count}" for table, count in counts.items()))
    return counts


def health_digest() -> Digest:
    """Feeds that fail, rest, are silent, were polled too rarely or have moved; entries that wait or are exhausted;
    parts that wait: logged, and returned.
    """
    settings = load_settings()

    layout = layout_of(settings).make()
    healths = feed_healths(settings, layout)
    digest: Digest = {
        **odd_feeds(healths),
        "waiting_parts": waiting_parts(layout),
        **retry_counts(layout, settings.clock()),
    }
    for health in healths:
        for notice in health.notices:
            log.warning("feed=%s %s", health.feed_id, notice)
    log.info(
        "retries=%d exhausted=%d waiting_parts=%d", digest["retries"], digest["exhausted"], digest["waiting_parts"]
    )
    return digest


def waiting_dates() -> list[str]:
    """Dates with out-of-date copies, ISO, ascending. `wirecopy_dedupe`, once woken, computes the quiet ones."""
    settings = load_settings()

    params = Params()
    found = out_of_date(layout_of(settings).make(), params.hash, days=params.window_days)
    return [day.isoformat() for day in found]
