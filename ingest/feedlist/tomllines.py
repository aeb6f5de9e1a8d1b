"""On which line of a TOML text a key stands: tomllib tells lines only of syntax errors."""

from __future__ import annotations

import re


class TomlLines:
    """Finds the tables `[[name]]` of one array and their keys. A near miss is good enough: it is for messages."""

    def __init__(self, text: str, array: str) -> None:
        # What looks like a table inside a multi-line string is none.
        hidden = re.sub(r'"""(?s:.*?)"""|\'\'\'(?s:.*?)\'\'\'', lambda match: '""' + "\n" * match[0].count("\n"), text)
        header = re.compile(rf"\s*\[\[\s*[\"']?{array}[\"']?\s*\]\]")
        self._array = array
        self._lines = hidden.splitlines()
        self._starts = [number for number, line in enumerate(self._lines, 1) if header.match(line)]

    def key(self, index: int, key: str | None) -> int:
        """The line of *key* in the table *index* of the array, else that of the table's header."""
        if index >= len(self._starts):
            return 1  # an array written inline
        start = self._starts[index]
        end = self._starts[index + 1] - 1 if index + 1 < len(self._starts) else len(self._lines)
        return (key and self._find(key, start, end)) or start

    def top(self, key: str) -> int:
        """The first line that sets or heads *key*, anywhere."""
        return self._find(key, 0, len(self._lines)) or 1

    def _find(self, key: str, start: int, end: int) -> int | None:
        word = rf"[\"']?{re.escape(key)}[\"']?"
        pattern = re.compile(rf"\s*(?:{word}\s*[=.]|\[\[?\s*(?:{self._array}\s*\.\s*)?{word}\s*[\].])")
        return next((number for number in range(start + 1, end + 1) if pattern.match(self._lines[number - 1])), None)
