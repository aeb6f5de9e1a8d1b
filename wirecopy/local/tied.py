"""Run a command that gets a signal when its parent dies, and that writes into a file.

`python -m wirecopy.local.tied TERM LOG command …`. The file is opened here and not by supervisord, whose pipe breaks
when a program is killed: processes that it had started (a killed scheduler's workers, which finish their tasks) would
die of that. The signal is Linux's; elsewhere the next start ends leftover processes.
"""

from __future__ import annotations

import os
import signal
import sys

from ingest.workers.parent import signal_at_parents_death


def tie(number: int) -> None:
    """Let the kernel send signal *number* to this process when its parent dies."""
    if sys.platform != "linux":
        return
    signal_at_parents_death(number)
    if os.getppid() == 1:  # it died before the call
        os.kill(os.getpid(), number)


def write_into(log: str) -> None:
    """Append stdout and stderr to *log*, which may be trimmed meanwhile."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def main(arguments: list[str]) -> None:
    """Tie this process, then become the command."""
    name, log, *command = arguments
    tie(signal.Signals[f"SIG{name}"])
    write_into(log)
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
