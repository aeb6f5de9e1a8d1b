"""Run a command that is told when its parent dies: `python -m wirecopy.local.tied TERM command …`.

Linux only; elsewhere the command runs all the same, and the next start ends what was left.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2): survives exec, not a change of user


def tie(number: int) -> None:
    """Let the kernel send signal *number* to this process when its parent dies."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() == 1:  # it died before the call
        os.kill(os.getpid(), number)


def main(arguments: list[str]) -> None:
    """Tie this process, then become the command."""
    name, *command = arguments
    tie(signal.Signals[f"SIG{name}"])
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
