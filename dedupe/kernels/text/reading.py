"""Many texts → a text table, by compiled code on all processors; equal to `tables.read_plainly` (tested)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.plainreader import read_plainly
from dedupe.corpus.tables import Progress, TextTable, join, offsets
from dedupe.kernels.lib import blocks
from dedupe.kernels.text import decoding, scanning
from dedupe.kernels.text.codepoints import shared_codepoints
from dedupe.kernels.text.lexicon import shared_lexicon
from dedupe.kernels.text.linekeys import hash_lines
from dedupe.params import DEFAULTS, Params
from dedupe.text.flags import BLOCK, QUOTED
from dedupe.text.lines import Lines
from dedupe.text.oddmarks import usual_marks
from dedupe.text.quotations import ALL_QUOTED, find_posts

BLOCK_CHARACTERS = 250_000  # a block in work costs about 50 bytes for each
BLOCKS_AT_ONCE = 8

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Scanned:
    """A block of texts after the kernels; places are those of *codes*."""

    texts: Sequence[str]
    slow: NDArray[np.bool_]  # (texts,): left to the plain way
    codes: NDArray[np.uint32]
    firsts: NDArray[np.int64]  # (texts + 1,), first codepoint of each text
    keys: NDArray[np.uint64]  # (tokens,)
    starts: Ints
    ends: Ints
    flags: NDArray[np.uint8]
    line_starts: Ints  # (lines,)
    line_ends: Ints
    line_tokens: Ints
    sizes: Ints  # (texts,), tokens
    line_sizes: Ints  # (texts,)
    posted: NDArray[np.uint8]  # (texts,)


def read_many(texts: Sequence[str], params: Params, progress: Progress | None = None) -> TextTable:
    """Reads *texts*."""
    return join([_tabulate(scanned, params) for scanned in _scan_all(texts, params, progress)])


def find_tokens(texts: Sequence[str]) -> list[tuple[Ints, Ints] | None]:
    """(starts, ends) of the tokens of each text in its NFKC form; None for a text that is left to the plain way."""
    found: list[tuple[Ints, Ints] | None] = []
    for scanned in _scan_all(texts, DEFAULTS):
        firsts = offsets(scanned.sizes)
        for number, (first, size) in enumerate(zip(firsts.tolist(), scanned.sizes.tolist(), strict=True)):
            own, begin = slice(first, first + size), np.int32(scanned.firsts[number])
            places = scanned.starts[own] - begin, scanned.ends[own] - begin
            found.append(None if scanned.slow[number] else places)
    return found


def _scan_all(texts: Sequence[str], params: Params, progress: Progress | None = None) -> Iterator[Scanned]:
    """Scans block after block, some at a time; blocks are large, so let go of each before the next."""
    cut = _cut(texts)
    for low in range(0, len(cut), BLOCKS_AT_ONCE):
        chosen = cut[low : low + BLOCKS_AT_ONCE]
        if progress is not None:
            progress("read", chosen[0][0], len(texts))
        yield from blocks.run(lambda block: _scan(texts[block[0] : block[1]], params), chosen)


def _cut(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Blocks of texts of some size."""
    sizes = np.cumsum([len(text) + 1 for text in texts])
    ends = np.flatnonzero(np.diff(sizes // BLOCK_CHARACTERS, append=-1)) + 1
    return list(zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)) if len(texts) else []


def _scan(texts: Sequence[str], params: Params) -> Scanned:
    texts = [usual_marks(text) for text in texts]
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    codes, kinds, firsts, slow = _decode(data, np.array([len(one) for one in encoded], np.int32))
    room = int(firsts[-1])
    keys, flags = np.empty(room, np.uint64), np.empty(room, np.uint8)
    starts, ends, line_starts, line_ends, line_tokens = np.empty((5, room), np.int32)
    sizes, line_sizes = np.zeros((2, len(texts)), np.int32)
    posted = np.zeros(len(texts), np.uint8)
    used = scanning.scan(
        codes, kinds, firsts, len(texts), params.short_line_words, keys, starts, ends, flags, line_starts, line_ends,
        line_tokens, sizes, line_sizes, posted,
    )  # fmt: skip
    lines = int(line_sizes.sum())
    return Scanned(
        texts, slow, codes, firsts, keys[:used], starts[:used], ends[:used], flags[:used], line_starts[:lines],
        line_ends[:lines], line_tokens[:lines], sizes, line_sizes, posted,
    )  # fmt: skip


def _decode(
    data: NDArray[np.uint8], sizes: Ints
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64], NDArray[np.bool_]]:
    """(codepoints in NFKC, their kinds, first of each text, slow texts)."""
    known = shared_codepoints()
    room = 2 * len(data) + len(sizes) + 1
    codes, kinds = np.empty(room, np.uint32), np.empty(room, np.uint32)
    edges = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    firsts, slow = np.empty(len(sizes) + 1, np.int64), np.zeros(len(sizes), np.bool_)
    text, unknown = 0, -1
    while text < len(sizes):
        text, unknown = decoding.decode(
            data, edges, text, known.states, known.kinds, known.expansions, codes, kinds, firsts, slow
        )
        if unknown >= 0:
            known.fill(unknown)
    return codes, kinds, firsts, slow


def _tabulate(scanned: Scanned, params: Params) -> TextTable:
    """The table of a block; slow texts come after the others."""
    _flag_posts(scanned)
    _own_what_is_all_quoted(scanned)
    tokens = shared_lexicon().tokens(scanned.keys, scanned.codes, scanned.starts, scanned.ends, scanned.flags)
    table = TextTable(
        tokens, scanned.flags.copy(), offsets(scanned.sizes), scanned.sizes, scanned.sizes.copy(),
        hash_lines(tokens, scanned.line_tokens), scanned.line_tokens.copy(), offsets(scanned.line_sizes),
        scanned.line_sizes,
    )  # fmt: skip
    slow = np.flatnonzero(scanned.slow)
    if not len(slow):
        return table
    order = np.arange(len(scanned.texts))
    order[slow] = len(order) + np.arange(len(slow))
    return join([table, read_plainly([scanned.texts[number] for number in slow.tolist()], params)]).take(order)


def _own_what_is_all_quoted(scanned: Scanned) -> None:
    """Takes the flags of quotation from texts that have little else."""
    quoted = np.concatenate(([0], np.cumsum((scanned.flags & QUOTED) > 0)))
    firsts = offsets(scanned.sizes)
    counts = quoted[firsts + scanned.sizes] - quoted[firsts]
    for number in np.flatnonzero(counts > ALL_QUOTED * scanned.sizes).tolist():
        scanned.flags[firsts[number] : firsts[number] + scanned.sizes[number]] &= np.uint8(255 - QUOTED)


def _flag_posts(scanned: Scanned) -> None:
    """Adds BLOCK to the lines of pasted posts, in the few texts that may hold one."""
    firsts, first_lines = offsets(scanned.sizes), offsets(scanned.line_sizes)
    for number in np.flatnonzero(scanned.posted).tolist():
        lines = slice(first_lines[number], first_lines[number] + scanned.line_sizes[number])
        spans = np.stack((scanned.line_starts[lines], scanned.line_ends[lines]), axis=1) - scanned.firsts[number]
        places = firsts[number] + np.concatenate(([0], np.cumsum(scanned.line_tokens[lines])))
        normal = unicodedata.normalize("NFKC", scanned.texts[number])
        for line in find_posts(normal, Lines([(low, high) for low, high in spans.tolist()], places.tolist())):
            scanned.flags[places[line] : places[line + 1]] |= BLOCK
