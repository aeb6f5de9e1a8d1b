"""`wirecopy store`: commands on the store as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from wirecopy import steps
from wirecopy.buckets import is_bucket
from wirecopy.cli.days import days_of
from wirecopy.cli.show.console import ERR, OUT, Json, plain, print_json, progress_bar
from wirecopy.cli.show.targets import refuse_data_folder
from wirecopy.settings import load_settings
from wirecopy.steps.migrating import migrate_store
from wirecopy.steps.summaries import of_index
from wirecopy.steps.upkeep.indexing import index_texts
from wirecopy.steps.upkeep.maintaining import store_problems
from wirecopy.store.files.columns import COLUMNS
from wirecopy.store.files.layout import layout_of
from wirecopy.store.query.export import export as write
from wirecopy.store.query.read import Limits

store = App(name="store", help="Look after the store as a whole.")


@store.command
def check(
    *,
    quick: Annotated[bool, Parameter(name=["--quick"], help="Read footers and ids only, not the data.")] = False,
    json: Annotated[bool, Parameter(name=["--json"], help="One JSON document on stdout.")] = False,
) -> int:
    """Read every file of the store, whole, and compare the tables: each article once, and none that only others name.

    Exit 1 if there are problems, one a line, each with what to do. Safe while runs write.

    ```
    wirecopy store check
    ```
    """
    layout = layout_of(load_settings())
    layout.require(layout.store)
    with progress_bar() as report:
        problems = store_problems(layout, quick=quick, progress=report)
    counts = {table: len(layout.dates(table)) for table in COLUMNS}
    if json:
        print_json({"store": str(layout.store), "files": counts, "problems": problems})
    for problem in () if json else problems:
        OUT.print(plain(problem), soft_wrap=True)
    if not problems and not json:
        OUT.print(f"{plain(layout.store)} is sound: {sum(counts.values()):,} files", soft_wrap=True)
    return 1 if problems else 0


@store.command
def copy(
    source: Annotated[str, Parameter(help="The store as it is: a data folder, or s3://bucket/prefix.")],
    target: Annotated[str, Parameter(help="Where it shall be: an empty folder, or s3://bucket/prefix.")],
    /,
    *,
    json: Json = False,
) -> int:
    """Copy a store from a folder to a bucket, back, or to another place of the same kind: tables, raw/, and of state/
    what is not made anew by itself. Every file is read again there and compared.

    SRC stays as it is, and runs may go on meanwhile, but what they bring at the end is not in the copy: stop them, and
    repeat the command, which then copies only what has changed. Killed, it goes on where it was. A target that holds
    something else is refused.

    ```
    wirecopy store copy data s3://news/prefix
    wirecopy store copy s3://news/prefix /srv/wirecopy
    ```
    """
    with progress_bar() as report:
        done = steps.copy_store(source, target, progress=report)
    if json:
        print_json(done)
        return 0
    known = f", {done['known']:,} of them were there" if done["known"] else ""
    size = f"{done['bytes'] / 1e6:,.1f} MB"
    OUT.print(f"copied and compared: {done['files']:,} files, {size}{known}", soft_wrap=True)
    OUT.print(plain(done["feed_state"]), soft_wrap=True)
    if done["running"]:
        ERR.print(
            f"pulls at work meanwhile: {done['running']:,}. Stop the runs, and repeat this command for what they bring",
            soft_wrap=True,
        )
    ERR.print(f"next: {plain(_next(done['target']))}", soft_wrap=True)
    return 0


def _next(target: str) -> str:
    """How to use the copy."""
    if is_bucket(target):
        place = f"set store_url (WIRECOPY_STORE_URL) to {target}, and keep state_url"
    else:
        place = f"set data (WIRECOPY_DATA) to {target}, and unset store_url (WIRECOPY_STORE_URL)"
    return f"{place}; `wirecopy doctor` and `wirecopy store check` look at it. The source can go when runs are green."


@store.command
def migrate(
    *,
    dry_run: Annotated[bool, Parameter(name=["--dry-run"], help="Count the files; change nothing.")] = False,
    json: Annotated[bool, Parameter(name=["--json"], help="One JSON document on stdout.")] = False,
) -> int:
    """Bring a store that an older wirecopy wrote to the columns of this one: every file of every table.

    Files are replaced one by one, each whole, the latest date first. It may be stopped at any moment: repeat it, and it
    goes on. It waits for runs that write, and they for it. Nothing to do is no error.

    ```
    wirecopy store migrate --dry-run
    wirecopy store migrate
    ```
    """
    layout = layout_of(load_settings())
    layout.require(layout.store)
    with progress_bar() as report:
        counts = migrate_store(dry_run=dry_run, progress=report)
    if json:
        print_json({"store": str(layout.store), "dry_run": dry_run, "files": counts})
        return 0
    done = {table: count for table, count in counts.items() if count}
    for table, count in done.items():
        OUT.print(f"{table}: {count:,} files {'would be ' * dry_run}rewritten")
    if not done:
        OUT.print(f"{plain(layout.store)} has the columns of this version already", soft_wrap=True)
    return 0


@store.command
def index() -> int:
    """Index the words of the last month's dates, so that the pages search a month of texts at once.

    The DAG wirecopy_maintain does this each night; without Airflow let cron do it. Only dates whose articles have
    changed are indexed again (a second for 10,000 articles, 20 MB). The index is a cache in state/.

    ```
    wirecopy store index
    ```
    """
    layout = layout_of(load_settings())
    layout.require(layout.store)
    with progress_bar() as report:
        done = index_texts(progress=report)
    OUT.print(plain(of_index(done)), soft_wrap=True)
    return 0


@store.command
def export(
    name: Annotated[str, Parameter(help="A table or view, such as articles, copies or matches.")],
    file: Annotated[Path, Parameter(help="Ends with .parquet, .csv or .jsonl: that says the form.")],
    /,
    *,
    from_: Annotated[str | None, Parameter(name=["--from"], help="First date (inclusive).")] = None,
    to: Annotated[str | None, Parameter(name=["--to"], help="Last date (inclusive).")] = None,
) -> int:
    """Write a table or view as one file, for other tools. (`wirecopy query` gives any other selection.)

    ```
    wirecopy store export copies copies.csv
    wirecopy store export articles october.parquet --from 2026-10-01 --to 2026-10-31
    ```
    """
    refuse_data_folder(file)
    settings = load_settings()
    first, last = days_of(from_, to)
    limits = Limits(memory=settings.query_memory, spill=settings.query_spill)
    with progress_bar() as report:
        rows = write(layout_of(settings), name, file, first=first, last=last, limits=limits, progress=report)
    ERR.print(f"written: {plain(file)}, {rows:,} rows", soft_wrap=True)
    return 0
