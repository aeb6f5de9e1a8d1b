"""Finds programs that hang: alive, but unhealthy for minutes. supervisord restarts only programs that end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

# Airflow calls a component unhealthy after 30 seconds without a heartbeat. A busy or sleeping machine delays one for
# longer, and a component that was just started has half a minute of imports before its first.
UNHEALTHY_AFTER: Final = 180.0  # seconds of unbroken ill health
# Longest time between two checks: a longer gap means that nothing was checked, as on a laptop that slept.
GAP: Final = 60.0  # seconds
SPARED: Final = frozenset({"postgres"})  # never killed: its health is reported by the other components


@dataclass(slots=True)
class Hung:
    """Since when each program, by process id, has been unhealthy."""

    since: dict[tuple[str, int], float] = field(default_factory=dict)  # monotonic seconds by (name, process id)
    looked_at: float = 0.0

    def look(self, ill: Collection[str], running: Mapping[str, int], now: float) -> list[str]:
        """Names of the *ill* programs (of those *running*, by name with process id) that have been so for PATIENCE.

        While the database is unhealthy, no other program counts. *now* is in monotonic seconds.
        """
        rested = now - self.looked_at > GAP
        self.looked_at = now
        blamed = [] if SPARED & set(ill) else [name for name in ill if running.get(name)]
        before = {} if rested else self.since
        self.since = {(name, running[name]): before.get((name, running[name]), now) for name in blamed}
        return [name for (name, _), since in self.since.items() if now - since >= UNHEALTHY_AFTER]
