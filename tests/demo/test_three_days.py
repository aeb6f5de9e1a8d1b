"""`make demo`, as a user runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_the_demo_finds_the_copies_and_nothing_else():
    """Every reprint of the newsroom's truth is found, reworded ones too; independent and template texts stay apart."""
    done = subprocess.run(
        [sys.executable, "-m", "demo"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pairs = re.search(r"pairs found +(\d+) of (\d+)", done.stdout)
    apart = re.search(r"kept apart +(\d+) of (\d+)", done.stdout)
    assert pairs
    assert apart
    assert pairs[1] == pairs[2]
    assert apart[1] == apart[2]
    assert re.search(r"pairs found that are none +0\b", done.stdout)
    assert "Traceback" not in done.stderr
