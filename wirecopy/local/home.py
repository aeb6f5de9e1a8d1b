"""The paths of one local Airflow, and the lock that admits one runner at a time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wirecopy.errors import UsageError, WirecopyError

# The kernel takes 108 bytes for the path of a socket (104 on macOS); PostgreSQL and supervisor add up to 25 here.
SOCKET_FOLDER_BYTES: Final = 75
LOG_BYTES: Final = 20_000_000
SHORT: Final = Path("/tmp")  # noqa: S108 - not $TMPDIR, which may be long; the folder made in it is checked by `private_folder`
DEMO: Final = "the demo newsroom"
ROOTS_OWN: Final = Path("/var/tmp")  # noqa: S108 - survives a restart of the machine, and everybody may walk through it


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The paths of the embedded PostgreSQL."""

    base: Path
    data: Path
    sockets: Path

    @property
    def migrated(self) -> Path:
        """Holds the Airflow version whose tables the database has."""
        return self.base / "migrated"


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one AIRFLOW_HOME."""

    root: Path

    @property
    def logs(self) -> Path:
        """One file per process, and folders of the tasks' and DAG files' logs."""
        return self.root / "logs"

    @property
    def passwords(self) -> Path:
        """Login names and passwords, as Airflow's SimpleAuthManager reads them."""
        return self.root / "passwords.json"

    @property
    def lock(self) -> Path:
        """Held by the runner, with its process id."""
        return self.root / "runner.lock"

    @property
    def supervisor_conf(self) -> Path:
        """Written at each start."""
        return self.root / "supervisord.conf"

    @property
    def demo(self) -> Path:
        """Feed list, settings and data of the demo newsroom."""
        return self.root / "demo"

    @property
    def mark(self) -> str:
        """Tells two homes apart, in the names of folders outside of them."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    @property
    def run(self) -> Path:
        """Folder of sockets: below the home, or in /tmp if that path is too long for a socket."""
        inside = self.root / "run"
        return (
            inside
            if len(os.fsencode(inside)) <= SOCKET_FOLDER_BYTES
            else SHORT / f"wirecopy-{os.geteuid()}-{self.mark}"
        )

    @property
    def database(self) -> Database:
        """Below the home; under root outside of it, because PostgreSQL then runs as another user, who may not reach the
        home.
        """
        if os.geteuid() == 0:
            base = ROOTS_OWN / f"wirecopy-pg-{self.mark}"
            return Database(base=base, data=base / "data", sockets=base / "run")
        base = self.root / "postgres"
        return Database(base=base, data=base / "data", sockets=self.run)

    @property
    def owner(self) -> Path:
        """Names whose home it is: the path of a feed list, or DEMO."""
        return self.root / "feed-list"

    def trim_logs(self, *, limit: int = LOG_BYTES) -> None:
        """Move the content of logs that are too long to `….1`: by copying, since their writers keep the file open (and
        append).
        """
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > limit:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)

    def make(self) -> Home:
        """Create the folders; those that hold secrets are the owner's alone."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.root} cannot be the home: {error.strerror}. Name another folder with --home."
            ) from error
        private_folder(self.run)
        return self

    def password(self) -> str:
        """The password of `admin`: generated once, kept in a file that only the owner reads."""
        try:
            return str(json.loads(self.passwords.read_text("utf-8"))["admin"])
        except (OSError, ValueError, KeyError):
            password = secrets.token_urlsafe(12)
            _write_secret(self.passwords, json.dumps({"admin": password}))
            return password

    def token_key(self) -> str:
        """The key that Airflow signs its tokens with, generated once (the one in airflow.cfg is too short)."""
        path = self.root / "token-key"
        if not path.exists():
            _write_secret(path, secrets.token_hex(64))
        return path.read_text("utf-8")


def home_of(checkout: Path, folder: Path, feed_list: Path | None) -> Path:
    """The default home: one per feed list, in *folder*, the one of the settings; of the demo (None) in the checkout."""
    if feed_list is None:
        return checkout / ".airflow"
    mark = "" if feed_list.parent == folder else f"-{hashlib.sha256(os.fsencode(feed_list)).hexdigest()[:8]}"
    return folder / f".airflow-{feed_list.stem}{mark}"


def claim(home: Home, feed_list: Path | None) -> None:
    """Let *home* belong to a feed list (None: to the demo); raises UsageError if it is another's.

    Runs, logs and the queue of a home are about one feed list and its data: with another one they would be mixed.
    """
    name = DEMO if feed_list is None else str(feed_list)
    before = home.owner.read_text("utf-8").strip() if home.owner.exists() else None
    before = before or (DEMO if (home.demo / "wirecopy.toml").exists() else name)
    if before != name:
        raise UsageError(
            f"{home.root} is the home of {before}, and keeps its runs: name another folder with --home. "
            f"If your feed list has only been moved, remove {home.owner} and start again."
        )
    home.owner.write_text(name + "\n", "utf-8")


def _write_secret(path: Path, text: str) -> None:
    """Replace *path* by a file that only the owner may read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def private_folder(path: Path, *, mode: int = 0o700, owners: frozenset[int] = frozenset()) -> None:
    """Create *path* for its owner; raises WirecopyError if somebody else made it (in /tmp anybody may), or a link."""
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or not path.is_dir() or found.st_uid not in {os.geteuid(), *owners}:
        raise WirecopyError(f"{path} belongs to somebody else. Remove it, or name another folder with --home.")
    path.chmod(mode)


@contextmanager
def only_runner(home: Home) -> Iterator[None]:
    """Hold the home; raises UsageError, naming the process that has it. The kernel lets go when the holder dies."""
    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode() or "unknown"
            raise UsageError(
                f"{home.root} is in use by process {holder}: stop that one (kill {holder}), "
                "or name another folder with --home."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
