"""Formulas: what one publisher prints on several dates, whatever the news of the day is.

The weather of each day, telegrams of congratulation, case counts, market reports: a frame with other names and numbers
in its slots. Instalments share nearly all their words and are no copies of each other; what tells is in the slots.
"""

from __future__ import annotations

import numpy as np

from dedupe.corpus.shingles import Hashes, four_grams, sorted_unique
from dedupe.corpus.stretches import Stretches
from dedupe.corpus.tokenstore import Shelf
from dedupe.params import Params


def find_formulas(shelf: Shelf, texts, publishers, days, params: Params) -> Stretches:
    formulas = _formulas(shelf, texts, publishers, days, params)
    found, begins, sizes = [], [], []
    if len(formulas):
        for number in range(len(shelf)):
            table = shelf.gather(np.array([number]))
            row = table.row(0)
            grams = four_grams(row.tokens.astype(np.uint64))
            if not len(grams):
                continue
            hit = formulas[np.minimum(np.searchsorted(formulas, grams), len(formulas) - 1)] == grams
            if not hit.any():
                continue
            cov = np.zeros(len(row.tokens) + 2, np.int8)
            for p in range(4):
                cov[1 + p : 1 + p + len(hit)] |= hit
            edges = np.flatnonzero(cov[1:] != cov[:-1])
            b, e = edges[::2], edges[1::2]
            found.append(np.full(len(b), number)); begins.append(b); sizes.append(e - b)
    if not found:
        return Stretches(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32))
    return Stretches(np.concatenate(found).astype(np.int64), np.concatenate(begins).astype(np.int64), np.concatenate(sizes).astype(np.int32))


def _formulas(shelf, texts, publishers, days, params) -> Hashes:
    found = []
    for publisher in np.unique(publishers).tolist():
        own = np.flatnonzero(publishers == publisher)
        if len(np.unique(days[own])) < params.formula_dates:
            continue
        base = int(days[own].min())
        keys, dd = [], []
        for i in own.tolist():
            row = shelf.gather(texts[i:i+1]).row(0)
            g = four_grams(row.tokens.astype(np.uint64))
            g = np.unique(g)
            keys.append(g); dd.append(np.full(len(g), days[i] - base))
        k, d = np.concatenate(keys), np.concatenate(dd)
        order = np.lexsort((d, k))
        k, d = k[order], d[order]
        new = np.ones(len(k), bool); new[1:] = (k[1:] != k[:-1]) | (d[1:] != d[:-1])
        k = k[new]
        u, c = np.unique(k, return_counts=True)
        found.append(u[c >= params.formula_dates])
    return sorted_unique(np.concatenate([*found, np.empty(0, np.uint64)]).astype(np.uint64))
