"""`python -m airflow api-server|scheduler|dag-processor|triggerer|db migrate`: processes as Airflow's, without Airflow.

The scheduler starts a worker in a session of its own, as a task at work is: no end of a process group reaches it, and
whoever ends everything must find that one too.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

HEALTH = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")}
SLOW = 1.0  # seconds until the api-server listens: Airflow's takes ten or more
WORKER = "import signal; signal.pause()"


class Health(BaseHTTPRequestHandler):
    """Answers every question with the health of all."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(HEALTH).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def api_place() -> tuple[str, int]:
    """Where the api-server listens."""
    return os.environ["AIRFLOW__API__HOST"], int(os.environ["AIRFLOW__API__PORT"])


def main(command: str) -> None:
    if command == "db":
        (Path(os.environ["AIRFLOW_HOME"]) / "airflow.cfg").touch()
    elif command == "api-server":
        time.sleep(SLOW)
        HTTPServer(api_place(), Health).serve_forever()
    elif command == "scheduler":
        with socket.socket() as one:
            answer = one.connect_ex(api_place())
        (Path(os.environ["AIRFLOW_HOME"]) / "scheduler-found").write_text("nobody" if answer else "the api-server")
        subprocess.Popen([sys.executable, "-c", WORKER], start_new_session=True)
        signal.pause()
    else:
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
