"""`wirecopy raw`: what was fetched, shown, listed, exported to WARC and imported from it."""

from __future__ import annotations

import json as jsonlib
import sys
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from wirecopy import steps
from wirecopy.cli.days import check_days
from wirecopy.cli.show.console import (
    ERR,
    OUT,
    Json,
    plain,
    print_counts,
    print_json,
    print_rows,
    progress_bar,
)
from wirecopy.cli.show.targets import refuse_data_folder
from wirecopy.errors import UsageError
from wirecopy.explain.wording import counted
from wirecopy.records import Imported
from wirecopy.schedule import Interval, intervals_between
from wirecopy.settings import load_settings
from wirecopy.store.archive.finding import find_capture, list_captures
from wirecopy.store.files.layout import Layout, layout_of
from wirecopy.store.warc.unusable import REASONS

raw = App(name="raw", help="What was fetched: the raw archive.")

SHOWN: Final = 50  # captures of a table on a terminal; a pipe and --json get all

From = Annotated[str | None, Parameter(name=["--from"], help="Fetched on this day (inclusive) or later.")]
To = Annotated[str | None, Parameter(name=["--to"], help="Last day (inclusive).")]
Needed = Annotated[str, Parameter(name=["--from"], help="First day of fetching (inclusive).")]
NeededTo = Annotated[str, Parameter(name=["--to"], help="Last day of fetching (inclusive).")]
FeedId = Annotated[str | None, Parameter(name=["--feed"], help="Only this feed id.")]


@raw.command
def show(
    fetch_id: str,
    /,
    *,
    body: Annotated[bool, Parameter(help="Only the body, byte by byte, on stdout.")] = False,
    json: Json = False,
) -> int:
    """Show one capture: where and when it was fetched, by which entry, and the headers of the answer.

    articles, outcomes and polls name it in their column fetch_id; its first characters are enough.

    ```
    wirecopy raw show 5f2c81d0
    wirecopy raw show 5f2c81d0 --body > page.html
    ```
    """
    path, capture = find_capture(_layout(), fetch_id)
    if body:
        return _write_body(capture.page.body)
    page, entry = capture.page, capture.entry
    said: dict[str, Any] = {
        "fetch_id": page.fetch_id,
        "kind": capture.kind,
        "feed_id": capture.feed_id,
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "fetched_at": page.fetched_at.isoformat(),
        "bytes": len(page.body),
        "body_hash": page.body_hash,
        "file": str(path),
    }
    if json:
        print_json({**said, "headers": dict(page.headers), "entry": jsonlib.loads(entry.to_json()) if entry else None})
        return 0
    for name, value in said.items():
        _line(name, f"{value:,}" if name == "bytes" else value)
    if entry:
        _line("entry", entry.entry_key)
        _line("  title", entry.title or "none")
        _line("  published", entry.published_at.isoformat() if entry.published_at else "no trustworthy date")
    OUT.print("headers")
    for name, value in page.headers.items():
        _line(f"  {name}", value)
    return 0


@raw.command(name="list")
def list_(
    *,
    from_: From = None,
    to: To = None,
    url: Annotated[str | None, Parameter(help="Only captures of this address, in any spelling.")] = None,
    feed: FeedId = None,
    json: Json = False,
) -> int:
    """List captures, oldest first: all, or those of some days, of one address, of one feed.

    ```
    wirecopy raw list --url https://gazette.example/2026/11/harbour
    wirecopy raw list --from 2026-10-01 --to 2026-10-07 --feed bbc-world
    ```
    """
    rows = list_captures(_layout(), _interval(from_, to), feed_id=feed, url=url)
    if json:
        print_json(list(rows))
        return 0
    shown = islice(rows, SHOWN) if OUT.is_terminal else rows
    print_rows("captures", ("fetched_at", "kind", "status", "feed", "url", "fetch_id"), map(_cells, shown))
    if OUT.is_terminal and (more := sum(1 for _ in rows)):
        ERR.print(f"{more:,} more: name days, --url or --feed; --json and a pipe get all.")
    return 0


@raw.command
def export(
    file: Annotated[Path, Parameter(help="Ends with .warc.gz or .warc.")],
    /,
    *,
    from_: Needed,
    to: NeededTo,
    feed: FeedId = None,
    json: Json = False,
) -> int:
    """Write what was fetched on some days as one WARC 1.1 file, pages and feed documents, for other tools or to keep.

    `wirecopy raw import` gives back every capture as it was. raw/ stays as it is.

    ```
    wirecopy raw export october.warc.gz --from 2026-10-01 --to 2026-10-31
    ```
    """
    refuse_data_folder(file)
    _layout()
    interval = _interval(from_, to)
    assert interval
    with progress_bar() as report:
        counts = steps.export_archive(file, interval, feed_id=feed, report=report)
    if json:
        print_json({"file": str(file), **counts})
    else:
        said = f"{counts['pages']:,} pages, {counts['documents']:,} feed documents, {counts['bytes']:,} bytes"
        ERR.print(f"written: {plain(file)}, {said}", soft_wrap=True)
    return 0


@raw.command(name="import")
def import_(
    files: Annotated[tuple[Path, ...], Parameter(help="WARC or ARC files, packed or not.")],
    /,
    *,
    json: Json = False,
) -> int:
    """Take the pages of WARC files into raw/, each once: those that `raw export` wrote, and those of other crawlers.

    Every record is counted: taken, known, or left out for a reason that is shown. Nothing is asked of the network, and
    nothing is extracted yet: the message names the command that does.

    ```
    wirecopy raw import october.warc.gz
    wirecopy raw import crawl/*.warc.gz --json
    ```
    """
    with progress_bar() as report:
        result = steps.import_archives(files, report=report)
    if json:
        print_json(result)
    else:
        _print_import(result)
    return 0


def _print_import(result: Imported) -> None:
    for file, counts in result["files"].items():
        records = sum(counts.values())
        titles = {"pages": "pages taken", "documents": "feed documents taken", "known": "in raw/ already"}
        shown = {titles.get(name, f"left out: {name}"): count for name, count in counts.items() if count}
        print_counts(f"{file}: {counted(records, 'record')}", shown)
    for reason in (reason for reason in REASONS if reason in _reasons(result)):
        OUT.print(f"{reason}: {REASONS[reason]}", soft_wrap=True)
        for example in result["examples"].get(reason, ())[:3]:
            OUT.print(f"  {plain(example)}", soft_wrap=True)
    if days := result["days"]:
        OUT.print(f"extract them: wirecopy reextract --from {days[0]} --to {days[-1]}", soft_wrap=True)


def _reasons(result: Imported) -> set[str]:
    return {name for counts in result["files"].values() for name, count in counts.items() if count}


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    name = row["fetch_id"][:12] if OUT.is_terminal else row["fetch_id"]  # enough for `show`
    when = f"{row['fetched_at']:%Y-%m-%d %H:%M:%S}"
    return when, row["kind"], row["status"], row["feed_id"], row["url"], name


def _line(name: str, value: object) -> None:
    OUT.print(f"[cyan]{plain(name)}[/]: {plain(value)}", soft_wrap=True)


def _write_body(body: bytes) -> int:
    if sys.stdout.isatty():
        raise UsageError("What was fetched could steer this terminal. Write it to a file: --body > page.html")
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
    return 0


def _layout() -> Layout:
    layout = layout_of(load_settings())
    layout.require(layout.raw)
    return layout


def _interval(first: str | None, last: str | None) -> Interval | None:
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise UsageError("--from and --to go together: --from 2026-10-01 --to 2026-10-31.")
    check_days(first, last)
    days = list(intervals_between(first, last))
    return Interval(start=days[0].start, end=days[-1].end)
