"""Quotation marks that are typed in other ways, as the usual ones.

Each is replaced by as many characters, so that places in a text stay what they are: two single marks, commas or angles
for a double one (`` … '', ,, … '', << … >>), lone angles ‹ … ›, a low and a raised single mark ‚ … ‘, primes ″ … ″,
heavy marks ❝ … ❞, and the entities of HTML that an extraction has left.
"""

from __future__ import annotations

import re

ENTITIES = {
    "quot": '"', "#34": '"', "#x22": '"', "laquo": "«", "raquo": "»", "ldquo": "“", "rdquo": "”", "bdquo": "„",
    "lsquo": "‘", "rsquo": "’", "#39": "'", "#x27": "'", "apos": "'",
}  # fmt: skip
ENTITY = re.compile(rf"&({'|'.join(map(re.escape, ENTITIES))});")
# A blank stands before the mark, so that it opens what follows it and closes what precedes it.
PAIRS = {"``": " “", "''": ' "', "<<": " «", "<‹": " «", ">>": " »", "›>": " »", "′′": ' "'}
LOW_COMMAS = re.compile(r"(?<![\w,]),,(?=\w)")
LOW_SINGLE = re.compile(r"(?<!\w)‚(?=\w)([^‚‘’\n]{1,600})[‘’](?!\w)")
# What to look for first: one character is found much faster than two.
HINTS = {
    "`": ("``",),
    "<": ("<<", "<‹"),
    ">": (">>", "›>"),
    "′": ("′′",),
    "‹": ("‹",),
    "‚": ("‚",),
    "″": ("″",),
    "&": ("&",),
    "❝": ("❝",),
}
DOUBLED = ("''", ",,")  # their characters stand in most texts


def usual_marks(text: str) -> str:
    """*text* with the usual marks, of the same length."""
    found = [sign for hint, signs in HINTS.items() if hint in text for sign in signs if sign in text]
    found += [sign for sign in DOUBLED if sign in text]
    if not found:
        return text
    if "&" in found:
        text = ENTITY.sub(lambda match: ENTITIES[match[1]].rjust(len(match[0])), text)
    for sign in found:
        if sign in PAIRS:
            text = re.sub(rf"(?<!\w){sign}|{sign}(?!\w)", PAIRS[sign], text)  # not the doubled one of don''t
    if ",," in found:
        text = LOW_COMMAS.sub(" „", text)
    if "‚" in found:
        text = LOW_SINGLE.sub(r"„\1“", text)
    if "‹" in found and "«" not in text:
        text = text.replace("‹", "«").replace("›", "»")
    if "❝" in found:
        text = text.replace("❝", "“").replace("❞", "”")
    return text.replace("″", '"') if "″" in found else text
