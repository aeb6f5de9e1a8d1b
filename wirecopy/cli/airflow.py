"""`wirecopy airflow`: a whole Airflow on this machine, in the foreground."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.markup import escape
from rich.status import Status

from ingest.errors import FeedListError
from ingest.feedlist.feedlist import load_feeds
from wirecopy.cli.show.console import ERR, OUT
from wirecopy.errors import UsageError
from wirecopy.local import leftovers
from wirecopy.local.environment import (
    AGENCY,
    DEMO_SETTINGS,
    airflow_environment,
    demo_settings,
    own_settings,
    without_places,
)
from wirecopy.local.home import Home, claim, home_of, only_runner
from wirecopy.local.ports import kept_port, must_be_free
from wirecopy.local.runner import parallelism, run
from wirecopy.local.session import Plan, listening
from wirecopy.local.supervision import SECOND, Program
from wirecopy.packages import LOCAL, unmet
from wirecopy.settings import load_settings, settings_file

CHECKOUT = Path(__file__).resolve().parents[2]
PORT = 8080


def airflow(
    *,
    demo: Annotated[bool, Parameter(name=["--demo"], help="Read the demo newsroom instead of your feed list.")] = False,
    port: Annotated[int | None, Parameter(name=["--port"], help=f"Of the web page; default: {PORT}.")] = None,
    home: Annotated[
        Path | None,
        Parameter(
            name=["--home"],
            help="AIRFLOW_HOME; default: .airflow-feeds beside feeds.toml, one per feed list; of the demo .airflow in "
            "the checkout.",
        ),
    ] = None,
) -> int:
    """Start a whole Airflow on this machine, and keep it running until Ctrl-C.

    PostgreSQL, api-server, scheduler, DAG processor and triggerer; one that dies is started again. Reads the feed list
    and settings of this folder, or with --demo an invented newsroom with feeds of its own. Any AIRFLOW__… variable that
    is set wins over what this command would choose.

    ```
    wirecopy airflow --demo
    wirecopy airflow --port 8081
    ```
    """
    chosen = PORT if port is None else port
    check(demo)
    feed_list = None if demo else load_settings().feed_list
    place = Home((home or home_of(CHECKOUT, settings_file().resolve().parent, feed_list)).expanduser().resolve())
    place.make()
    with only_runner(place), listening() as stop_signal, _Terminal(place, _Desk.of(place, demo)).speaking() as reporter:
        claim(place, feed_list)
        reporter.begin("looking for leftovers")
        count = leftovers.end(place)
        if count:
            reporter.say(f"ended {count} process(es) that an earlier start had left")
        must_be_free(chosen)
        place.password()
        if os.geteuid() == 0:
            reporter.say(
                f"you are root, so PostgreSQL runs as the user pgserver and keeps its data in {place.database.base}"
            )
        reporter.warn_of_feeds()
        run(_plan(place, chosen, demo=demo), reporter, stop_signal)
    return 0


def check(demo: bool) -> None:
    """Raises UsageError, saying what to do, if there is nothing to run or nothing to run it with."""
    if wrong := unmet(LOCAL):
        raise UsageError(
            f"`wirecopy airflow` needs packages that only it uses: {', '.join(wrong)}. "
            "Install them: `make install` in the checkout, or `pip install -e '.[local]'`."
        )
    if not (CHECKOUT / "dags").is_dir():
        raise UsageError(f"{CHECKOUT} has no dags/ folder: run this from a checkout of wirecopy (`pip install -e .`).")
    if demo and not (CHECKOUT / "demo" / "newsroom").is_dir():
        raise UsageError(f"{CHECKOUT} has no demo/newsroom folder: run --demo from a checkout of wirecopy.")
    if not demo:
        feeds = load_settings().feed_list
        if not feeds.is_file():
            raise UsageError(
                f"There is no feed list at {feeds}. Write one (README.md shows how), name yours in WIRECOPY_FEEDS, "
                "or look at the demo: wirecopy airflow --demo (make airflow DEMO=1)."
            )


def _plan(home: Home, port: int, *, demo: bool) -> Plan:
    """Everything the runner needs, from the options and the caller's environment."""
    given = dict(os.environ)
    besides: tuple[Program, ...] = ()
    if demo:
        given, besides = without_places(given), (_newsroom(home),)
        wirecopy = demo_settings(home, given)
    else:
        settings = load_settings()
        wirecopy = own_settings(config=settings_file().resolve(), data=settings.root, feeds=settings.feed_list)
    given.pop("AIRFLOW__API__PORT", None)  # --port sets it
    environment = airflow_environment(
        home,
        dags=CHECKOUT / "dags",
        port=port,
        parallelism=parallelism(),
        token_key=home.token_key(),
        given=given,
        wirecopy=wirecopy,
    )
    return Plan(
        home=home, port=port, folder=home.demo if demo else Path.cwd(), environment=environment, besides=besides
    )


def _newsroom(home: Home) -> Program:
    """The demo's folder and its server: the world's third day is today, so articles appear as the day goes on."""
    home.demo.mkdir(exist_ok=True)
    settings = home.demo / "wirecopy.toml"
    port = kept_port(home.demo / "port")
    settings.write_text(DEMO_SETTINGS.format(path=settings, archive=f"http://{AGENCY}:{port}"), "utf-8")
    import sys

    command = (
        sys.executable,
        "-m",
        "demo.newsroom",
        "--clock",
        "real",
        "--port",
        str(port),
        "--feeds",
        str(home.demo / "feeds.toml"),
    )
    return Program(name="newsroom", command=command, directory=CHECKOUT, priority=SECOND, start_seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What this Airflow works on, as the user is told it."""

    feeds: Path
    data: Path
    query: str  # how to look at its store from another shell

    @classmethod
    def of(cls, home: Home, demo: bool) -> _Desk:
        """The demo's, or that of the settings."""
        if demo:
            command = f"WIRECOPY_CONFIG={home.demo / 'wirecopy.toml'} wirecopy"
            return cls(feeds=home.demo / "feeds.toml", data=home.demo / "data", query=command)
        settings = load_settings()
        return cls(feeds=settings.feed_list, data=settings.root, query="wirecopy")


class _Terminal:
    """Reports progress on stderr, and Airflow's address on stdout. A closed terminal is no error."""

    def __init__(self, home: Home, desk: _Desk) -> None:
        self.home, self.desk = home, desk
        self._status: Status | None = None
        self._stage, self._since = "", 0.0
        self._started = time.monotonic()

    @contextlib.contextmanager
    def speaking(self) -> Iterator[_Terminal]:
        """Draws while the block runs."""
        try:
            yield self
        finally:
            self._finish()

    def begin(self, what: str) -> None:
        """A stage began; the one before it is done."""
        self._finish()
        self._stage, self._since = what, time.monotonic()
        with contextlib.suppress(OSError):
            if ERR.is_terminal:
                self._status = ERR.status(f"{escape(what)} …")
                self._status.start()

    def say(self, line: str) -> None:
        """One line, with the time."""
        with contextlib.suppress(OSError):
            ERR.print(f"[dim]{datetime.now():%H:%M:%S}[/] {escape(line)}", soft_wrap=True)  # noqa: DTZ005 - the clock on the user's wall

    def warn_of_feeds(self) -> None:
        """A feed list with a mistake stops no start, as runs read it anew each time: but it is told now."""
        if self.desk.feeds.is_file():
            try:
                load_feeds(self.desk.feeds)
            except FeedListError as error:
                self.say(f"the feed list has a mistake, and every run is red until it is mended: {error}")

    def ready(self, address: str, password: str) -> None:
        """Where to go, and with which password."""
        self._finish()
        with contextlib.suppress(OSError):
            OUT.print(
                f"[bold green]Airflow is ready[/] after {time.monotonic() - self._started:.0f} s: [bold]{address}[/]",
                soft_wrap=True,
            )
            OUT.print(
                f"  login  admin   password  {escape(password)}   (kept in {self.home.passwords})", soft_wrap=True
            )
            OUT.print(f"  feeds  {escape(str(self.desk.feeds))}", soft_wrap=True)
            OUT.print(f"  data   {escape(str(self.desk.data))}", soft_wrap=True)
            OUT.print(f"  logs   {escape(str(self.home.logs))}", soft_wrap=True)
            OUT.print(f"  ask    {escape(self.desk.query)} status", soft_wrap=True)
            OUT.print("Ctrl-C stops everything.")
            OUT.file.flush()

    def _finish(self) -> None:
        with contextlib.suppress(OSError):
            if self._status:
                self._status.stop()
            if self._stage:
                ERR.print(f"[green]✓[/] {escape(self._stage)} [dim]{time.monotonic() - self._since:.1f} s[/]")
        self._status, self._stage = None, ""
