"""Where compiled code is kept: numba keeps it beside its source or in the user's cache folder, and refuses to load at
all where neither can be written, as in a container whose disk is read-only for its user.
"""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from numba.core import config
from numba.misc.appdirs import AppDirs

log = logging.getLogger(__name__)


def keep_compiled_code() -> None:
    """Points numba to the temporary folder if it can write to none of its own places."""
    if config.CACHE_DIR:  # NUMBA_CACHE_DIR: the user's choice
        places = [Path(config.CACHE_DIR)]
    else:
        places = [Path(__file__).parent / "__pycache__", Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)]
    if any(_takes_files(place) for place in places):
        return
    config.CACHE_DIR = str(Path(tempfile.gettempdir()) / f"wirecopy-kernels-{os.getuid()}")
    log.warning(
        "compiled code can be kept neither in %s: it is kept in %s, which a restart may lose, and then costs half a "
        "minute of CPU again. Set NUMBA_CACHE_DIR to a folder that can be written.",
        " nor in ".join(map(str, places)), config.CACHE_DIR,
    )  # fmt: skip


def _takes_files(place: Path) -> bool:
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
        return True
    return False
