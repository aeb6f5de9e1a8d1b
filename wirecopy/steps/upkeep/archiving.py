"""raw in and out: WARC and ARC files into the archive, and the archive as a WARC file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.records import Capture
from wirecopy.errors import UsageError
from wirecopy.log import get_log
from wirecopy.progress import Progress
from wirecopy.records import Imported
from wirecopy.schedule import Interval
from wirecopy.settings import Settings, load_settings
from wirecopy.store.archive.finding import captures_of
from wirecopy.store.archive.raw import raw_files_fetched
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.warc.importing import Import
from wirecopy.store.warc.reading import Terms, read_archive
from wirecopy.store.warc.writing import write_warc

log = get_log(__name__)

TOLD_EVERY = 100  # records


def import_archives(files: Sequence[Path], *, report: Progress) -> Imported:
    """Take the captures of WARC and ARC *files* into raw/, each once; returns counts by file and in all.

    `{"files": {name: counts}, "examples": {reason: […]}, "days": [ISO, …]}`: counts are pages and documents that are
    new, known, and a number per reason of records left out (store.warc.unusable.REASONS); their sum is the number of
    records. *days* are those that `reextract` has to be given. Raises UsageError if a file is not there. Safe to break
    off and to run again.
    """
    settings = load_settings()
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path} is no file. Name WARC or ARC files, packed or not.")
    layout = layout_of(settings).make()
    result: Imported = {"files": {}, "examples": {}, "days": []}
    days: set[str] = set()
    for path in files:
        taken = _import(settings, layout, path, report)
        result["files"][str(path)] = dict(taken.counts)
        for reason, examples in taken.examples.items():
            result["examples"].setdefault(reason, []).extend(f"{path.name}: {example}" for example in examples)
        days |= {day.isoformat() for day in taken.days}
        told = " ".join(f"{name}={count}" for name, count in taken.counts.items())
        log.info("imported file=%s %s", path, told)
    result["days"] = sorted(days)
    return result


def _import(settings: Settings, layout: Layout, path: Path, report: Progress) -> Import:
    """One file, to its end."""
    now = settings.clock()
    taken = Import(layout, now=now)
    terms = Terms(page_bytes=settings.page_bytes, feed_bytes=settings.feed_bytes, now=now, obey_tdm=settings.obey_tdm)
    for number, found in enumerate(read_archive(path, terms), 1):
        taken.add(found)
        if number % TOLD_EVERY == 0:
            report(f"records of {path.name}", number, 0)
    taken.close()
    return taken


def export_archive(file: Path, interval: Interval, *, feed_id: str | None, report: Progress) -> dict[str, int]:
    """Write what was fetched inside *interval* to the WARC file *file*; returns counts of pages, documents, bytes."""
    settings = load_settings()
    layout = layout_of(settings)
    files = raw_files_fetched(layout, interval)

    def captures() -> Iterator[Capture]:
        for number, path in enumerate(files):
            report("raw files", number, len(files))
            yield from captures_of(layout, path, interval, feed_id=feed_id)

    counts = write_warc(file, captures(), now=settings.clock())
    log.info("exported file=%s %s", file, " ".join(f"{name}={count}" for name, count in counts.items()))
    return counts
