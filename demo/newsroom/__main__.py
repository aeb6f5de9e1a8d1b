"""The newsroom as a command: `python -m demo.newsroom`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo.newsroom.newsroom import PORT, Newsroom, real_clock
from demo.newsroom.sockets import NewsroomError

EXAMPLES = """\
examples:
  python -m demo.newsroom                                   three days that ended last midnight (UTC), all published
  python -m demo.newsroom --clock real                      the third day is today: articles appear as the day goes on
  python -m demo.newsroom --anchor 2026-11-25T00:00Z --now 2026-11-23T12:00Z --feeds feeds.toml
  curl -X PUT -d '{"now": "2026-11-24T08:00Z"}' http://127.0.0.11:8640/_newsroom/now
  curl -X POST -d '{"publisher": "harbor", "off": true}' http://127.0.0.11:8640/_newsroom/fault
"""


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit code."""
    options = _parser().parse_args(arguments)
    anchor = options.anchor or _midnight(coming=options.clock == "real")
    now = real_clock if options.clock == "real" else options.now
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        with Newsroom(anchor=anchor, now=now, port=options.port) as newsroom:
            if options.feeds:
                newsroom.write_feeds(options.feeds)
            print(_greeting(newsroom, options.feeds), flush=True)
            stop.wait()
    except NewsroomError as error:
        print(f"newsroom: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo.newsroom",
        description="Serve a small invented news world: publishers on loopback addresses, with feeds and pages.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--port", type=_port, default=PORT, help="the same on every address; 0: any free one (default: %(default)s)"
    )
    parser.add_argument(
        "--anchor",
        type=_instant,
        metavar="ISO",
        help="end of the world's third day (default: last midnight UTC; with --clock real the coming one)",
    )
    time = parser.add_mutually_exclusive_group()
    time.add_argument("--now", type=_instant, metavar="ISO", help="stand still at this instant (default: the anchor)")
    time.add_argument("--clock", choices=["real"], help="go with the machine's time")
    parser.add_argument("--feeds", type=Path, metavar="PATH", help="write a feeds.toml for wirecopy here")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port lies between 0 and 65535, not at {text}")
    return port


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no zone; add Z")
    return instant.astimezone(UTC)


def _midnight(*, coming: bool) -> datetime:
    today = real_clock().replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1) if coming else today


def _greeting(newsroom: Newsroom, feeds: Path | None) -> str:
    days = ", ".join(f"{day:%Y-%m-%d}" for day in newsroom.days)
    lines = [f"The newsroom's days: {days}; it is {newsroom.now:%Y-%m-%d %H:%M}Z there."]
    for publisher in newsroom.world.publishers.values():
        addresses = " ".join(newsroom.url(feed.id) for feed in publisher.feeds)
        lines.append(f"  {publisher.name:<27} {addresses}")
    lines += [f"Feed list: {feeds}"] if feeds else []
    return "\n".join([*lines, "Stop with Ctrl-C."])


if __name__ == "__main__":
    sys.exit(main())
