"""The feed list's file: read as it is, and replaced whole."""

from __future__ import annotations

from collections.abc import Callable

from ingest.feedlist.feedlist import parse_feed_list
from ingest.records import Feed
from wirecopy.errors import UsageError
from wirecopy.settings import Settings
from wirecopy.userfiles import replacing


def read_feed_list(settings: Settings) -> str:
    """The text of the feed list, line ends and all; empty if there is none yet."""
    try:
        return settings.feed_list.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{settings.feed_list} cannot be read ({error}). It must be a file in UTF-8.") from error


def feeds_in(settings: Settings, text: str) -> tuple[Feed, ...]:
    """The feeds of that list, whose text this is; none if it is empty, which no list that is read may be."""
    return tuple(parse_feed_list(text, name=str(settings.feed_list)).feeds) if text else ()


def change_feed_list(settings: Settings, change: Callable[[str], str]) -> None:
    """Replace the feed list by what *change* makes of it; a run that reads it meanwhile sees the old or the new one.

    A link stays a link, and the file keeps its permissions.
    """
    path = settings.feed_list.resolve()
    text = change(read_feed_list(settings))
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        with replacing(path) as staged:
            staged.touch(mode)  # before there is a word in it
            staged.write_bytes(text.encode())
            staged.chmod(mode)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error}). Change its permissions, or edit it by hand.") from error
