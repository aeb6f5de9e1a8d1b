"""Properties of a token, as bits of one byte."""

from __future__ import annotations

from typing import Final

MARKED: Final = 1  # inside quotation marks
BLOCK: Final = 2  # a block after a colon, or a pasted post
HEADING: Final = 4  # in a short line without a final mark: menu, caption, heading
RECURRING: Final = 8  # in a line that the publisher prints on many pages; a function of the context, never stored
CONTENT: Final = 16  # can carry meaning: a number, a word of four letters, a character of a script without spaces
NUMBER: Final = 32
SENTENCE: Final = 64  # the first token of a sentence

FORMULA: Final = 128  # in a 4-gram that one publisher prints on several dates; a function of the context, never stored

QUOTED: Final = MARKED | BLOCK
OUTSIDE: Final = HEADING | RECURRING  # no narrative, though no quotation either
