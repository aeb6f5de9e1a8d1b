"""Text files that a user named."""

from __future__ import annotations

import codecs
from pathlib import Path
from shlex import quote
from typing import Final

from wirecopy.errors import UsageError

UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: Path) -> str:
    """The text of a file that a user named, in UTF-8, without a mark of the byte order. Raises UsageError; a file that
    is not there raises FileNotFoundError.
    """
    try:
        found = path.read_bytes()
        if problem := _no_text(path, found):
            raise UsageError(problem)
        return found.decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise UsageError(no_utf8(path, error)) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}). Name a text file.") from error


def _no_text(path: Path, found: bytes) -> str | None:
    """What to do with a file of another kind; None for a text."""
    name = quote(str(path))
    if found.startswith(b"%PDF"):
        return f"{path} is a PDF. Take its text: `pdftotext {name} text.txt`."
    if found.startswith(b"PK\x03\x04"):
        return f"{path} is an office document or an archive. Take its text: `pandoc --to plain -o text.txt {name}`."
    if b"\0" in found and not found.startswith(UTF_16):
        return f"{path} is no text: it has bytes of zero. Save it as a text in UTF-8, and name that file."
    return None


def no_utf8(path: Path, error: UnicodeDecodeError) -> str:
    """What to do with a file that is in another encoding, or no text at all."""
    begin = bytes(error.object[:2])
    named = "UTF-16" if begin in UTF_16 else "WINDOWS-1252"
    return (
        f"{path} is no text in UTF-8 ({error.reason}). If it is a text in {named}, convert it: "
        f"`iconv -f {named} -t UTF-8 {quote(str(path))} > utf8{path.suffix}`."
    )
