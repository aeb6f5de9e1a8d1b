"""What a check of `wirecopy doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the checkup."""

    what: str
    state: State
    says: str
    next_step: str = ""
