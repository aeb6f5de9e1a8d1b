"""`python -m demo` (make demo): three days of the demo newsroom through the real DAG files, offline."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "demo" / "out"
LIVE_HOURS: Final = (6, 12, 18, 24)  # of each day; a real deployment runs every 15 minutes
QUERY: Final = """SELECT origin_publisher AS origin, copy_publisher AS copied_by, relation, count(*) AS copies
FROM copies GROUP BY ALL ORDER BY copies DESC, origin, copied_by LIMIT 8"""

SETTINGS: Final = """\
# Written by `make demo`. Look at its store with the command:
#   export PATH="$PWD/.venv/bin:$PATH" WIRECOPY_CONFIG=demo/out/wirecopy.toml
#   wirecopy status
data = "data"
feeds = "feeds.toml"
now = "{now}" # the last moment of the demo: nothing is late since then
allow_networks = ["127.0.0.0/8"] # the newsroom lived on loopback addresses, which are refused by default
"""
ENVIRONMENT: Final = {
    "AIRFLOW_HOME": str(OUT / "airflow"),
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "WIRECOPY_DATA": str(OUT / "data"),
    "WIRECOPY_FEEDS": str(OUT / "feeds.toml"),
    "WIRECOPY_ALLOW_NETWORKS": "127.0.0.0/8",  # the newsroom's addresses, which the guard refuses by default
    "WIRECOPY_HOST_GAP": "10ms",
    "PYTHONWARNINGS": "ignore",
}

if TYPE_CHECKING:
    from rich.console import Console

    from demo.newsroom import Newsroom


def main() -> int:
    """Run the demo; returns the exit code."""
    os.environ.update(ENVIRONMENT)  # before Airflow is imported
    for name in [name for name in os.environ if name.startswith("WIRECOPY_") and name not in ENVIRONMENT]:
        del os.environ[name]
    import warnings

    warnings.simplefilter("ignore")
    from rich.console import Console

    from demo.newsroom import Newsroom, NewsroomError

    console = Console(highlight=False)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    started = time.monotonic()
    anchor = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        with Newsroom(anchor=anchor) as newsroom:
            newsroom.write_feeds(OUT / "feeds.toml")
            failed = _three_days(console, newsroom)
            (OUT / "wirecopy.toml").write_text(SETTINGS.format(now=os.environ["WIRECOPY_NOW"]), "utf-8")
            _report(console, newsroom, time.monotonic() - started)
    except NewsroomError as error:
        console.print(f"[bold red]error:[/] {error}")
        return 2
    return 1 if failed else 0


def _three_days(console: Console, newsroom: Newsroom) -> int:
    """Run the DAGs at each hour of the plan; returns how many runs failed."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console.print("[bold]wirecopy demo[/]: three days of a fictional newsroom, served on loopback, through Airflow")
    moments = list(_moments(newsroom.days))
    columns = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    failed = 0
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("Airflow: metadata database (SQLite) and DAG files", total=len(moments))
        dags = _load_dags()
        for now, name in moments:
            progress.update(bar, description=f"{now:%Y-%m-%d %H:%M} {name}")
            newsroom.now = now
            os.environ["WIRECOPY_NOW"] = now.isoformat()
            state = str(dags[name].test(logical_date=None if name == "wirecopy_dedupe" else now).state)
            if state != "success":
                failed += 1
                console.print(f"[red]{name} at {now:%Y-%m-%d %H:%M} ended {state}[/]")
            progress.advance(bar)
    return failed


def _moments(days: Any) -> Iterator[tuple[datetime, str]]:
    """The schedule: live runs through each day, each followed by dedupe, and at its end the run that completes it."""
    for day in days:
        for hour in LIVE_HOURS:
            yield day + timedelta(hours=hour), "wirecopy_live"
            yield day + timedelta(hours=hour), "wirecopy_dedupe"
        yield day + timedelta(hours=24), "wirecopy_day"
        yield day + timedelta(hours=24), "wirecopy_dedupe"


def _load_dags() -> dict[str, Any]:
    """The DAG files as Airflow parses them, with a fresh metadata database."""
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.utils.db import initdb

    initdb()
    bag = BundleDagBag(str(ROOT / "dags"), bundle_path=ROOT / "dags")
    if bag.import_errors:
        raise SystemExit("\n".join(bag.import_errors.values()))
    return dict(bag.dags)


def _report(console: Console, newsroom: Newsroom, seconds: float) -> None:
    """Print counts, the share of the truth that was found, the place of the parquet, and one query."""
    from wirecopy.cli.show.console import print_counts
    from wirecopy.cli.show.results import print_table
    from wirecopy.store.files.layout import Layout
    from wirecopy.store.query.read import answer, rows

    layout = Layout(OUT / "data")
    polled = rows(
        layout, "SELECT count(DISTINCT feed_id) AS feeds, count(*) AS polls, sum(entries)::BIGINT AS entries FROM polls"
    )[0]
    articles = rows(layout, "SELECT count(*) AS n FROM articles")[0]["n"]
    outcomes = {
        row["code"]: row["n"]
        for row in rows(layout, "SELECT code, count(*) AS n FROM outcomes GROUP BY ALL ORDER BY n DESC")
    }
    print_counts(
        "ingested",
        {"feeds": polled["feeds"], "polls": polled["polls"], "entries seen": polled["entries"], "articles": articles},
        console,
    )
    print_counts("outcomes of the entries that were tried", outcomes, console)
    print_counts("copies", _found(newsroom, layout), console)
    console.print(f"\n[bold]parquet[/]: {layout.store}/<table>/date=…/*.parquet", soft_wrap=True)
    console.print(f'\n[bold]a query[/]: wirecopy query "{QUERY}"', soft_wrap=True)
    print_table(answer(layout, QUERY), console)
    console.print("\n[bold]look at it yourself[/], in this shell:")
    console.print(f"  {_shell_settings()}", soft_wrap=True)
    console.print("  wirecopy status")
    console.print("  wirecopy explain astrolabe")
    console.print(f"done in {seconds:.0f} s")


def _shell_settings() -> str:
    """What makes `wirecopy` in a shell the one of this demo: found, if it is not yet, and asked about this store."""
    here = os.path.relpath(Path(sys.executable).parent)
    path = "" if shutil.which("wirecopy") else f'PATH="$PWD/{here}:$PATH" '
    return f"export {path}WIRECOPY_CONFIG={os.path.relpath(OUT)}/wirecopy.toml"


def _found(newsroom: Newsroom, layout: Any) -> dict[str, str]:
    """Pairs of one cluster, held against the newsroom's truth."""
    from demo.newsroom import copy_pairs, independent_pairs, template_pairs
    from wirecopy.store.query.read import rows

    truth = newsroom.truth()
    cluster = {
        row["canonical_url"]: row["cluster_id"]
        for row in rows(
            layout, "SELECT a.canonical_url, c.cluster_id FROM articles a JOIN clusters c USING (article_id)"
        )
    }
    sizes = Counter(cluster.values())

    def together(pairs: Any) -> int:
        return sum(len({cluster.get(url, url) for url in pair}) == 1 for pair in pairs)

    copies, apart = copy_pairs(truth), [*independent_pairs(truth), *template_pairs(truth)]
    reworded = {item.url for item in truth if item.relation == "reworded" and item.ends == "article"}
    pairs_in_clusters = sum(size * (size - 1) // 2 for size in sizes.values())
    return {
        "pairs found": f"{together(copies)} of {len(copies)}",
        "  reworded articles found": f"{sum(sizes[cluster.get(url, '')] > 1 for url in reworded)} of {len(reworded)}",
        "independent and template pairs kept apart": f"{len(apart) - together(apart)} of {len(apart)}",
        "pairs found that are none": str(pairs_in_clusters - together(copies)),
    }


if __name__ == "__main__":
    sys.exit(main())
