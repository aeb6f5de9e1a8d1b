"""The checks of `wirecopy doctor`: each gives findings, changes nothing and asks no site."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from ingest.errors import FeedListError
from ingest.feedlist.feedlist import load_feeds
from ingest.options import DEFAULT_USER_AGENT
from wirecopy.alarms.open import open_alarms
from wirecopy.cli.checkengine import check_engine
from wirecopy.cli.findings import Finding
from wirecopy.errors import SettingsError, WirecopyError
from wirecopy.explain.wording import counted
from wirecopy.packages import unmet
from wirecopy.progress import Progress
from wirecopy.settings import Settings, load_settings, settings_file
from wirecopy.settingvalues import write_duration
from wirecopy.steps.upkeep.maintaining import store_problems
from wirecopy.store.feeds.state import State as FeedStates
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.query.read import rows
from wirecopy.store.staging.journals import unbooked_entries
from wirecopy.version import __version__

CLOCK_TOLERANCE: Final = timedelta(minutes=5)  # how far the newest poll may lie ahead of this machine's clock
NAMED: Final = 3  # problems of one kind that are named


def checkup(progress: Progress | None = None) -> Iterator[Finding]:
    """All findings, from the installation up to the store; *progress* hears how far the look at its files is."""
    yield Finding(what="wirecopy", state="ok", says=f"{__version__}, Python {platform.python_version()}")
    yield from _requirements()
    yield from _other_dedupe()
    yield from _airflow()
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Finding(
            what="settings", state="problem", says=str(error), next_step="docs/settings.md lists all of them."
        )
        return
    yield from _settings(settings)
    yield from _feeds(settings)
    yield from check_engine(settings)
    layout = layout_of(settings)
    if layout.beside is not None:
        found = _bucket(layout)
        yield found
        if found.state == "problem":
            return
    yield from _disk(settings, layout)
    yield from _raw(settings, layout)
    if layout.files.exists(layout.store):
        yield from _store(layout, progress)
        yield from _state(settings, layout)
        yield from _clock(settings, layout)
        yield from _alarms(settings, layout)
    else:
        yield Finding(what="store", state="note", says=f"{layout.store} does not exist yet", next_step="`wirecopy run`")


def _requirements() -> Iterator[Finding]:
    wrong = unmet()
    if wrong:
        mend = "`make install` in the checkout, or install wirecopy again"
        yield Finding(what="packages", state="problem", says="; ".join(wrong), next_step=mend)
    else:
        yield Finding(what="packages", state="ok", says="all that wirecopy needs, in versions that it knows")


def _other_dedupe() -> Iterator[Finding]:
    """PyPI has another distribution called `dedupe`, whose folder would overwrite ours unnoticed."""
    mend = "`pip uninstall dedupe`, then install wirecopy again: both own a folder called dedupe"
    with suppress(importlib.metadata.PackageNotFoundError):
        other = importlib.metadata.version("dedupe")
        yield Finding(what="dedupe", state="problem", says=f"another distribution, dedupe {other}", next_step=mend)
        return
    spec = importlib.util.find_spec("dedupe")
    home = Path(sys.modules["wirecopy"].__file__ or "").resolve().parents[1]
    place = Path(spec.origin).resolve().parents[1] if spec and spec.origin else None
    if place == home:
        yield Finding(what="dedupe", state="ok", says="wirecopy's own, no other distribution of that name")
    else:
        yield Finding(what="dedupe", state="problem", says=f"imported from {place}, not from {home}", next_step=mend)


def _airflow() -> Iterator[Finding]:
    try:
        version = importlib.metadata.version("apache-airflow")
    except importlib.metadata.PackageNotFoundError:
        mend = "needed only for the DAGs; `wirecopy run` works without"
        yield Finding(what="Airflow", state="note", says="is not installed", next_step=mend)
        return
    if version.startswith("3.3."):
        yield Finding(what="Airflow", state="ok", says=version)
    else:
        mend = "install apache-airflow 3.3, for which dags/ is written"
        yield Finding(what="Airflow", state="problem", says=version, next_step=mend)


def _settings(settings: Settings) -> Iterator[Finding]:
    file = settings_file()
    where = f"from {file.resolve()} and WIRECOPY_* variables" if file.is_file() else "defaults and WIRECOPY_* variables"
    yield Finding(what="settings", state="ok", says=where)
    if settings.user_agent == DEFAULT_USER_AGENT:
        mend = "set WIRECOPY_USER_AGENT to a name and a page that says who you are"
        yield Finding(
            what="user agent", state="note", says="is the default: sites cannot tell who asks", next_step=mend
        )
    if settings.store_connection:
        says = f"Airflow's connection {settings.store_connection} has the credentials for tasks and pages there"
        mend = "outside of Airflow the command reads the variables of the cloud (docs/store-on-a-bucket.md)"
        yield Finding(what="credentials", state="note", says=says, next_step=mend)
    if settings.now is not None:
        says = f"WIRECOPY_NOW pretends that it is {settings.now}"
        yield Finding(what="clock", state="note", says=says, next_step="unset it, but for demo and tests")


def _feeds(settings: Settings) -> Iterator[Finding]:
    try:
        feeds = load_feeds(settings.feed_list).feeds
    except FeedListError as error:
        mend = "README.md shows a feed list; WIRECOPY_FEEDS names yours"
        yield Finding(what="feed list", state="problem", says=str(error), next_step=mend)
        return
    yield Finding(what="feed list", state="ok", says=f"{len(feeds)} feeds in {settings.feed_list}")


def _bucket(layout: Layout) -> Finding:
    """Whether server and database keep what the store rests on; it is tried out."""
    try:
        faults = layout.files.faults()
    except WirecopyError as error:  # not reached, refused, or not there
        faults = [str(error)]
    if not faults:
        says = f"{layout.root}: the server compares before it replaces, and the database keeps locks"
        return Finding(what="bucket", state="ok", says=says)
    return Finding(what="bucket", state="problem", says=" ".join(faults))


def _disk(settings: Settings, layout: Layout) -> Iterator[Finding]:
    room = layout.files.room()
    says = f"{room.free / 1024**3:,.1f} GB free at {room.place}"
    if room.free < settings.least_free:
        mend = "make room, shorten WIRECOPY_RAW_KEEP, or move the data folder (WIRECOPY_DATA)"
        yield Finding(what="disk", state="problem", says=says, next_step=mend)
    else:
        yield Finding(what="disk", state="ok", says=says)
    if not room.writable:
        mend = "run as its owner, or change its permissions"
        yield Finding(what="disk", state="problem", says=f"{room.place} cannot be written", next_step=mend)
    if not room.whole:
        mend = "keep store/ and state/ on one filesystem: files are put in place by rename"
        yield Finding(what="disk", state="problem", says="store/ and state/ lie on two filesystems", next_step=mend)


def _raw(settings: Settings, layout: Layout) -> Iterator[Finding]:
    """How much of the disk the archive takes, and how long it is kept."""
    files = layout.files.versions(layout.raw, "date=*/*.parquet")
    if files:
        size = sum(version.size for version in files)
        since = files[0].path.parent.name.removeprefix("date=")
        kept = f"kept for {write_duration(settings.raw_keep)} once booked"
        says = f"{size / 1024**3:,.1f} GB in {len(files):,} files since {since}, {kept}"
        yield Finding(what="raw archive", state="ok", says=says)


def _store(layout: Layout, progress: Progress | None) -> Iterator[Finding]:
    problems = store_problems(layout, quick=True, progress=progress)
    if not problems:
        days = layout.dates("articles")
        span = f"articles of {len(days)} dates, {days[0]} to {days[-1]}" if days else "no articles yet"
        yield Finding(what="store", state="ok", says=f"{layout.store}: {span}")
    if unbooked := unbooked_entries(layout):
        says = f"{counted(unbooked, 'entry', 'entries')} that a killed run had taken wait to be booked"
        yield Finding(what="last run", state="note", says=says, next_step="`wirecopy run` tries them again")
    for problem in problems[:NAMED]:
        yield Finding(what="store", state="problem", says=problem)
    if len(problems) > NAMED:
        more = f"and {len(problems) - NAMED} more"
        yield Finding(what="store", state="problem", says=more, next_step="`wirecopy store check` names them all")


def _state(settings: Settings, layout: Layout) -> Iterator[Finding]:
    where = "WIRECOPY_STATE_URL" if settings.state_url else str(layout.state)
    try:
        state = FeedStates.open(layout, settings.state_url)
        try:
            known = len(state.feeds())
        finally:
            state.close()
    except WirecopyError as error:
        yield Finding(what="feed state", state="problem", says=str(error))
        return
    yield Finding(what="feed state", state="ok", says=f"{known} feeds known in {where}")


def _alarms(settings: Settings, layout: Layout) -> Iterator[Finding]:
    """Those of feeds, runs, store and disk that are open; the disk is told above."""
    with suppress(WirecopyError):  # what cannot be read is told above, too
        alarms = [alarm for alarm in open_alarms(settings, layout) if alarm["kind"] not in ("disk", "feed_list")]
        for alarm in alarms:
            says = f"since {alarm['since']:%Y-%m-%d %H:%M} UTC: {alarm['says']}"
            yield Finding(what="alarm", state="note", says=says, next_step=alarm["next_step"])
        if not alarms:
            yield Finding(what="alarms", state="ok", says="none is open")


def _clock(settings: Settings, layout: Layout) -> Iterator[Finding]:
    """Runs decide by the clock what is live and what is due: one that was set back would stop them."""
    newest = rows(layout, "SELECT max(polled_at) AS at FROM polls")[0]["at"]
    now = settings.clock()
    if newest is not None and newest - now > CLOCK_TOLERANCE:
        says = f"it is {now:%Y-%m-%d %H:%M} UTC here, but the store was written at {newest:%Y-%m-%d %H:%M}"
        yield Finding(what="clock", state="problem", says=says, next_step="set this machine's clock (NTP)")
    else:
        yield Finding(what="clock", state="ok", says=f"{now:%Y-%m-%d %H:%M} UTC, after all that the store holds")
