"""Language tags (BCP 47)."""

from __future__ import annotations

import re


def primary_tag(tag: str | None) -> str | None:
    """`de` of `de-AT` or `de_AT`; None for anything that is no language tag."""
    match = re.match(r"\s*([A-Za-z]{2,3})(?:[-_][\w-]*)?\s*$", tag or "")
    return match[1].lower() if match else None
