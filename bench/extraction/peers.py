"""What other extractors make of the same pages. Runs in their own environment (bench/requirements-peers.txt).

One JSON object a line on stdin (`tool`, `path` of a gzipped page, `url`), one a line out: the fields of `Reading`.
Only the standard library and the peers: nothing of wirecopy is installed there.
"""

from __future__ import annotations

import gzip
import json
import logging
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

HARD_SECONDS = 60  # a page over it counts as empty


def trafilatura(html: bytes, url: str) -> dict[str, Any]:
    """trafilatura as its documentation shows it, comments left out."""
    from trafilatura import bare_extraction

    found = bare_extraction(html, url=url, with_metadata=True, include_comments=False)
    if found is None:
        return {}
    names = [name.strip() for name in (found.author or "").split(";") if name.strip()]
    return {"text": found.text or "", "title": found.title, "authors": names, "published": found.date}


def newspaper4k(html: bytes, url: str) -> dict[str, Any]:
    """newspaper4k, given the page instead of fetching it."""
    from newspaper import Article

    article = Article(url=url or "https://example.org/", fetch_images=False)
    article.download(input_html=_decoded(html))
    article.parse()
    date = article.publish_date
    published = date.isoformat() if date is not None and hasattr(date, "isoformat") else None
    return {"text": article.text, "title": article.title, "authors": list(article.authors), "published": published}


def _decoded(html: bytes) -> str:
    """UTF-8 if that fits, else decoded by charset-normalizer, which comes with newspaper4k's requests."""
    from charset_normalizer import from_bytes

    try:
        return html.decode("utf-8")
    except UnicodeDecodeError:
        return str(from_bytes(html).best() or html.decode("utf-8", "replace"))


def readability(html: bytes, url: str) -> dict[str, Any]:
    """readability-lxml: its summary as text, and its short title. It reads neither dates nor authors."""
    from lxml.html import document_fromstring
    from readability import Document

    document = Document(html, url=url)
    summary = document_fromstring(document.summary(html_partial=True))
    return {"text": "\n".join(summary.itertext()), "title": document.short_title()}


TOOLS: dict[str, Callable[[bytes, str], dict[str, Any]]] = {
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "readability-lxml": readability,
}


class OverTime(BaseException):
    """Not an Exception: trafilatura would swallow it."""


def main() -> None:
    """Answer every line until stdin ends."""
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGALRM, _over_time)
    out, sys.stdout = sys.stdout, sys.stderr  # prints of the tools are no answer
    for line in sys.stdin:
        task = json.loads(line)
        out.write(json.dumps(_read(TOOLS[task["tool"]], task["path"], task["url"])) + "\n")
        out.flush()


def _read(tool: Callable[[bytes, str], dict[str, Any]], path: str, url: str) -> dict[str, Any]:
    with gzip.open(path) as file:
        html = file.read()
    cpu, wall = time.process_time(), time.perf_counter()
    signal.alarm(HARD_SECONDS)
    try:
        fields, error = tool(html, url), ""
    except (Exception, OverTime) as problem:  # a peer may raise anything: that page is lost to it
        fields, error = {}, f"{type(problem).__name__}: {problem}"
    finally:
        signal.alarm(0)
    return fields | {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "error": error[:200]}


def _over_time(*_: object) -> None:
    raise OverTime(f"over {HARD_SECONDS} s")


if __name__ == "__main__":
    main()
