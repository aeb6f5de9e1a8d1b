"""Whose home is whose: runs of two feed lists are never mixed, and nobody gets the demo's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.airflow.test_stopping import fails
from tests.ports import free_port
from wirecopy.errors import UsageError
from wirecopy.local.home import DEMO, Home, claim, home_of

CHECKOUT = Path("/srv/wirecopy")
NEWS = Path("/home/me/news")


@pytest.mark.parametrize(
    ("folder", "feeds", "home"),
    [
        pytest.param(NEWS, None, CHECKOUT / ".airflow", id="demo"),
        pytest.param(NEWS, NEWS / "feeds.toml", NEWS / ".airflow-feeds", id="own"),
        pytest.param(NEWS, NEWS / "sport.toml", NEWS / ".airflow-sport", id="second-list-of-a-folder"),
        pytest.param(CHECKOUT, CHECKOUT / "feeds.toml", CHECKOUT / ".airflow-feeds", id="in-the-checkout"),
    ],
)
def test_default_homes(folder: Path, feeds: Path | None, home: Path):
    """Beside the settings, named by the feed list."""
    assert home_of(CHECKOUT, folder, feeds) == home


def test_lists_of_other_folders_have_homes_of_their_own():
    """Two lists of one name."""
    found = {home_of(CHECKOUT, NEWS, Path(place) / "feeds.toml") for place in ("/etc/a", "/etc/b", "/home/me/news")}
    assert len(found) == 3
    assert {home.parent for home in found} == {NEWS}


def test_a_home_stays_its_owners(tmp_path: Path):
    """It may be used again by the same list, and by no other; the demo's, also one of an older version, by nobody."""
    home = Home(tmp_path / "home").make()
    claim(home, NEWS / "feeds.toml")
    claim(home, NEWS / "feeds.toml")
    for other in (NEWS / "sport.toml", None):
        with pytest.raises(UsageError, match=r"is the home of /home/me/news/feeds.toml.*--home"):
            claim(home, other)
    demo = Home(tmp_path / "demo").make()
    demo.demo.mkdir()
    (demo.demo / "wirecopy.toml").touch()
    with pytest.raises(UsageError, match=f"is the home of {DEMO}"):
        claim(demo, NEWS / "feeds.toml")
    claim(demo, None)


def test_the_command_refuses_the_demos_home(tmp_path: Path):
    """Before anything is started."""
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "a"\nurl = "https://a.example/feed"\n')
    claim(Home(tmp_path / "home").make(), None)
    code, said = fails("--home", str(tmp_path / "home"), "--port", str(free_port()), cwd=tmp_path)
    assert code == 2
    assert f"is the home of {DEMO}" in said
