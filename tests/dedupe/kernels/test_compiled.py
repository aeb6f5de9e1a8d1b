"""Compiled measures equal the plain ones, on news made up so that every rule has something to do."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedupe import backends
from dedupe.corpus.context import Context
from dedupe.kernels.join import joining
from dedupe.kernels.pairs.compiledmeasures import CompiledMeasures
from dedupe.matching.matching import find_matches, read_library
from dedupe.pairs.numpymeasures import NumpyMeasures
from dedupe.params import DEFAULTS
from dedupe.records import ArticleText
from tests.dedupe.conftest import invent, reword_text
from wirecopy.explain.collection import read_collection

pytestmark = pytest.mark.slow

LEAST = 0.0  # every pair gets all evidence


def newsroom(seed: int, events: int = 12) -> list[ArticleText]:
    """Reports with copies, shortened and extended ones, shared quotations, set phrases, templates, and odd texts."""
    draw = random.Random(seed)
    phrase = " ".join(invent(seed + 900, 2, 9).split())
    texts = ["", "…", "one", "one two", "one two three four", "one two three four five", "一二三四五六七八九十。" * 5]
    for event in range(events):
        own = invent(seed * 100 + event, draw.randrange(2, 30))
        said = f"“{invent(seed * 100 + event + 50, 2, 12)}”"
        texts.append(f"{own}\n{said} said someone{event}.\n{phrase}")
        for copy in range(draw.randrange(4)):
            version = reword_text(own, draw.randrange(3, 12), seed=copy)
            cut = version[draw.randrange(len(version) // 2) :]
            texts.append(draw.choice([version, cut, f"{version}\n{said}", f"{cut}\n{invent(copy, 5)}\n{phrase}"]))
        texts.append(f"{invent(seed * 100 + event + 70, 8)}\nHe said:\n{said[1:-1]}\n{phrase}")
        texts.append(
            f"On day {event} index{seed} closed at {event}.{seed} after {event * 7} and {event + 11}, up {event}."
        )
        entries = "\n".join(f"{hour}:{event:02} {invent(event * 31 + hour, 2)}" for hour in range(8, 8 + event % 6))
        texts.append(f"{own}\n{entries}")
        full, short = (f"{event + 11},{event * 37:03},{seed:03}", f"{event + 11}.{event % 4} million")
        texts.append(
            f"In year {event} port{seed} took {full} tonnes, lost {draw.choice([full, short])}, has {event}00."
        )
        texts.append(
            f"In year {event} port{seed} took {short} tonnes, lost {draw.choice([full, short])}, has {event}00."
        )
    texts += [texts[8]] * 3 + [phrase] * 2
    return [
        ArticleText(id=f"{number:04}", text=text, publisher=f"{number % 7}.example")
        for number, text in enumerate(texts)
    ]


def contexts(articles: list[ArticleText]) -> Context:
    return read_library(articles, DEFAULTS).context(None)


def assert_equal(context: Context, wanted: np.ndarray) -> None:
    """All that the two say about the pairs of *wanted* units; bit for bit."""
    plain, compiled = NumpyMeasures(context), CompiledMeasures(context)
    pairs = plain.candidates(wanted)
    joined, expected = compiled.join(wanted), plain.join(wanted)
    np.testing.assert_array_equal(joined.pairs, pairs)
    np.testing.assert_array_equal(joined.shared, expected.shared)
    asked = np.unique(pairs[wanted[pairs[:, 1]], 1])  # of these alone it may be asked
    np.testing.assert_array_equal(joined.crowded[asked], expected.crowded[asked])
    screen = plain.screen(pairs)
    _assert_same(compiled.screen(pairs), screen)
    pairs, score = pairs[screen.score > 0], screen.score[screen.score > 0]
    grey = (score >= DEFAULTS.background_low) & (score < DEFAULTS.background_high)
    around = _around(plain, context, grey, pairs)
    _assert_same(
        compiled.measure(pairs, grey, np.full(len(pairs), LEAST), around),
        plain.measure(pairs, grey, np.full(len(pairs), LEAST), around),
    )
    assert compiled.find_runs(pairs[:200]) == plain.find_runs(pairs[:200])


def _around(plain: NumpyMeasures, context: Context, grey: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    asked = np.zeros(len(context.units), np.bool_)
    asked[pairs[grey]] = True
    return plain.candidates(asked)


def _assert_same(found: object, expected: object) -> None:
    for field in fields(expected):  # type: ignore[arg-type]
        np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name), err_msg=field.name)


@pytest.mark.parametrize("seed", range(4))
def test_all_pairs(seed: int) -> None:
    """Every number of every pair."""
    context = contexts(newsroom(seed))
    assert_equal(context, np.ones(len(context.units), np.bool_))


@pytest.mark.parametrize("keys", [30, 1_000])
def test_ranges(keys: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Joined range by range, as many texts are: down to ranges of one bin of the key space."""
    context = contexts(newsroom(7))
    plain, wanted = NumpyMeasures(context), np.ones(len(context.units), np.bool_)
    monkeypatch.setattr(joining, "RANGE_KEYS", keys)
    np.testing.assert_array_equal(CompiledMeasures(context).candidates(wanted), plain.candidates(wanted))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.02, 0.2, 0.6]))
def test_some_units(seed: int, share: float) -> None:
    """A day's new units only: the way that asks a filter first gives what the whole way gives."""
    context = contexts(newsroom(seed, events=8))
    assert_equal(context, np.random.default_rng(seed).random(len(context.units)) < share)


def test_hash_of_more_texts_than_the_cap() -> None:
    """A sentence in a hundred texts: each is joined with the first 64, as in the plain way."""
    sentence = invent(5, 3)
    articles = [ArticleText(id=f"{n:03}", text=f"{invent(n + 10, 6)}\n{sentence}") for n in range(100)]
    context = contexts(articles)
    assert_equal(context, np.ones(len(context.units), np.bool_))
    assert_equal(context, np.arange(len(context.units)) >= 95)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text(alphabet="ab .\n“”:'1é漢", max_size=120), min_size=2, max_size=12))
def test_odd_texts(texts: list[str]) -> None:
    """Few letters make the same words again and again, which no news does."""
    articles = [ArticleText(id=f"{n:02}", text=text) for n, text in enumerate(texts)]
    context = contexts(articles)
    assert_equal(context, np.ones(len(context.units), np.bool_))


@pytest.mark.parametrize("name", ["fnc_dev", "helsinki"])
def test_real_news(shared, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The matches of real collections, with their passages."""
    articles = read_collection(shared / "data" / "pairs" / f"{name}.parquet")
    monkeypatch.setattr(backends, "pays", lambda texts: False)
    plain = find_matches(articles[:400])
    monkeypatch.setattr(backends, "pays", lambda texts: True)
    assert find_matches(articles[:400]) == plain


SMALL = """
import sys
from dedupe.matching.matching import find_matches
from tests.dedupe.kernels.test_compiled import newsroom
sys.modules.pop("dedupe.kernels.pairs.compiledmeasures")
print(len(find_matches(newsroom(1))), "dedupe.kernels.pairs.compiledmeasures" in sys.modules)
"""


@pytest.mark.slow
def test_small_collections_load_no_compiler() -> None:
    """A small input does not wait for it."""
    said = subprocess.run([sys.executable, "-c", SMALL], capture_output=True, text=True, check=True).stdout.split()
    assert int(said[0]) > 10
    assert said[1] == "False"


@pytest.mark.parametrize(
    ("texts", "loaded", "expected"), [(999, False, False), (1000, False, True), (50, True, True), (49, True, False)]
)
def test_pays(texts: int, loaded: bool, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is loaded already costs nothing more."""
    if not loaded:
        monkeypatch.delitem(sys.modules, backends.LAST_LOADED)
    assert backends.pays(texts) == expected
