"""`python -m bench.scale window|engines`: what a date of a large window costs, and by which engine."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.scale import engines, window


def main() -> None:
    """Run one bench and print its lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    commands = parser.add_subparsers(dest="bench", required=True)
    for name, said, usual in (
        ("window", "the last of eight dates, in processes of its own", [100_000, 400_000]),
        ("engines", "all eight dates by local, by tasks as Airflow runs them, and by a Spark of two cores", [100_000]),
    ):
        command = commands.add_parser(name, help=said)
        command.add_argument("--texts", type=int, nargs="+", default=usual, help="texts of the eight dates together")
        command.add_argument("--store", type=Path, help="folder to keep the made-up stores in, about 2 kB a text")
    arguments = parser.parse_args()
    show = {"window": window.show, "engines": engines.show}[arguments.bench]
    with tempfile.TemporaryDirectory() as folder:
        place = arguments.store or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for count in arguments.texts:
            show(place, count)


if __name__ == "__main__":
    main()
