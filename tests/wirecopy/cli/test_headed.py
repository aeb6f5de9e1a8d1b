"""Articles on a terminal: a line of short columns and a line of headline each, at any width and in any script."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len

from wirecopy.cli.show import headed
from wirecopy.cli.show.console import Terminal

NAMES = ("published (UTC)", "publisher", "delay", "relation", "prob.", "score")
KINDS = ("firm", "text", "firm", "text", "number", "number")
ROWS = [
    ("2026-11-27 18:40", "→ 東京新聞デジタル版", "", "origin", "", ""),
    ("2026-11-28 06:10", "صحيفة الميناء اليومية", "+11 h 30 min", "near duplicate", "> 99%", "0.99"),
    ("2026-11-28 07:10", "Ellmark Valley\nCourier and Advertiser", "+12 h 30 min", "copy", "96%", "0.33"),
]
BELOW = [
    ["盗まれた天文観測儀、駅のロッカーで見つかる" * 4],
    ["العثور على أسطرلاب مسروق " * 8],
    ["[/red] A headline " * 9],
]


@pytest.mark.parametrize("width", [24, 40, 60, 80, 100, 160])
def test_no_line_is_longer_than_the_terminal(width, monkeypatch):
    """Nothing wraps, and each row is followed by its headline."""
    out = io.StringIO()
    monkeypatch.setattr(headed, "OUT", Terminal(file=out, width=width, highlight=False))
    headed.print_headed(NAMES, ROWS, KINDS, BELOW)
    lines = out.getvalue().splitlines()
    assert [line for line in lines if cell_len(line) > width] == []
    headlines = [at for at, line in enumerate(lines) if line.startswith(headed.INDENT)]
    assert [at - headlines[0] for at in headlines] == [0, 2, 4]


@pytest.mark.parametrize("width", [60, 80, 160])
def test_columns_stand_below_each_other(width, monkeypatch):
    """Scores end where their head ends, whatever the script before them."""
    out = io.StringIO()
    monkeypatch.setattr(headed, "OUT", Terminal(file=out, width=width, highlight=False))
    headed.print_headed(NAMES, ROWS, KINDS, BELOW)
    head, _, _, _, second, _, third, _ = out.getvalue().splitlines()
    assert cell_len(head) == cell_len(second) == cell_len(third)
    assert "publisher" in head
