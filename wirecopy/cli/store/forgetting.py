"""`wirecopy forget`: takedown."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from wirecopy import steps
from wirecopy.cli.show.console import ERR, print_counts, print_json, progress_bar


def forget(
    *,
    url: Annotated[str | None, Parameter(name=["--url"], help="Address of a page, in any spelling.")] = None,
    domain: Annotated[str | None, Parameter(name=["--domain"], help="A host and all hosts below it.")] = None,
    yes: Annotated[bool, Parameter(name=["--yes"], help="Do it. Without it only the counts are shown.")] = False,
    json: Annotated[bool, Parameter(name=["--json"], help="One JSON document on stdout.")] = False,
) -> int:
    """Remove a page, or all of a domain, from every table and from the raw archive, and keep it out for good.

    Copies that other publishers printed stay, and their clusters are computed anew. A tombstone (a hash, not the
    address) keeps the page from coming back by a feed, a backfill or the archive; it lies in state/tombstones.json.
    Files that you exported, backups and WARC files elsewhere are yours to clean.

    ```
    wirecopy forget --url https://gazette.example/2026/11/harbour          # what would go
    wirecopy forget --url https://gazette.example/2026/11/harbour --yes
    wirecopy forget --domain gazette.example --yes
    ```
    """
    with progress_bar() as report:
        counts = steps.forget(url=url, domain=domain, dry_run=not yes, progress=report)
    if json:
        print_json({"removed": yes, **counts})
        return 0
    shown = {name: count for name, count in counts.items() if name != "dates"}
    print_counts("removed" if yes else "would be removed", shown)
    if not yes:
        ERR.print("Nothing has changed. Add --yes to remove it; that cannot be undone.")
    return 0
