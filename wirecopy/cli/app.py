"""`wirecopy`: the command's entry, its groups, and the form of errors."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from io import TextIOWrapper
from typing import Final

from cyclopts import App, CycloptsError, Group, Parameter

from dedupe.errors import DedupeError
from ingest.errors import FeedListError
from wirecopy.cli.show.console import ERR, plain
from wirecopy.cli.show.faults import explain_fault
from wirecopy.errors import RunFailed, SettingsError, StoreBusy, StoreError, UsageError, WirecopyError
from wirecopy.version import __version__

DONE, PROBLEMS, WRONG_USE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or a group of commands, that is imported when it is called."""

    target: str  # module:function, or module:App
    summary: str  # its docstring's first sentence, which a test compares: the list of commands imports none of them


TAKE, ASK, TEXTS, CARE = map(Group.create_ordered, ("Take and compute", "Ask the store", "Any texts", "Look after it"))
COMMANDS: Final[dict[Group, dict[str, Command]]] = {
    TAKE: {
        "run": Command("wirecopy.cli.runs:run", "Take what is new now, or complete past days; then find the copies."),
        "rededup": Command(
            "wirecopy.cli.runs:rededup", "Bring matches and clusters up to date, without waiting for quiet days."
        ),
        "reextract": Command(
            "wirecopy.cli.runs:reextract",
            "Extract the captured pages of past days again, from raw/ and without network.",
        ),
        "airflow": Command(
            "wirecopy.cli.airflow:airflow", "Start a whole Airflow on this machine, and keep it running until Ctrl-C."
        ),
    },
    ASK: {
        "status": Command(
            "wirecopy.cli.status:status",
            "Show the last runs, the lag, the retry queue, feeds that fail, and dates whose copies are out of date.",
        ),
        "gaps": Command(
            "wirecopy.cli.gaps:gaps",
            "Show days with fewer articles than usual for their weekday, and the command that fills them.",
        ),
        "query": Command("wirecopy.cli.store.queries:query", "Ask the store with DuckDB, read-only, in UTC."),
        "shell": Command(
            "wirecopy.cli.store.shell:shell",
            "Ask the store at a prompt: DuckDB's SQL over its tables and views, read-only, in UTC.",
        ),
        "serve": Command(
            "wirecopy.cli.serving:serve",
            "Show the store as pages in a browser: days, clusters, who copies whom, publishers, feeds, search.",
        ),
        "explain": Command(
            "wirecopy.cli.texts.explaining:explain",
            "Show who copied whom: an article's cluster in order of time, its origin and why, and the shared passages.",
        ),
        "revisions": Command(
            "wirecopy.cli.revising:revisions",
            "Show what changed in an article: all its texts in their order, and the lines that differ.",
        ),
        "trace": Command(
            "wirecopy.cli.texts.tracing:trace",
            "Find who printed a text: a press release, an agency's report, an article of your own.",
        ),
    },
    TEXTS: {
        "cluster": Command("wirecopy.cli.texts.clustering:cluster", "Find the copies in a collection of texts."),
        "compare": Command(
            "wirecopy.cli.texts.comparing:compare",
            "Compare two texts: relation, scores, and the shared passages side by side in colour.",
        ),
    },
    CARE: {
        "doctor": Command(
            "wirecopy.cli.doctor:doctor",
            "Check what a run needs: versions, settings, feeds, engine, store, feed state, clock, disk, and Airflow.",
        ),
        "feeds": Command(
            "wirecopy.cli.feeds.feeds:feeds",
            "Look after the feed list: find feeds, add, remove, how they are, OPML.",
        ),
        "forget": Command(
            "wirecopy.cli.store.forgetting:forget",
            "Remove a page, or all of a domain, from every table and from the raw archive, and keep it out for good.",
        ),
        "raw": Command("wirecopy.cli.store.raw:raw", "What was fetched: the raw archive."),
        "store": Command("wirecopy.cli.store.storing:store", "Look after the store as a whole."),
    },
}


def make_app(called: Collection[str] = ()) -> App:
    """The command with everything registered and nothing imported. The commands *called* are shown with their own
    docstrings, all others with their summaries.
    """
    app = App(
        name="wirecopy",
        version=__version__,
        help="Streaming news ingestion: feeds in, parquet out, copies found even when reworded.",
        help_epilogue="Settings: WIRECOPY_* variables, then wirecopy.toml (docs/settings.md). "
        "Exit: 0 done, 1 found problems, 2 wrong use.",
        help_format="markdown",
        default_parameter=Parameter(show_default=False, negative=()),
    )
    for group, commands in COMMANDS.items():
        for name, command in commands.items():
            shown = {} if name in called else {"help": command.summary}
            app.command(command.target, name=name, group=group, **shown)
    return app


class _WithoutPandas(MetaPathFinder):
    """No command uses pandas, and pyarrow imports it with the first value that it makes: a third of what `status`
    costs. Only a client of Spark needs it.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raises for pandas as if it were not installed, as it is not where wirecopy runs."""
        if name == "pandas" and "pyspark" not in sys.modules:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 found problems, 2 wrong use."""
    sys.meta_path.insert(0, _WithoutPandas())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a character that this locale has not is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_app(list(sys.argv[1:] if arguments is None else arguments)))


def run_app(arguments: Sequence[str]) -> int:
    """The command's exit code; every expected error is one message on stderr."""
    logging.captureWarnings(True)
    try:
        result = make_app(arguments)(
            list(arguments), exit_on_error=False, print_error=True, result_action="return_value"
        )
    except CycloptsError:
        return WRONG_USE  # already printed, with usage
    except (UsageError, SettingsError, FeedListError, DedupeError) as error:
        return _say(error, WRONG_USE)
    except (RunFailed, StoreError, StoreBusy, WirecopyError) as error:
        return _say(error, PROBLEMS)
    except BrokenPipeError:
        sys.stderr.close()  # `wirecopy query … | head` is no error
        return DONE
    except KeyboardInterrupt:
        ERR.print("Stopped. What was finished is in the store; run again to go on.")
        return 130
    except Exception as error:
        if fault := explain_fault(error):
            return _say(fault, PROBLEMS)
        raise  # a bug
    return result if isinstance(result, int) else DONE


def _say(error: Exception | str, code: int) -> int:
    ERR.print(f"[bold red]error:[/] {plain(str(error))}", soft_wrap=True)
    return code
