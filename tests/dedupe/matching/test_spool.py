"""Texts on disk while they are compared: the same texts, the same matches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.backends import read_texts
from dedupe.corpus import spool
from dedupe.corpus.context import Library
from dedupe.corpus.listing import list_articles
from dedupe.corpus.spool import Spool, SpooledTexts
from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tables import TextTable
from dedupe.corpus.tokenstore import TokenStore
from dedupe.kernels.pairs import backgroundscan
from dedupe.kernels.pairs.compiledmeasures import CompiledMeasures
from dedupe.matching.scoring import PairScorer
from dedupe.params import DEFAULTS
from dedupe.records import Match
from tests.dedupe.conftest import invent
from tests.dedupe.kernels.test_compiled import newsroom


@pytest.fixture(autouse=True, params=[1, spool.MAPPED_FROM], ids=["mapped", "read"])
def always_on_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few texts are spooled as a million are; texts that lie side by side are mapped, or read as others are."""
    monkeypatch.setattr(spool, "SPOOLED_FROM", 1)
    monkeypatch.setattr(spool, "MAPPED_FROM", request.param)


@contextmanager
def spooled(tables: list[TextTable], folder: Path) -> Iterator[SpooledTexts]:
    with Spool(lambda: TemporaryFile(dir=folder)) as kept:
        for table in tables:
            kept.add(table)
        token_store = kept.token_store()
        assert isinstance(token_store, SpooledTexts)
        yield token_store


def rows(token_store: TokenStore, numbers: np.ndarray) -> list[tuple[list[int], ...]]:
    table = token_store.gather(numbers)
    found = [table.row(at) for at in range(len(table))]
    return [(row.tokens.tolist(), row.flags.tolist(), [row.words], row.line_keys.tolist()) for row in found]


TEXTS = [*("\n".join(invent(n, 2 + n % 5, 9) for _ in range(n % 4)) for n in range(30)), invent(1, 120), "", "one"]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_texts_come_back(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any texts in any order, of a shelf or of a choice of it, with stretches flagged."""
    cut = data.draw(st.integers(0, len(TEXTS)))
    order = np.array(data.draw(st.permutations(range(len(TEXTS)))))  # as texts that need other code are read last
    shuffled = read_texts([TEXTS[number] for number in order], DEFAULTS).take(np.argsort(order))
    parts = [shuffled.take(np.arange(cut)), shuffled.take(np.arange(cut, len(TEXTS)))]
    chosen = np.array(sorted(data.draw(st.sets(st.integers(0, len(TEXTS) - 1), min_size=1))))
    asked = np.array(data.draw(st.lists(st.integers(0, len(chosen) - 1))), np.int64)
    memory: TokenStore = read_texts(TEXTS, DEFAULTS).take(chosen)
    texts = np.flatnonzero(memory.sizes > 8)
    stretches = Stretches(texts, np.full(len(texts), 3), np.full(len(texts), 5, np.int32))
    with spooled(parts, tmp_path_factory.mktemp("spool")) as whole:
        disk: TokenStore = whole.take(chosen)
        assert rows(disk, asked) == rows(memory, asked)
        assert rows(disk.flagged(stretches, 64), asked) == rows(memory.flagged(stretches, 64), asked)
        assert rows(disk, asked) == rows(memory, asked), "a flag found its way into the file"


@pytest.mark.parametrize("seed", range(3))
def test_the_same_matches(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From disk, and with the keys of grey pairs asked few at a time."""
    articles = newsroom(seed, events=25)
    table = read_texts([one.text for one in articles], DEFAULTS)
    contents = list(table.content_hashes())
    listing, by_id = list_articles(articles, contents), {one.id: one.text for one in articles}

    def found(token_store: TokenStore) -> list[Match]:
        library = Library(listing, token_store, lambda ids: [by_id[name] for name in ids], DEFAULTS)
        scorer = PairScorer(context := library.context(None))
        scorer.measures = CompiledMeasures(context)
        return scorer.describe_all(scorer.matching(scorer.measures.candidates(np.ones(len(context.units), np.bool_))))

    expected = found(table)
    monkeypatch.setattr(backgroundscan, "KEYS_AT_ONCE", 500)
    with spooled([table], tmp_path) as token_store:
        assert found(token_store) == expected
    assert len(expected) > 25


def test_a_spool_that_was_cut_short(tmp_path: Path) -> None:
    """As by a disk that lost what it took: an error that says so, no wrong tokens."""
    with spooled([read_texts(TEXTS, DEFAULTS)], tmp_path) as token_store:
        token_store.files[0].truncate(10)
        with pytest.raises(OSError, match="cut short on disk"):
            token_store.gather(np.arange(len(TEXTS)))
