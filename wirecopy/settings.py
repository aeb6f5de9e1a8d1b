"""One settings object: `WIRECOPY_*` variables first, then `wirecopy.toml`, then the defaults below."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    ValidationError,
)

from ingest.feedlist.feedkeys import reach_back
from ingest.options import DEFAULT_USER_AGENT
from ingest.text.urls import host_of, is_web
from wirecopy.buckets import is_bucket
from wirecopy.errors import SettingsError
from wirecopy.settingvalues import Bytes, Count, Duration, Names, Networks, Tables, no_flag

PREFIX = "WIRECOPY_"
SETTINGS_FILE = "wirecopy.toml"
# The place of the settings file, and what DAG files and Airflow's plugin read without I/O.
NOT_SETTINGS = frozenset({"WIRECOPY_CONFIG", "WIRECOPY_LIVE_MINUTES", "WIRECOPY_PAGES"})
SPARKS = frozenset({"sc", "spark", "k8s"})  # schemes of spark_remote
SPARK_HERE = re.compile(r"yarn|local(-cluster)?(\[[^\]]*\])?")  # what Spark itself knows the place of


def check_notifiers(value: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """Each has the dotted name of a class."""
    for one in value:
        if not isinstance(name := one.get("notifier"), str) or "." not in name:
            raise ValueError(
                'each needs `notifier`, the full name of its class, such as "airflow.providers.smtp.notifications.smtp'
                '.SmtpNotifier"'
            )
    return value


Notifiers = Annotated[Tables, AfterValidator(check_notifiers)]


def read_first_poll(value: str) -> str:
    """Accepts "all", "new", or a duration in minutes, hours or days."""
    try:
        reach_back(value)
    except ValueError as error:
        raise ValueError('write "all", "new", or how far back, such as "12h" or "2d"') from error
    return value


def read_web_address(value: str) -> str:
    """Accepts an address of the web, and gives it without a slash at its end."""
    if not (is_web(value) and host_of(value)):
        raise ValueError('write a whole address, such as "https://web.archive.org"')
    return value.rstrip("/")


def read_bucket(value: str) -> str:
    """Accepts the address of a bucket, and gives it without a slash at its end."""
    if not is_bucket(value):
        raise ValueError('write a bucket and a prefix, such as "s3://news/prefix" (or gs://, az://)')
    return value.rstrip("/")


def read_spark_remote(value: str) -> str:
    """Accepts the address of a Spark Connect server, or of a master as Spark knows them."""
    scheme, colon, rest = value.partition("://")
    if not (SPARK_HERE.fullmatch(value) or (scheme in SPARKS and colon and rest.strip("/"))):
        raise ValueError('write "sc://host:15002" (Spark Connect) or "spark://host:7077" (a master)')
    return value


StoreUrl = Annotated[str, AfterValidator(read_bucket)]
WebAddress = Annotated[str, AfterValidator(read_web_address)]
FirstPoll = Annotated[str, AfterValidator(read_first_poll)]
SparkRemote = Annotated[str, AfterValidator(read_spark_remote)]
DedupeEngine = Literal["local", "airflow", "spark"]


class Settings(BaseModel):
    """All settings. Durations are written like "500ms", "30s", "15m", "6h" or "7d"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path = Field(Path("data"), description="Folder of store/, raw/ and state/.")
    feeds: Path = Field(Path("feeds.toml"), description="The feed list.")
    state_url: str | None = Field(None, description="SQLAlchemy URL of the feed state; default: SQLite in data/state.")
    store_url: StoreUrl | None = Field(
        None,
        description="Bucket that holds the store in place of the data folder, such as `s3://news/prefix` (gs:// and "
        "az:// too); needs a PostgreSQL `state_url` (docs/store-on-a-bucket.md).",
    )
    store_connection: str | None = Field(
        None,
        description="Connection (conn_id) of Airflow with the credentials of the bucket, for tasks and pages there; "
        "default: the variables of the cloud, such as AWS_ACCESS_KEY_ID.",
    )
    now: AwareDatetime | None = Field(None, description="Use this instant as the present time (demo and tests only).")

    user_agent: str = Field(
        DEFAULT_USER_AGENT,
        description="Sent with every request; it should name a page about you.",
    )
    allow_networks: Networks = Field(
        (), description="Non-public networks that may be reached, comma-separated, such as 10.1.0.0/16."
    )
    respect_robots: bool = Field(True, description="Obey robots.txt.")
    obey_tdm: bool = Field(
        True, description="Keep no page that reserves text and data mining (tdm-reservation, tdmrep.json, noai)."
    )
    host_gap: Duration = Field(
        timedelta(milliseconds=500), description="Shortest time between two requests to one host, over all processes."
    )
    fetch_timeout: Duration = Field(
        timedelta(seconds=20), description="Wall-clock deadline of one request, redirects included."
    )
    host_time: Duration | None = Field(
        None,
        description="Most time that one host may keep a run busy, as one with a long Crawl-delay does: the rest of it "
        "waits for the next run. Default: a third of the live interval, at most 5 minutes; of a past run 15 minutes.",
    )
    pages_per_feed: Count = Field(
        250,
        description="Largest number of pages that a live run takes from one feed, and that a past run fetches only "
        "to see when they were published; the next runs take the rest.",
    )
    page_bytes: Count = Field(5_000_000, description="Largest size of a page in bytes, before and after decompression.")
    feed_bytes: Count = Field(10_000_000, description="Largest size of a feed document in bytes.")

    history: bool = Field(
        True,
        description="Past runs ask the sites' archives (sitemaps, WordPress, …) for what the feeds no longer show; "
        "feeds.toml may say it per feed.",
    )
    history_requests: Count = Field(
        200, description="Most requests for lists of old articles that one past run makes for one feed."
    )
    sitemap_bytes: Count = Field(60_000_000, description="Largest size of an archive sitemap in bytes.")
    wayback: WebAddress | None = Field(
        None,
        description="Web archive that past runs ask for captures of feeds: https://web.archive.org, or one of pywb.",
    )
    wayback_gap: Duration = Field(
        timedelta(milliseconds=2500), description="Shortest time between two requests to the web archive."
    )

    warc: Names = Field(
        (),
        description="Archives of other crawlers that past runs read too: WARC files, folders, globs, lists of such "
        "files, and addresses of files, lists or a folder in CC-NEWS's layout, comma-separated (docs/history.md).",
    )
    warc_late: Duration = Field(
        timedelta(days=3),
        description="How long after a day files on the web are read for captures of its articles. CC-NEWS leaves out "
        "what is older than 30 days, has most within hours, and costs about 19 GB for each day.",
    )

    extract_workers: Count = Field(
        os.cpu_count() or 2, description="Number of processes in which one pull task reads feeds and extracts pages."
    )
    extract_timeout: Duration = Field(
        timedelta(seconds=10), description="Longest extraction of a page; then its process is killed."
    )

    query_memory: Bytes = Field(
        ByteSize(2 * 1024**3), description="Most memory of one query (`query`, `shell`, `store export`), such as `2GB`."
    )
    query_spill: Bytes = Field(
        ByteSize(20 * 1024**3),
        description="Most disk in data/state that one query may use when its memory is not enough.",
    )

    shards: Annotated[int, BeforeValidator(no_flag)] | None = Field(
        None, ge=1, le=64, description="Number of pull tasks of a run; default: by cores and due feeds."
    )
    max_age: Duration = Field(timedelta(days=30), description="Greatest age of the entries that a live run takes.")
    first_poll: FirstPoll = Field(
        "all",
        description="How far back the first poll of a new feed reaches: `all` (as far as max_age), `new` (only entries "
        "published from then on), or a duration such as `2d`; feeds.toml may set it per feed.",
    )
    share_feed_for: Duration = Field(
        timedelta(minutes=10), description="Time in which past runs share one GET of a feed."
    )
    adaptive: bool = Field(
        True, description="Poll quiet feeds less often: at intervals up to four times their `every`, or 6 hours."
    )
    raw_keep: Duration = Field(timedelta(days=30), description="How long raw/ keeps captures that have an outcome.")
    quiet_for: Duration = Field(
        timedelta(minutes=30),
        description="The copies of a past date are computed when its eight days have not changed for this long.",
    )
    dedupe_engine: DedupeEngine = Field(
        "local",
        description="Where the dates of a dedupe are matched: `local` (in its own process), `airflow` (a task for each "
        "date, on the workers that Airflow has; DAG files read the variable only), `spark` (docs/scale.md).",
    )
    dedupe_threads: Count | None = Field(
        None,
        description="Threads of one task of dedupe; default: the processors that its process may use, in Spark the "
        "cores of a task.",
    )
    spark_remote: SparkRemote | None = Field(
        None,
        description="The Spark that matches dates: `sc://host:15002` (Connect) or `spark://host:7077` (a master).",
    )

    notify: Notifiers = Field(
        (),
        description="Airflow notifiers that get alarms: tables `[[notify]]` with `notifier` (its class) and its "
        "arguments; the variable is a JSON list (docs/alarms.md). Default: log and table only.",
    )
    mute: Names = Field(
        (), description="Alarms that are not raised: kinds, or kind and subject, such as `feed_silent:courier`."
    )
    least_free: Bytes = Field(
        ByteSize(2 * 1024**3), description="An alarm is raised when less of the data folder's disk is free."
    )

    def clock(self) -> datetime:
        """The instant that counts as now, aware UTC."""
        return self.now.astimezone(UTC) if self.now else datetime.now(UTC)

    @cached_property
    def root(self) -> Path:
        """The data folder, absolute. A relative one starts at the settings file's folder, else the working folder."""
        return settings_file().resolve().parent / self.data.expanduser()

    @cached_property
    def feed_list(self) -> Path:
        """The feed list, absolute, as `root` is."""
        return settings_file().resolve().parent / self.feeds.expanduser()


NAMES = frozenset(Settings.model_fields)
SECRET = frozenset({"state_url", "notify"})  # an error does not show what is written there


def settings_file() -> Path:
    """`wirecopy.toml` of the working folder, or the file that WIRECOPY_CONFIG names."""
    return Path(os.environ.get("WIRECOPY_CONFIG", SETTINGS_FILE))


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process; raises SettingsError with every problem and what to do about it."""
    named = os.environ.get("WIRECOPY_CONFIG")
    if named and not Path(named).is_file():
        raise SettingsError(f"WIRECOPY_CONFIG names {named}, which is not a file. Create it or unset the variable.")
    given = {**_of_file(), **_of_environment(), **{name: one for name, one in overrides.items() if one is not None}}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from error
    if settings.store_url and not (settings.state_url or "").startswith("postgresql"):
        raise SettingsError(
            f"store_url (WIRECOPY_STORE_URL): {settings.store_url} needs a PostgreSQL for locks and the homes "
            "of articles. Set state_url (WIRECOPY_STATE_URL), such as postgresql+psycopg2://user:password@host/database."
        )
    return settings


def _of_file() -> dict[str, object]:
    """What wirecopy.toml says; nothing without one."""
    try:
        found = tomllib.loads(settings_file().read_text(encoding="utf-8")) if settings_file().is_file() else {}
    except (ValueError, OSError) as error:  # broken, or it cannot be read
        raise SettingsError(f"{settings_file()}: {error}") from error
    if unknown := [name for name in found if name not in NAMES]:
        raise SettingsError(
            "\n".join(f"{settings_file()}: {name} is not a setting.{_suggestion(name, NAMES)}" for name in unknown)
        )
    return found


def _of_environment() -> dict[str, object]:
    """What variables say; an empty one says nothing."""
    found: dict[str, object] = {}
    for variable, value in sorted(os.environ.items()):
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        if name not in NAMES or variable != PREFIX + name.upper():
            known = {PREFIX + one.upper() for one in NAMES} | NOT_SETTINGS
            raise SettingsError(f"{variable} is not a setting.{_suggestion(variable, known)}")
        if value:
            found[name] = value
    return found


def _sentence(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"]) or "settings"
    secret = name.partition(".")[0] in SECRET
    shown = "not shown, as it may hold a password" if secret else repr(problem["input"])
    return f"{name} ({PREFIX}{name.upper()}): {problem['msg']}, but it is {shown}."


def _suggestion(word: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # only a mistake needs it

    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else f" Known: {', '.join(sorted(known))}."
