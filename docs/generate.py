"""Writes the tables of docs/ that follow from the code: `python docs/generate.py`. A test holds them against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from dedupe.records import REASONS
from ingest.errors import CODES
from wirecopy.settings import Settings
from wirecopy.settingvalues import write_duration
from wirecopy.store.files.schema import RAW, TABLES
from wirecopy.store.ledger import SUCCESSES
from wirecopy.store.query.gaps import COLUMNS as GAPS
from wirecopy.store.query.viewcolumns import VIEW_COLUMNS

DOCS = Path(__file__).parent
HEAD = "<!-- written by docs/generate.py -->\n"

POLLS = {
    "ok": "the feed was read",
    "not_modified": "the server answered that nothing changed",
    "unchanged": "the same body as at the last poll",
}


def columns() -> Iterator[str]:
    """Every column of every table and view."""
    yield "# Columns\n"
    for name, schema in {**TABLES, "raw": RAW}.items():
        if name == "revisions":
            yield "## revisions\n\nThe columns of `articles`.\n"
            continue
        yield f"## {name}\n\n| column | type | meaning |\n|---|---|---|"
        for field in schema:
            yield f"| `{field.name}` | {field.type} | {field.metadata[b'description'].decode().replace('|', ',')} |"
        yield ""
        if name == "matches":
            yield "| reason | what decided |\n|---|---|"
            yield from (f"| `{reason}` | {meaning} |" for reason, meaning in REASONS.items())
            yield ""
    yield "# Columns of the views\n"
    for name, meanings in VIEW_COLUMNS.items():
        yield f"## {name}\n\n| column | meaning |\n|---|---|"
        yield from (f"| `{column}` | {text.replace('|', ',')} |" for column, text in meanings.items())
        yield ""
    yield "## gaps\n\nThe view `gaps` has a row for each feed, source and day of the last month; `gaps_by_feed` one for"
    yield "each feed and day, with the source if there is only one.\n"
    yield "| column | meaning |\n|---|---|"
    yield from (f"| `{name}` | {text} |" for name, text in GAPS.items())
    yield ""


def outcomes() -> Iterator[str]:
    """Every code."""
    yield "# Outcomes\n\nEvery entry that a run tries ends in one of these codes, one row in `outcomes` per attempt.\n"
    yield "| code | meaning |\n|---|---|"
    yield from (f"| `{code}` | {meaning} |" for code, meaning in {**SUCCESSES, **CODES}.items())
    yield "\nEntries that a run sees but does not try are counted in `polls` as known, too_old, outside, repeated"
    yield "or deferred. In every run, entries seen = tried + these counts; `verdict` is red if that sum is wrong.\n"
    yield (
        "Each poll has a code too: "
        + ", ".join(f"`{code}` ({meaning})" for code, meaning in POLLS.items())
        + ", or one of the above.\n"
    )


def settings() -> Iterator[str]:
    """Every setting."""
    yield "# Settings\n\nA setting is read from its `WIRECOPY_*` variable, else from `wirecopy.toml` (or the file that"
    yield "`WIRECOPY_CONFIG` names); otherwise the default applies. An unknown setting is an error. Durations are"
    yield "written `500ms`, `30s`, `15m`, `6h`, `7d`. A relative path starts at the folder of the settings file, or at"
    yield "the working folder if there is no settings file.\n"
    yield "| variable | key in wirecopy.toml | default | meaning |\n|---|---|---|---|"
    for name, field in Settings.model_fields.items():
        yield f"| `WIRECOPY_{name.upper()}` | `{name}` | {_default(name, field.default)} | {field.description} |"
    yield "| `WIRECOPY_LIVE_MINUTES` | | 15 | Minutes of a live interval, a divisor of 60; no key. |\n"


def _default(name: str, value: object) -> str:
    if name == "extract_workers":
        return "number of cores"
    if isinstance(value, timedelta):
        return f"`{write_duration(value)}`"
    return "" if value in (None, ()) else f"`{value}`"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "columns.md": columns,
    "outcomes.md": outcomes,
    "settings.md": settings,
}


def render(page: str) -> str:
    """The text of one page."""
    return HEAD + "\n".join(PAGES[page]())


if __name__ == "__main__":
    for page in PAGES:
        (DOCS / page).write_text(render(page), encoding="utf-8")
