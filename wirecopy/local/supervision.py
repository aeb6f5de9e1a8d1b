"""supervisord: its configuration, its start, and its control over a socket."""

from __future__ import annotations

import http.client
import os
import shlex
import subprocess
import sys
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wirecopy.local.home import Home

FIRST, SECOND, AIRFLOW = 1, 2, 3  # supervisord stops in the other order, group by group
COMPONENTS: Final = ("api-server", "scheduler", "dag-processor", "triggerer")
TIMEOUT: Final = 5.0  # seconds of one question
# A program that ends within `startsecs` is started again after 1, 2, 3 … seconds, so often; then it is FATAL, and the
# runner asks anew each half minute.
START_RETRIES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process that is kept."""

    name: str
    command: Sequence[str]
    directory: Path
    priority: int = AIRFLOW
    stop_signal: str = "TERM"
    stop_seconds: int = 6  # then it is killed with its process group; every step and the database survive that
    start_seconds: int = 3
    at_once: bool = False  # started together with supervisord, not later by us


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of one program, as supervisord reports it."""

    name: str
    state: str  # RUNNING, STARTING, BACKOFF, FATAL, EXITED, STOPPED, STOPPING
    pid: int


def python(*arguments: str) -> tuple[str, ...]:
    """A command of this environment's Python; -P: the working folder must not shadow a module."""
    return (sys.executable, "-P", *arguments)


def tied(log: Path, command: Sequence[str]) -> tuple[str, ...]:
    """The same command, ended when its parent dies, its output in *log*."""
    return (*python("-m", "wirecopy.local.tied"), "TERM", str(log), *command)


def component(name: str, directory: Path) -> Program:
    """One of Airflow's processes."""
    quiet = ("--skip-serve-logs",) if name in ("scheduler", "triggerer") else ()
    return Program(name=name, command=python("-m", "airflow", name, *quiet), directory=directory)


def postgres(home: Home) -> Program:
    """The metadata database."""
    command = python("-m", "wirecopy.local.postgres", str(home.root))
    return Program(
        name="postgres",
        command=command,
        directory=home.root,
        priority=FIRST,
        stop_signal="INT",
        stop_seconds=10,
        at_once=True,
    )


def configuration(home: Home, programs: Sequence[Program], *, root: bool) -> str:
    """supervisord.conf as text: the same programs, the same text."""
    names = ",".join(program.name for program in programs if program.priority == AIRFLOW)
    sections = [_daemon(home, root=root), *(_program(program, home) for program in programs)]
    # One group, so that Airflow's processes are stopped together and not one after the other.
    sections += [f"[group:airflow]\nprograms = {names}\npriority = {AIRFLOW}\n"] if names else []
    return "\n".join(sections)


def _daemon(home: Home, *, root: bool) -> str:
    return f"""\
; Written by `wirecopy airflow` at each start: changes are lost.
[supervisord]
nodaemon = true
silent = true
logfile = {_escaped(home.logs / "supervisord.log")}
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = {_escaped(home.run / "supervisord.pid")}
childlogdir = {_escaped(home.logs)}
{"user = root" if root else "; runs as you"}

[unix_http_server]
file = {_escaped(socket_of(home))}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{_escaped(socket_of(home))}
"""


def _program(program: Program, home: Home) -> str:
    return f"""\
[program:{program.name}]
command = {_escaped(shlex.join(tied(home.logs / (program.name + ".log"), program.command)))}
directory = {_escaped(program.directory)}
priority = {program.priority}
autostart = {str(program.at_once).lower()}
autorestart = true
startsecs = {program.start_seconds}
startretries = {START_RETRIES}
stopsignal = {program.stop_signal}
stopwaitsecs = {program.stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = NONE
"""


def _escaped(value: Path | str) -> str:
    return str(value).replace("%", "%%")


def socket_of(home: Home) -> Path:
    """The socket on which supervisord listens."""
    return home.run / "supervisor.sock"


class Supervisor:
    """A running supervisord and its control."""

    def __init__(self, home: Home, process: subprocess.Popen[bytes]) -> None:
        self.home, self.process = home, process

    @classmethod
    def start(cls, home: Home, programs: Sequence[Program], environment: Mapping[str, str]) -> Supervisor:
        """Write the configuration and start; the terminal's signals do not reach it, our death does."""
        home.supervisor_conf.write_text(configuration(home, programs, root=os.geteuid() == 0), "utf-8")
        socket_of(home).unlink(missing_ok=True)
        supervisord = python("-m", "supervisor.supervisord", "-c", str(home.supervisor_conf))
        process = subprocess.Popen(  # noqa: S603
            tied(home.logs / "supervisord.out", supervisord),
            cwd=home.root,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        return cls(home, process)

    @property
    def ended(self) -> bool:
        """Whether supervisord has gone."""
        return self.process.poll() is not None

    def statuses(self) -> dict[str, Status]:
        """All programs by name; empty if it does not answer (yet)."""
        found = self._ask("getAllProcessInfo") or []
        return {one["name"]: Status(name=one["name"], state=one["statename"], pid=one["pid"]) for one in found}

    def begin(self, name: str) -> None:
        """Start a program that waits, or one that was given up."""
        group = "airflow" if name in COMPONENTS else name
        self._ask("startProcess", f"{group}:{name}", False)

    def stop(self) -> None:
        """Request the end of everything; `ended` becomes true when it has come."""
        if not self.ended:
            self.process.terminate()

    def kill(self) -> None:
        """End supervisord at once; its programs are left to `leftovers`."""
        if not self.ended:
            self.process.kill()
        self.process.wait()

    def _ask(self, method: str, *arguments: Any) -> Any:
        """The answer, or None: a question may meet a socket that is not there yet, or a program that already runs."""
        try:
            with xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=self._transport()) as proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return None

    def _transport(self) -> Any:
        """supervisor's own transport; its connection waits without end, so it gets one that does not."""
        from supervisor.xmlrpc import SupervisorTransport  # of the extra `local`

        transport = SupervisorTransport(serverurl=f"unix://{socket_of(self.home)}")
        untimed = transport._get_connection

        def connect() -> http.client.HTTPConnection:
            connection: http.client.HTTPConnection = untimed()
            try:
                connection.connect()
                connection.sock.settimeout(TIMEOUT)
            except OSError:
                connection.close()
                raise
            return connection

        transport._get_connection = connect
        return transport
