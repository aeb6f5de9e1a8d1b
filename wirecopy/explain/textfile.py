"""Text files that a user named."""

from __future__ import annotations

import codecs
from pathlib import Path
from shlex import quote

from wirecopy.errors import UsageError


def read_text(path: Path) -> str:
    """The text of a file that a user named, in UTF-8, without a mark of the byte order. Raises UsageError; a file that
    is not there raises FileNotFoundError.
    """
    try:
        found = path.read_bytes()
        if found.startswith(b"%PDF"):
            raise UsageError(f"{path} is a PDF. Take its text: `pdftotext {quote(str(path))} text.txt`.")
        return found.decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise UsageError(no_utf8(path, error)) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}). Name a text file.") from error


def no_utf8(path: Path, error: UnicodeDecodeError) -> str:
    """What to do with a file that is in another encoding, or no text at all."""
    begin = bytes(error.object[:2])
    named = "UTF-16" if begin in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "WINDOWS-1252"
    return (
        f"{path} is no text in UTF-8 ({error.reason}). If it is a text in {named}, convert it: "
        f"`iconv -f {named} -t UTF-8 {quote(str(path))} > utf8{path.suffix}`."
    )
