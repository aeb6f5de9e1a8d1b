"""lock: one holder over all processes, gone with its process."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from tests.wirecopy.children import SPAWN, hold, running
from wirecopy.errors import StoreBusy
from wirecopy.store.files.lock import holder, locked, locked_now

SOON = timedelta(seconds=0.2)


def test_second_holder_waits_and_is_told(layout):
    """Who waits too long learns which process holds the lock and what to do."""
    path, held = layout.locks / "commit.lock", SPAWN.Event()
    with running(hold, path, held) as child:
        assert held.wait(30)
        with locked_now(path) as mine:
            assert not mine
        assert holder(path) == str(child.pid)
        with pytest.raises(StoreBusy, match=rf"held by process {child.pid} .*end it"), locked(path, timeout=SOON):
            pass
    with locked(path, timeout=timedelta(seconds=10)):  # the child was killed: its lock went with it
        assert holder(path) != str(child.pid)


def test_a_program_that_we_start_does_not_keep_the_lock(layout):
    """The descriptor is closed on exec: an extraction worker that outlives us holds nothing."""
    path = layout.locks / "commit.lock"
    with locked(path):
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    try:
        with locked(path, timeout=timedelta(seconds=5)):  # exec closes descriptors one by one, after Popen is told
            assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_one_holder_in_one_process(layout):
    """A second descriptor of the same process waits too; after the block the lock is free."""
    path = layout.locks / "dedupe.lock"
    with locked_now(path) as first, locked_now(path) as second:
        assert (first, second) == (True, False)
    with locked_now(path) as again:
        assert again
