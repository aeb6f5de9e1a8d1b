"""A trace in a process of its own: what it loads and takes is gone with it, and it can be killed if it takes too long.

The web server that answers for the pages, in Airflow that of all users, stays small and quick.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import date, timedelta
from threading import BoundedSemaphore
from typing import Final

from dedupe.errors import DedupeError
from wirecopy.errors import StoreError, WirecopyError
from wirecopy.explain.tracing import GivenText, Trace, trace
from wirecopy.store.files.layout import Layout

LONGEST: Final = timedelta(seconds=60)  # a month of 10,000 articles a day takes some ten
# Dates whose texts have to be read, as dedupe has not seen them yet: some seconds of CPU each.
UNREAD: Final = 2
AT_ONCE: Final = BoundedSemaphore(1)


def trace_apart(layout: Layout, given: GivenText, first: date, last: date) -> Trace:
    """What `explain.tracing.trace` finds. Raises StoreError, with the next step, whatever goes wrong."""
    dates = {day for day in layout.dates("articles") if first <= day <= last}
    if len(dates - set(layout.dates("sketches"))) > UNREAD:
        raise StoreError(
            "The copies of these days have not been computed yet, so their texts would have to be read one by one. "
            "Choose other days, wait for dedupe, or ask with `wirecopy trace`."
        )
    if not AT_ONCE.acquire(timeout=LONGEST.total_seconds()):
        raise StoreError("Another trace is at work. Try again in a moment.")
    try:
        return _answer(layout, given, first, last)
    finally:
        AT_ONCE.release()


def _answer(layout: Layout, given: GivenText, first: date, last: date) -> Trace:
    question = pickle.dumps((layout, given, first, last))
    try:
        done = subprocess.run(  # noqa: S603 - this very module
            [sys.executable, "-m", __name__],
            input=question,
            capture_output=True,
            check=False,
            timeout=LONGEST.total_seconds(),
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError(f"This took longer than {LONGEST.total_seconds():.0f} s. Ask for fewer days.") from error
    if done.returncode:
        last_line = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise StoreError(f"The trace ended with {done.returncode} ({last_line[:200]}). `wirecopy trace` says more.")
    found: Trace | str = pickle.loads(done.stdout)  # noqa: S301 - of our own child
    if isinstance(found, str):
        raise StoreError(found)
    return found


def main() -> None:
    """The child: a question from stdin, a Trace or a sentence to stdout."""
    layout, given, first, last = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own parent
    answer: Trace | str
    try:
        answer = trace(layout, given, first=first, last=last)
    except (WirecopyError, DedupeError) as error:
        answer = str(error)
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    main()
