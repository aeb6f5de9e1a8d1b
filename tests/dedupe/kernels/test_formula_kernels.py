"""Compiled formulas are those of the plain way, in memory and on disk."""

from __future__ import annotations

from dataclasses import replace
from tempfile import TemporaryFile

import numpy as np
import pytest

from bench.quality.series import series
from dedupe.backends import read_texts
from dedupe.corpus import formulas as plain
from dedupe.corpus import spool as spooling
from dedupe.corpus.spool import Spool
from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tokenstore import TokenStore
from dedupe.kernels.pairs import formulas as compiled
from dedupe.matching.matching import read_library
from dedupe.params import DEFAULTS
from dedupe.text.flags import FORMULA


def assert_equal(one: Stretches, two: Stretches) -> None:
    for name in ("texts", "begins", "sizes"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize(("dates", "longest", "share"), [(2, 48, 0.25), (3, 48, 0.25), (3, 12, 0.5), (8, 48, 0.25)])
def test_equal(dates: int, longest: int, share: float) -> None:
    """The series of seven languages."""
    articles, _ = series()
    params = replace(DEFAULTS, formula_dates=dates, formula_longest=longest, formula_share=share)
    context = read_library(articles, DEFAULTS).context(articles[-1].date)
    found = plain.find_formulas(context.token_store, context.prints(), params)
    assert (len(found.texts) > 100) == (dates < 8)
    assert_equal(found, compiled.find_formulas(context.token_store, context.prints(), params))


def test_nothing_to_find() -> None:
    """No texts, texts without words, and publishers of one date."""
    for texts in ([], ["", "one two"], ["one two three four five"] * 3):
        table = read_texts(texts, DEFAULTS)
        prints = plain.Prints(np.arange(len(texts)), np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64))
        for way in (plain, compiled):
            assert not len(way.find_formulas(table, prints, DEFAULTS).texts)


def test_flags_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts on disk carry the same flags as texts in memory, in any order and with gaps."""
    monkeypatch.setattr(spooling, "SPOOLED_FROM", 1)
    articles, _ = series()
    context = read_library(articles, DEFAULTS).context(articles[-1].date)
    table = context.token_store.gather(np.arange(len(context.units)))
    found = plain.find_formulas(context.token_store, context.prints(), DEFAULTS)
    with Spool(TemporaryFile) as spool:
        spool.add(table)
        chosen = np.array([7, 3, 250, 4, 90], np.int64)
        stores: list[TokenStore] = [spool.token_store(), table]
        flags = [store.flagged(found, FORMULA).gather(chosen) for store in stores]
        for number in range(len(chosen)):
            np.testing.assert_array_equal(flags[0].row(number).flags, flags[1].row(number).flags)
