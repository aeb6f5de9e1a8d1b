"""An extraction target whose process dies on one page, and otherwise extracts: `WorkerPool(target=...)`."""

from __future__ import annotations

import os
import signal

from ingest.records import Article, Entry, Page, Via
from ingest.workers.worker_main import extract as real_extract

SLUG = "ferry"  # pages whose address holds it


def extract(page: Page, entry: Entry, via: Via) -> Article:
    """The article, unless the page is the poison."""
    if SLUG in page.final_url:
        os.kill(os.getpid(), signal.SIGKILL)
    return real_extract(page, entry, via)
