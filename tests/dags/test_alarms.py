"""`wirecopy_alarms`, with Airflow's own notifier and a real mail server: an alarm that arrives."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.dags.conftest import ANCHOR, DAY, Desk
from tests.dags.mailserver import MailServer, mail_server
from wirecopy.store.alerts import booked_runs, read_alerts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dags")]  # one AIRFLOW_HOME, and three days filled once
SMTP = "airflow.providers.smtp.notifications.smtp.SmtpNotifier"
DOWN = ("meridian", "harbor", "courier", "northline", "ledger", "voz")


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server, Airflow's connection to it, and the setting that sends alarms there."""
    with mail_server() as server:
        _connect(monkeypatch, server.port)
        wanted = [{"notifier": SMTP, "to": "desk@news.example", "from_email": "wirecopy@news.example"}]
        monkeypatch.setenv("WIRECOPY_NOTIFY", json.dumps(wanted))
        monkeypatch.setenv("WIRECOPY_MUTE", "copies_out_of_date,disk,run_late")
        yield server


def _connect(patch: pytest.MonkeyPatch, port: int) -> None:
    extra = {"disable_tls": True, "disable_ssl": True}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}
    patch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))


def test_an_alarm_arrives(desk: Desk, mails: MailServer):
    """A red day: one mail that says what, since when and what to do; none while it stands; one when it is over."""
    with desk.switched_off(*DOWN):
        assert desk.run("wirecopy_day", ANCHOR - DAY).state == "failed"
    assert desk.run("wirecopy_alarms", ANCHOR).state == "success"
    (mail,) = mails.mails
    said = mail.get_body(("html", "plain")).get_content()  # type: ignore[union-attr]
    assert mail["To"] == "desk@news.example"
    assert mail["Subject"].startswith("[wirecopy] alarm:")
    assert "wirecopy_day of 2026-11-23 is red: " in said
    assert "feeds could not be read" in said
    assert "What to do: open manual__" in said
    assert "since 2026-" in said
    desk.at(ANCHOR + timedelta(minutes=15)).run("wirecopy_alarms", ANCHOR + timedelta(minutes=15))
    assert len(mails.mails) == 1
    _forget_red_runs()
    desk.at(ANCHOR + timedelta(minutes=30)).run("wirecopy_alarms", ANCHOR + timedelta(minutes=30))
    assert len(mails.mails) == 2
    assert "over" in mails.mails[1]["Subject"]
    told = [(row["kind"], row["event"]) for row in read_alerts(desk.layout, ANCHOR + DAY) if row["told"]]
    assert ("run_failed", "raised") in told
    assert ("run_failed", "cleared") in told


def test_a_red_run_without_a_logical_date(desk: Desk, caplog: pytest.LogCaptureFixture):
    """Airflow cannot list it, so it has booked itself: told once with its reason, and over when it was mended; one that
    was deleted is forgotten.
    """
    wrong = {"action": "rededup", "first": "2026-11-25", "last": "2026-11-01"}
    assert desk.run("wirecopy_dedupe").state == "success"
    assert desk.run("wirecopy_reprocess", **wrong).state == "failed"
    for minutes in (0, 15):
        desk.at(ANCHOR + timedelta(minutes=minutes)).run("wirecopy_alarms", ANCHOR + timedelta(minutes=minutes))
    ours = [row for row in read_alerts(desk.layout, ANCHOR + DAY) if row["subject"] == "wirecopy_reprocess"]
    assert [(row["kind"], row["event"]) for row in ours] == [("run_failed", "raised")]
    assert re.search(r"^wirecopy_reprocess of .* is red: .*2026-11-01", ours[0]["says"])
    _forget_red_runs()
    desk.run("wirecopy_alarms", ANCHOR + timedelta(minutes=30))
    ours = [row for row in read_alerts(desk.layout, ANCHOR + DAY) if row["subject"] == "wirecopy_reprocess"]
    assert [row["event"] for row in ours] == ["raised", "cleared"]
    assert {run["dag_id"] for run in booked_runs(desk.layout)} == {"wirecopy_dedupe", "wirecopy_reprocess"}
    _delete_runs_by_hand()
    desk.run("wirecopy_alarms", ANCHOR + timedelta(minutes=45))
    assert booked_runs(desk.layout) == []


def test_a_mail_server_that_is_down(desk: Desk, mails: MailServer, monkeypatch: pytest.MonkeyPatch):
    """The task is red and says what to mend; the alarm is booked, and sent when the server is back."""
    desk.feeds.write_text("[[feed]]\nidd = 1\n")
    _connect(monkeypatch, _closed_port())
    run = desk.run("wirecopy_alarms", ANCHOR)
    assert run.state == "failed"
    assert run.results["alarms", "reason"].startswith(f"{SMTP} could not send (")
    rows = read_alerts(desk.layout, ANCHOR + DAY)
    assert rows
    assert not any(row["told"] for row in rows)
    _connect(monkeypatch, mails.port)
    assert desk.at(ANCHOR + timedelta(minutes=15)).run("wirecopy_alarms", ANCHOR).state == "success"
    assert "line 2" in mails.mails[0].get_body(("html", "plain")).get_content()  # type: ignore[union-attr]


def test_without_a_notifier_there_are_log_and_table(desk: Desk, caplog: pytest.LogCaptureFixture):
    """A wrong feed list: a warning in the log, and a row."""
    desk.feeds.write_text("[[feed]]\nidd = 1\n")
    with caplog.at_level("WARNING"):
        assert desk.run("wirecopy_alarms", ANCHOR).state == "success"
    assert f"raised feed_list {desk.feeds}" in caplog.text
    assert {row["kind"] for row in read_alerts(desk.layout, ANCHOR + DAY) if row["told"]} >= {"feed_list"}


def _closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _forget_red_runs() -> None:
    """As when somebody has mended and cleared them."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import update

    with create_session() as session:
        session.execute(update(DagRun).where(DagRun.state == "failed").values(state="success"))


def _delete_runs_by_hand() -> None:
    """As with the button of Airflow's list of runs."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.logical_date.is_(None)))
