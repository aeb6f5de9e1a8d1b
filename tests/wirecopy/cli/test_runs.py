"""`wirecopy run` and `wirecopy rededup`, as a user types them."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]


def test_a_live_pass_accounts_for_every_entry(empty):
    """Entries seen = tried + counted; the copies are found in the same command."""
    result = empty.json("run")
    (run,) = result["runs"]
    left = sum(run["entries"][name] for name in ("known", "too_old", "outside", "repeated", "deferred"))
    assert run["entries"]["entries"] == sum(run["outcomes"].values()) + left
    assert run["outcomes"]["stored"] > 80
    assert run["unaccounted"] == 0
    assert len(result["dedupe"]["dates"]) == 3
    assert result["dedupe"]["copies"] > 30


def test_a_second_pass_finds_nothing_new(filled):
    """The feeds are not due again at the same instant, and nothing changes."""
    result = filled.json("run")
    assert result["runs"][0]["dates"] == []
    assert result["dedupe"]["dates"] == []


def test_past_days_get_their_own_articles(empty):
    """`--from --to` takes only what was published inside."""
    done = empty("run", "--from", "2026-11-22", "--to", "2026-11-23", "--no-dedupe")
    assert done.returncode == 0, done.stderr
    days = empty.json("query", "SELECT date::VARCHAR AS day, count(*) AS n FROM articles GROUP BY ALL ORDER BY ALL")
    assert [row["day"] for row in days] == ["2026-11-22", "2026-11-23"]


def test_one_feed_only(empty):
    """--feed limits a run to it."""
    result = empty.json("run", "--feed", "ledger", "--no-dedupe")
    assert result["runs"][0]["due_feeds"] == 1


def test_more_than_half_of_the_feeds_down_is_red(empty):
    """A past run that could read hardly anything says so and exits 1; a single feed down is no reason."""
    publishers = list(empty.newsroom.addresses)
    for publisher in publishers:
        empty.newsroom.fault(publisher, off=True)
    try:
        done = empty("run", "--from", "2026-11-22", "--to", "2026-11-22")
    finally:
        for publisher in publishers:
            empty.newsroom.fault(publisher, off=False)
    assert done.returncode == 1
    assert "feeds could not be read" in done.stderr
    assert "run this interval again" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["run", "--from", "2026-11-22"], "--from and --to go together", id="half-an-interval"),
        pytest.param(["run", "--from", "2026-11-23", "--to", "2026-11-22"], "is not before", id="backwards"),
        pytest.param(["run", "--from", "22.11.2026", "--to", "2026-11-23"], "2026-11-22", id="no-date"),
        pytest.param(["run", "--feed", "ledgre"], "Did you mean", id="unknown-feed"),
        pytest.param(["rededup", "--again"], "--again needs --from and --to", id="again-what"),
        pytest.param(["rum"], 'Did you mean "run"', id="unknown-command"),
    ],
)
def test_wrong_use_exits_2_and_says_what_to_do(empty, arguments, says):
    """Wrong use is one message on stderr, without a traceback."""
    done = empty(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        pytest.param({"WIRECOPY_DTAA": "x"}, "Did you mean WIRECOPY_DATA", id="unknown-variable"),
        pytest.param({"WIRECOPY_HOST_GAP": "soon"}, "WIRECOPY_HOST_GAP", id="no-duration"),
        pytest.param({"WIRECOPY_FEEDS": "nowhere.toml"}, "nowhere.toml does not exist", id="no-feed-list"),
        pytest.param({"WIRECOPY_CONFIG": "nowhere.toml"}, "WIRECOPY_CONFIG names nowhere.toml", id="no-settings-file"),
        pytest.param({"WIRECOPY_STATE_URL": "sqlite:////nowhere/at/all.db"}, "WIRECOPY_STATE_URL", id="no-database"),
    ],
)
def test_wrong_settings_exit_2_and_name_the_setting(empty, variables, says):
    """A wrong setting is named, with what to do."""
    done = empty("run", **variables)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_rededup_again_changes_no_byte(filled):
    """Computing a date once more gives the file that is there."""
    files = sorted((filled.folder / "data/store").glob("[cm]*/**/*.parquet"))
    before = [path.read_bytes() for path in files]
    result = filled.json("rededup", "--from", "2026-11-22", "--to", "2026-11-24", "--again")
    assert len(result["dates"]) == 3
    assert [path.read_bytes() for path in files] == before
