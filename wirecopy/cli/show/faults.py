"""Faults of the machine (disk, rights, damaged files, memory) as sentences: the thing, the reason, the next step.

What names its own thing and step is a WirecopyError and never comes here. This is for what a library raises where
nobody expected it, so that a full disk is not a traceback. An error that is none of these is a bug, and stays one.
"""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

KEPT: Final = "What was finished is kept"
STEPS: Final[dict[int, str]] = {
    errno.ENOSPC: f"{KEPT}: make room on that disk, and run again.",
    errno.EDQUOT: f"{KEPT}: make room (the quota is used up), and run again.",
    errno.EFBIG: f"{KEPT}: files may not grow so large here (ulimit -f), raise that limit and run again.",
    errno.EACCES: "Run as the owner of that file, or change its permissions.",
    errno.EPERM: "Run as the owner of that file, or change its permissions.",
    errno.EROFS: "The filesystem is read-only: mount it for writing, or name another data folder in WIRECOPY_DATA.",
    errno.EXDEV: "Keep store/, raw/ and state/ on one filesystem: files are put in place by rename.",
    errno.ENOENT: "Look whether the path is right; a file that another process removed is there again in the next run.",
    errno.EEXIST: "A file stands where a folder is needed: move it away, or name another place.",
    errno.ENOTDIR: "A file stands where a folder is needed: move it away, or name another place.",
    errno.EISDIR: "A folder stands where a file is needed: move it away, or name another place.",
    errno.EMFILE: "Too many files are open: raise the limit (ulimit -n), and run again.",
    errno.ENOMEM: "Give it more memory, or fewer processes (WIRECOPY_EXTRACT_WORKERS), and run again.",
    errno.EIO: "The disk gives errors: look at it (dmesg), then restore what `wirecopy store check` names.",
}
ELSE: Final = "`wirecopy doctor` and `wirecopy store check` say more."


def explain_fault(error: BaseException) -> str | None:
    """The sentences for *error*; None if it is no fault of the machine."""
    for one in _chain(error):
        if isinstance(one, MemoryError):
            return f"Memory is used up ({one or 'out of memory'}). {STEPS[errno.ENOMEM]}"
        if isinstance(one, OSError) and type(one).__module__ == "builtins":
            return _os_error(one)
        if isinstance(one, sqlite3.Error) or type(one).__module__.startswith("sqlalchemy."):
            return f"The feed state gives an error ({_first_line(one)}). {_state_step(str(one))}"
        if type(one).__module__.startswith("pyarrow"):
            return f"A parquet file cannot be read ({_first_line(one)}). `wirecopy store check` names it."
        if type(one).__module__.startswith(("duckdb", "_duckdb")):
            return f"The query could not be run ({_first_line(one)}). `wirecopy store check` looks for damaged files."
        if isinstance(one, UnicodeDecodeError):
            return f"A file is not UTF-8 ({one}). Write it in UTF-8; `wirecopy doctor` looks at settings and feed list."
    return None


def _os_error(error: OSError) -> str:
    names = " → ".join(str(name) for name in (error.filename, error.filename2) if name is not None)
    what = f"{names}: {error.strerror or error}" if names else str(error)
    return f"{what}. {STEPS.get(error.errno or 0, ELSE)}"


def _state_step(said: str) -> str:
    if "disk is full" in said or "disk I/O" in said or "readonly" in said:
        return f"{KEPT}: make room or mend the rights of state/, and run again."
    if "locked" in said:
        return "Another process holds it: wait until that has ended, and run again."
    return (
        "If it is state/state.db that is damaged, move state.db, state.db-wal and state.db-shm away and run again: "
        "only when to poll next and what to send is lost, no article."
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _chain(error: BaseException) -> list[BaseException]:
    """*error* and what it was raised from: a library wraps the disk's error in its own."""
    found = [error]
    while (cause := found[-1].__cause__) is not None and cause not in found:
        found.append(cause)
    return found
