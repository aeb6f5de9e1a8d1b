"""forget: takedown of a page or of a whole domain, and the tombstones that keep it out."""

from __future__ import annotations

from dataclasses import replace

from ingest.records import Article, Skipped, Taken
from wirecopy.errors import UsageError
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import Forgotten
from wirecopy.settings import load_settings
from wirecopy.steps.deduping import dedupe
from wirecopy.store.articles.commit import committing
from wirecopy.store.files.layout import layout_of
from wirecopy.store.query.wordindex import forget_words
from wirecopy.store.takedown import takedown as takedown
from wirecopy.store.takedown.takedown import Found
from wirecopy.store.takedown.tombstones import Tombstones, read_tombstones, write_tombstones

log = get_log(__name__)


def forget(
    *, url: str | None = None, domain: str | None = None, dry_run: bool = False, progress: Progress | None = None
) -> Forgotten:
    """Remove a page, or all of a domain, from every table and from raw, and keep it out; returns counts.

    The tombstone is written first: after a crash the same call goes on. Copies by other publishers stay; their
    matches and clusters are computed anew. With *dry_run* nothing changes. *progress* hears how far it is. Raises
    UsageError if not exactly one of *url* and *domain* is given, or it is none.
    """
    asked = _asked(url, domain)
    layout = layout_of(load_settings()).make()
    if dry_run:
        return _counts(takedown.find(layout, asked, progress)[0])
    with committing(layout):
        found, tombstones = takedown.find(layout, asked, progress)
        write_tombstones(layout, read_tombstones(layout) | tombstones)
        takedown.remove(layout, found, tombstones, progress)
        forget_words(layout, found.dates)
    counts = _counts(found)
    if found.articles:
        dedupe(progress=progress)  # until it has run, clusters still name removed articles
    log.info("forgot %s", " ".join(f"{name}={count}" for name, count in counts.items()))
    return counts


def without_forgotten(taken: Taken, gone: Tombstones) -> Taken:
    """*taken*, unless its page was forgotten: then the outcome says so, and the text is dropped."""
    result = taken.result
    urls = [taken.entry.link, result.url]
    if isinstance(result, Article):
        urls.append(result.canonical_url)
    if not gone.covers(*urls):
        return taken
    return replace(taken, result=Skipped(code="forgotten", retryable=False, detail="a tombstone keeps it out"))


def _asked(url: str | None, domain: str | None) -> Tombstones:
    if bool(url) == bool(domain):
        raise UsageError("Name either --url or --domain, such as --url https://gazette.example/2026/11/harbour.")
    if url:
        if not url.lower().startswith(("http://", "https://")):
            raise UsageError(f"{url!r} is no address: it begins with http:// or https://.")
        return Tombstones().with_pages([url])
    assert domain is not None
    if "/" in domain or "." not in domain.strip("."):
        raise UsageError(f"{domain!r} is no domain: name a host such as gazette.example, without https://.")
    return Tombstones().with_domain(domain)


def _counts(found: Found) -> Forgotten:
    return {
        "articles": len(found.articles),
        "revisions": found.revisions,
        "outcomes": found.outcomes,
        "captures": found.capture_count,
        "dates": [day.isoformat() for day in found.dates],
    }
