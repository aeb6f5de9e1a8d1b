"""A store copied to another place, folder or bucket, file by file; every file is read again there and compared.

Most files are copied while runs go on. Then writers are held off by their locks, what changed meanwhile is copied, and
the target is the source at that moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import IO, Final

from wirecopy.errors import StoreConflict, StoreError, UsageError
from wirecopy.progress import Progress
from wirecopy.store.articles.commit import committing
from wirecopy.store.articles.homes import DATABASE as HOMES
from wirecopy.store.articles.numbers import finish_all, watermark
from wirecopy.store.articles.watermark import WATERMARK
from wirecopy.store.copies.derived import DEDUPE_LOCK
from wirecopy.store.feeds.feedstate import DATABASE as FEED_STATE
from wirecopy.store.files.files import Version
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import VIEWS_FILE, write_views
from wirecopy.store.transfer.manifest import LOG, WHOLE, Arrived, Manifest, below

AT_ONCE: Final = 8  # files: a bucket makes wait, a disk does not mind
ANNOUNCED: Final = 64  # files whose names are written with one line, before they are
CHUNK: Final = 8 * 1024**2  # bytes that are read at a time: one request of a bucket
TRIES: Final = 3  # of a file that is replaced while it is read
MEGABYTE: Final = 1024**2
# What every place makes for itself, and what belongs to processes: locks, half files, what queries spilled.
LEFT: Final = {HOMES, WATERMARK, VIEWS_FILE, LOG, WHOLE}
LEFT_FOLDERS: Final = ("locks/", "spill-")
GROWING: Final = (".journal", ".touched", ".wanted")  # suffixes of files that are appended to: rows, beside a bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFiles:
    """What a copy did."""

    files: int  # that are there now
    bytes: int
    known: int  # of them were there from an earlier attempt
    running: int  # pulls that were at work in the source: what they bring now is not in the copy


def copy_files(source: Layout, target: Layout, progress: Progress | None = None) -> CopiedFiles:
    """Make *target* hold what *source* holds: store/, raw/, and of state/ what is no database. An attempt that was
    killed goes on where it was; when the source has changed, what changed is copied.

    Raises UsageError if the target holds something else, StoreError if a file cannot be read or arrives damaged.
    """
    source.require(source.store)
    _refuse_nested(source, target)
    manifest = Manifest(source, target)
    _refuse_strangers(manifest, target)
    target.make()
    known = _known(manifest, source, target)
    with manifest:
        _copy(manifest, source, target, progress)
        with committing(source), source.files.locked(source.locks / DEDUPE_LOCK):
            _copy(manifest, source, target, progress)
            _remove_gone(manifest, source, target)
            finish_all(target, watermark(source))
            running = _running(source)
        write_views(target)
        for path in target.files.find(target.staging, "*.tmp"):  # of attempts that were killed: nobody else writes here
            target.files.remove(path)
        manifest.finish()
    sizes = [one.size for one in manifest.arrived.values()]
    return CopiedFiles(files=len(sizes), bytes=sum(sizes), known=known, running=running)


def _files(layout: Layout) -> dict[str, Version]:
    """What is to be copied, by its name below the root: raw/ first, and articles last, which make it a store."""
    folders = (layout.raw, layout.state, layout.store)
    found = [version for folder in folders for version in layout.files.versions(folder, "**/*")]
    names = {below(layout.root, version.path): version for version in found}
    kept = {name: version for name, version in names.items() if not _is_left(name)}
    return dict(sorted(kept.items(), key=lambda item: item[0].startswith("store/articles/")))


def _is_left(name: str) -> bool:
    if not name.startswith("state/"):
        return False
    rest = name.removeprefix("state/")
    of_database = rest.startswith((FEED_STATE, HOMES))  # with -wal, -shm and -journal beside them
    return of_database or rest in LEFT or rest.startswith(LEFT_FOLDERS) or rest.endswith(".tmp")


def _known(manifest: Manifest, source: Layout, target: Layout) -> int:
    there = _files(target)
    return sum(manifest.has(name, version, there) for name, version in _files(source).items())


def _copy(manifest: Manifest, source: Layout, target: Layout, progress: Progress | None) -> None:
    """Copy what has not arrived yet."""
    there = _files(target)
    missing = {name: one for name, one in _files(source).items() if not manifest.has(name, one, there)}
    total, done = sum(one.size for one in missing.values()), 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for names in _batches(missing, ANNOUNCED):
            manifest.begin(names)
            work = [pool.submit(_copy_file, source, target, name, missing[name]) for name in names]
            for one in as_completed(work):
                if arrived := one.result():
                    manifest.add(arrived)
                    done += arrived.size
                if progress is not None:
                    progress("copying, MB", done // MEGABYTE, max(total // MEGABYTE, 1))


def _batches(names: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, size)):
        yield batch


def _copy_file(source: Layout, target: Layout, name: str, version: Version) -> Arrived | None:
    """None: it is gone."""
    path = target.root / name
    for tries_left in reversed(range(TRIES)):
        try:
            sent, size = _send(source, version.path, target, path)
            break
        except FileNotFoundError:
            return None
        except StoreConflict:  # of a bucket, replaced while it was read
            if not tries_left:
                raise
    with target.files.open(path) as file:
        if _digest(file) != sent:
            raise StoreError(f"{path} did not arrive as it is in {source.root}: nothing is lost there. Copy again.")
    now = target.files.head(path)
    if now is None:
        raise StoreError(f"{path} was removed while the store was copied there. Copy again.")
    return Arrived(path=name, source=version.tag, target=now.tag, size=size, digest=sent)


def _send(source: Layout, path: PurePath, target: Layout, new: PurePath) -> tuple[str, int]:
    """Copy one file; returns the hash of its bytes, and their number."""
    with source.files.open(path) as file:
        if path.suffix in GROWING:
            text = file.read()
            target.files.remove(new)
            target.files.make(new.parent)
            with target.files.append(new) as log:
                log.write(text.decode("utf-8", errors="replace"))
            return hashlib.blake2b(text).hexdigest(), len(text)
        state, size = hashlib.blake2b(), 0
        with target.files.replacing(new) as staged, staged.open("wb") as out:
            while piece := file.read(CHUNK):
                state.update(piece)
                size += len(piece)
                out.write(piece)
        return state.hexdigest(), size


def _digest(file: IO[bytes]) -> str:
    state = hashlib.blake2b()
    while piece := file.read(CHUNK):
        state.update(piece)
    return state.hexdigest()


def _remove_gone(manifest: Manifest, source: Layout, target: Layout) -> None:
    """What was copied and left the source since: parts that were published, captures that raw/ no longer keeps."""
    now = _files(source)
    for name in [name for name in manifest.arrived if name not in now]:
        target.files.remove(target.root / name)
        manifest.drop(name)


def _running(source: Layout) -> int:
    """Pulls that live: each holds its journal."""
    count = 0
    for path in source.files.find(source.staging, "*.journal"):
        with source.files.claimed(path, shared=True) as file:
            count += file is None
    return count


def _refuse_nested(source: Layout, target: Layout) -> None:
    if source.root == target.root or source.root in target.root.parents or target.root in source.root.parents:
        raise UsageError(f"{target.root} and {source.root} lie in each other. Name two places.")


def _refuse_strangers(manifest: Manifest, target: Layout) -> None:
    there: Mapping[str, Version] = {name: one for name, one in _files(target).items() if not name.startswith("state/")}
    strangers = manifest.strangers(there)
    if strangers and manifest.arrived:
        raise UsageError(
            f"{target.root} was written since it was copied: {strangers[0]} and {len(strangers) - 1} more. Its rows "
            "would be lost. Copy into an empty place."
        )
    if strangers:
        raise UsageError(f"{target.root} holds {len(strangers):,} files already ({strangers[0]}). Name an empty place.")
