"""Work that is made from what a file holds, done again if the file was replaced meanwhile.

On a bucket two writers may meet, as a lock ends with its connection: the one who comes second is refused and begins
anew from what is there now. In a folder flock holds, and a conflict is an error.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from wirecopy.errors import StoreConflict
from wirecopy.log import get_log
from wirecopy.store.files.layout import Layout

log = get_log(__name__)

Result = TypeVar("Result")
TRIES: Final = 20
PAUSE: Final = 0.5  # seconds, the longest: two that met part by chance


def again_on_conflict(layout: Layout, work: Callable[[], Result]) -> Result:
    """What *work* returns. Raises StoreConflict after TRIES."""
    for tries_left in reversed(range(TRIES if layout.beside else 1)):
        try:
            return work()
        except StoreConflict as error:
            if not tries_left:
                raise
            log.info("another process was faster, once more: %s", error)
            time.sleep(random.uniform(0, PAUSE))  # noqa: S311 - no secret
    raise AssertionError("unreachable")
