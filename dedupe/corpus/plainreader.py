"""Texts read one by one into a table, without compiled code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dedupe.corpus.tables import Progress, TextRow, TextTable, tabulate
from dedupe.params import Params
from dedupe.text.lines import hash_lines
from dedupe.text.reading import read
from dedupe.text.words import Vocabulary


def read_plainly(texts: Sequence[str], params: Params, progress: Progress | None = None) -> TextTable:
    """Reads *texts* one by one."""
    return tabulate(_read_rows(texts, params, progress))


def _read_rows(texts: Sequence[str], params: Params, progress: Progress | None) -> Iterable[TextRow]:
    vocabulary = Vocabulary()
    readings = []
    for number, text in enumerate(texts):
        if progress is not None and number % 256 == 0:
            progress("read", number, len(texts))
        readings.append(read(text, vocabulary, params))
    tokens, kinds = vocabulary.tokens(), vocabulary.kinds()
    for reading in readings:
        ids = reading.ids
        keys = hash_lines(tokens[ids], reading.line_tokens)
        yield TextRow(tokens[ids], reading.flags | kinds[ids], reading.words, keys, reading.line_tokens)
