"""Makes a page poisonous in every extraction worker of a stack: a page whose address holds what stands in POISON kills
the process that extracts it. In a folder of its own, because Python imports it by this name from PYTHONPATH.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

if "ingest.workers.worker_main" in sys.orig_argv:
    from ingest.page import extract

    _real = extract.extract_article

    def _poisonous(page, *arguments, **options):  # type: ignore[no-untyped-def]
        poison = Path(os.environ["POISON"])
        if poison.exists() and poison.read_text() in page.final_url:
            os.kill(os.getpid(), signal.SIGKILL)
        return _real(page, *arguments, **options)

    extract.extract_article = _poisonous
