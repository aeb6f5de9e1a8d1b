"""A data folder that has lived: one live run of the demo newsroom, which is closed by then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.newsroom import Newsroom
from wirecopy import steps

ANCHOR = datetime(2026, 11, 25, tzinfo=UTC)


def use_folder(patch: pytest.MonkeyPatch, folder: Path, now: datetime = ANCHOR) -> None:
    """Let the settings name the data and the feeds of *folder*."""
    for name, value in {
        "DATA": folder / "data",
        "FEEDS": folder / "feeds.toml",
        "ALLOW_NETWORKS": "127.0.0.0/8",
        "HOST_GAP": "0",
        "EXTRACT_WORKERS": "1",  # each costs most of a second to start
        "NOW": now.isoformat(),
    }.items():
        patch.setenv(f"WIRECOPY_{name}", str(value))


def live_once(folder: Path) -> None:
    """Write the feed list, and take what the newsroom shows."""
    with Newsroom(anchor=ANCHOR, slow=timedelta(milliseconds=20)) as newsroom, pytest.MonkeyPatch.context() as patch:
        newsroom.write_feeds(folder / "feeds.toml")
        use_folder(patch, folder)
        planned = steps.plan(kind="live", run_id="first")
        counts = [steps.pull(**shard) for shard in planned["shards"]]
        steps.publish(run=planned["run"], pulled=counts)
