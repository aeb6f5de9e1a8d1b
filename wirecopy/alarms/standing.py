"""All alarms that stand now."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.errors import FeedListError
from wirecopy.alarms.alarm import Alarm, is_muted
from wirecopy.alarms.feedalarms import feed_alarms
from wirecopy.alarms.runalarms import run_alarms
from wirecopy.alarms.storealarms import store_alarms
from wirecopy.feeds.digest import FeedHealth, feed_healths
from wirecopy.records import SeenRuns
from wirecopy.settings import Settings
from wirecopy.store.files.layout import Layout


def standing_alarms(
    settings: Settings, layout: Layout, *, healths: Sequence[FeedHealth] | None = None, runs: Sequence[SeenRuns] = ()
) -> list[Alarm]:
    """What stands now and is not muted. *healths* saves computing them again; *runs* is what Airflow says."""
    now = settings.clock()
    found = list(run_alarms(runs, now))
    try:
        found += feed_alarms(feed_healths(settings, layout) if healths is None else healths, now)
    except FeedListError as error:
        found = [one for one in found if str(settings.feed_list) not in one.says]  # red runs of the same cause
        found.append(
            Alarm(
                kind="feed_list",
                subject=str(settings.feed_list),
                since=now,
                says=" ".join(str(error).split()),
                next_step="mend the feed list: runs are red until then",
            )
        )
    if layout.files.exists(layout.store):
        late = any(alarm.kind in ("run_late", "feeds_unread") for alarm in found)
        found += (one for one in store_alarms(settings, layout) if not (late and one.kind == "no_articles"))
    return [alarm for alarm in found if not is_muted(alarm, settings.mute)]
