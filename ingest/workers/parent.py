"""The tie between a process and the one that started it."""

from __future__ import annotations

import ctypes
from typing import Final

PR_SET_PDEATHSIG: Final = 1  # prctl(2): survives exec, not a change of user


def signal_at_parents_death(number: int) -> None:
    """Let the kernel send signal *number* to this process when its parent dies. Raises OSError or AttributeError where
    there is no prctl: only Linux has it. A parent that died before the call is for the caller to see (os.getppid).
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
