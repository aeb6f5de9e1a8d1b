"""Airflow's health: GET /api/v2/monitor/health, which needs no login."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

TIMEOUT: Final = 3.0  # seconds
# The names of Airflow's answer, and ours.
COMPONENTS: Final[Mapping[str, str]] = {
    "metadatabase": "postgres",
    "scheduler": "scheduler",
    "triggerer": "triggerer",
    "dag_processor": "dag-processor",
}


def unhealthy(address: str) -> list[str]:
    """Names of the components that are not healthy yet; `api-server` alone while it does not answer."""
    answer = ask(f"{address}/api/v2/monitor/health")
    return ["api-server"] if answer is None else sick(answer)


def sick(answer: Mapping[str, Any]) -> list[str]:
    """The same of a given answer."""
    return [ours for theirs, ours in COMPONENTS.items() if (answer.get(theirs) or {}).get("status") != "healthy"]


def ask(url: str) -> dict[str, Any] | None:
    """The JSON object at *url*, or None if there is none now. No proxy is used for this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT) as response:
            found = json.load(response)
    except (urllib.error.URLError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
