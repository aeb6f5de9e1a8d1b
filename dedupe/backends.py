"""Plain (numpy) or compiled (numba) code: the one place that decides, and the only one that imports the kernels.

Both give equal results (tests/dedupe/kernels). Compiled code is imported inside the functions here, because a fresh
process pays for loading it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.context import Context
from dedupe.corpus.formulas import find_formulas
from dedupe.corpus.minhash import sign
from dedupe.corpus.plainreader import read_plainly
from dedupe.corpus.shingles import five_grams
from dedupe.corpus.tables import Progress, TextTable
from dedupe.pairs.measures import Measures
from dedupe.pairs.numpymeasures import NumpyMeasures
from dedupe.pairs.passages import TokenOffsets, locate_tokens
from dedupe.params import Params

COMPILED_PAIRS = 6_000  # plain: some 400 µs each; one event reported by hundreds has so many


def limit_threads(count: int | None) -> None:
    """Let this process compute on *count* threads; None: on all processors that it may use."""
    from dedupe.kernels.lib.blocks import limit_threads as limit

    limit(count)


def kept_kernels() -> tuple[Path, str] | None:
    """The folder in which this machine keeps compiled code, and where in the sources of another one it is found."""
    from dedupe.kernels.lib.cache import parcel

    return parcel()


def flag_formulas(context: Context) -> None:
    """Flags the formulas of *context*, if nobody did yet."""
    if not pays(len(context.units)):
        context.flag_formulas(find_formulas)
        return
    from dedupe.kernels.pairs.formulas import find_formulas as find_in_many

    context.flag_formulas(find_in_many)


def choose_measures(context: Context, progress: Progress | None = None) -> Measures:
    """Compiled for many units or pairs, else plain: the results are equal."""
    flag_formulas(context)
    if not pays(len(context.units)):
        plain = NumpyMeasures(context, progress)
        if len(plain.joined.pairs) < COMPILED_PAIRS:
            return plain
    from dedupe.kernels.pairs.compiledmeasures import CompiledMeasures

    return CompiledMeasures(context, progress)


# Loading compiled code costs a process about 2.4 s of CPU, and reading and measuring a text without it about 2 ms.
COMPILED_FROM: Final = 1_000  # texts
ONCE_LOADED: Final = 50  # texts: then only the threads cost something
LAST_LOADED: Final = "dedupe.kernels.pairs.compiledmeasures"  # the other kernels are loaded before it


def pays(texts: int) -> bool:
    """Whether compiled code is worth while for so many texts, here and now. The plain code gives the same."""
    return texts >= (ONCE_LOADED if LAST_LOADED in sys.modules else COMPILED_FROM)


def locate_tokens_of_all(texts: Sequence[str]) -> list[TokenOffsets]:
    """The offsets of the tokens of *texts*; for many texts by compiled code, with the same result."""
    if not pays(len(texts)):
        return [locate_tokens(text) for text in texts]
    from dedupe.kernels.text.reading import find_tokens

    return [locate_tokens(text, found) for text, found in zip(texts, find_tokens(texts), strict=True)]


def sign_table(table: TextTable, params: Params) -> NDArray[np.uint32]:
    """MinHash signatures, uint32, shape (len(table), permutations): of many texts by compiled code."""
    if pays(len(table)):
        from dedupe.kernels.join.signing import sign_table as sign_many

        return sign_many(table, count=params.minhash_permutations, seed=params.minhash_seed)
    shingles = [five_grams(table.row(number).tokens.astype(np.uint64)) for number in range(len(table))]
    return sign(shingles, count=params.minhash_permutations, seed=params.minhash_seed)


def read_texts(texts: Sequence[str], params: Params, progress: Progress | None = None) -> TextTable:
    """Reads *texts*: many by compiled code, with the same result."""
    if not pays(len(texts)):
        return read_plainly(texts, params, progress)
    from dedupe.kernels.text.reading import read_many

    return read_many(texts, params, progress)
