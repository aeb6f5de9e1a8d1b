"""`wirecopy`: the command's entry, its groups, and what errors look like."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence

from cyclopts import App, CycloptsError, Group, Parameter

from wirecopy import __version__
from wirecopy.cli.airflow import airflow
from wirecopy.cli.clustering import cluster
from wirecopy.cli.comparing import compare
from wirecopy.cli.console import ERR, plain
from wirecopy.cli.discovering import discover
from wirecopy.cli.doctor import doctor
from wirecopy.cli.explaining import explain
from wirecopy.cli.feeds import feeds
from wirecopy.cli.forgetting import forget
from wirecopy.cli.queries import query
from wirecopy.cli.raw import raw
from wirecopy.cli.runs import rededup, reextract, run
from wirecopy.cli.shell import shell
from wirecopy.cli.status import status
from wirecopy.cli.storing import store
from wirecopy.cli.world import world
from wirecopy.errors import RunFailed, SettingsError, StoreBusy, StoreError, UsageError, WirecopyError

DONE, PROBLEMS, WRONG_USE = 0, 1, 2

app = App(
    name="wirecopy",
    version=__version__,
    help="Streaming news ingestion: feeds in, parquet out, copies found even when reworded.",
    help_epilogue="Settings: WIRECOPY_* variables, then wirecopy.toml (docs/settings.md). "
    "Exit: 0 done, 1 found problems, 2 wrong use.",
    help_format="markdown",
    default_parameter=Parameter(show_default=False, negative=()),
)
TAKE, ASK, TEXTS, CARE = map(Group.create_ordered, ("Take and compute", "Ask the store", "Any texts", "Look after it"))
COMMANDS: dict[Group, tuple[Callable[..., int], ...]] = {
    TAKE: (run, rededup, reextract, airflow),
    ASK: (status, query, shell, explain),
    TEXTS: (cluster, compare),
    CARE: (doctor, forget),
}
for group, commands in COMMANDS.items():
    for command in commands:
        app.command(command, group=group)
for command in (discover, world):
    feeds.command(command)
for group_of_commands in (feeds, raw, store):
    group_of_commands.group = (CARE,)
    app.command(group_of_commands)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 found problems, 2 wrong use."""
    sys.exit(run_app(list(sys.argv[1:] if arguments is None else arguments)))


def run_app(arguments: Sequence[str]) -> int:
    """The command's exit code; every expected error is one message on stderr."""
    logging.captureWarnings(True)
    try:
        result = app(list(arguments), exit_on_error=False, print_error=True, result_action="return_value")
    except CycloptsError:
        return WRONG_USE  # already printed, with usage
    except (UsageError, SettingsError) as error:
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
        if _is_expected(error):
            return _say(error, WRONG_USE)
        raise
    return result if isinstance(result, int) else DONE


def _is_expected(error: Exception) -> bool:
    """Errors of the rooms that are the user's to mend."""
    from dedupe.errors import DedupeError
    from ingest.errors import FeedListError

    return isinstance(error, FeedListError | DedupeError)


def _say(error: Exception, code: int) -> int:
    ERR.print(f"[bold red]error:[/] {plain(str(error))}", soft_wrap=True)
    return code
