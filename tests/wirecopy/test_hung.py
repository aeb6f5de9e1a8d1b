"""When a program that is alive counts as hung."""

from __future__ import annotations

import pytest

from wirecopy.local.hung import GAP, UNHEALTHY_AFTER, Hung

LONG = int(UNHEALTHY_AFTER // 15) + 1  # looks, a quarter of a minute apart
ILL = ["scheduler"]
RUNS = {"scheduler": 7, "triggerer": 8, "api-server": 9, "postgres": 5}


def last(looks: list[tuple[list[str], dict[str, int]]], *, step: float = 15.0) -> list[str]:
    """What the last of several looks says; the ones before it say nothing."""
    hung = Hung()
    said = [hung.look(ill, running, 1000 + number * step) for number, (ill, running) in enumerate(looks)]
    assert not any(said[:-1])
    return said[-1]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([(ILL, RUNS)] * LONG, ILL, id="ill-for-long"),
        pytest.param([(ILL, RUNS)] * (LONG - 1), [], id="not-yet"),
        pytest.param([(ILL, RUNS)] * 5 + [([], RUNS)] + [(ILL, RUNS)] * (LONG - 1), [], id="well-in-between"),
        pytest.param([(ILL, RUNS)] * 5 + [(ILL, RUNS | {"scheduler": 70})] * (LONG - 1), [], id="started-anew"),
        pytest.param([(ILL, {})] * LONG * 2, [], id="does-not-run"),
        pytest.param([(["postgres", *ILL], RUNS)] * LONG * 2, [], id="the-database-is-to-blame"),
        pytest.param([(["api-server"], RUNS)] * LONG, ["api-server"], id="answers-nobody"),
    ],
)
def test_look(looks: list[tuple[list[str], dict[str, int]]], expected: list[str]) -> None:
    """Minutes of unbroken ill health of one process, that nothing else explains."""
    assert last(looks) == expected


def test_a_laptop_that_slept() -> None:
    """Time in which nobody looked does not count."""
    assert last([(ILL, RUNS)] * 8, step=GAP + 1) == []
