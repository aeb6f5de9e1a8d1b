"""`wirecopy explain`: an article's cluster, from the store or from a file."""

from __future__ import annotations

import csv
import json

import pytest

from tests.wirecopy.builders import at, capture, commit, name
from tests.wirecopy.cli import samples
from wirecopy.explain import wording
from wirecopy.explain.clusterview import Member
from wirecopy.store.files.layout import Layout
from wirecopy.store.query.read import rows

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("command")]

CLUSTER = "SELECT cluster_id, article_id, role, a.url, a.date FROM clusters c JOIN articles a USING (article_id)"


def ask(filled, sql):
    return rows(Layout(filled.folder / "data"), sql)


@pytest.fixture
def copy(there):
    """A copy of the newsroom that has an origin of an agency, as a row of `clusters`."""
    return ask(there, f"{CLUSTER} WHERE role = 'copy' AND relation = 'derived' ORDER BY article_id LIMIT 1")[0]


def test_a_cluster_from_the_store(there, call, copy):
    """Everyone in the order of time, the origin and why, and what each shares: offsets say the words that they name."""
    found = json.loads(call("explain", copy["article_id"], "--json").out)
    members = found["members"]
    assert found["asked"] == copy["article_id"]
    assert found["cluster_id"] == copy["cluster_id"] == members[0]["id"]
    assert [one["published_at"] for one in members] == sorted(one["published_at"] for one in members)
    assert [one["id"] for one in members if one["role"] == "origin"] == [found["origin_id"]]
    assert found["reason"] == "agency"
    (match,) = [one for one in found["matches"] if copy["article_id"] in (one["left_id"], one["right_id"])][:1]
    assert match["relation"] == "derived"
    assert {"left", "right", "words", "quotation"} <= set(match["passages"][0])
    assert any(not one["quotation"] and len(one["left"].split()) >= 4 for one in match["passages"])


def test_every_way_to_name_an_article(there, call, copy):
    """Its id, the beginning of it, and its address, also with a tracker, mean one article."""
    names = [copy["article_id"], copy["article_id"][:10].upper(), copy["url"], copy["url"] + "?utm_source=feed"]
    answers = [call("explain", name, "--json") for name in names]
    assert [answer.code for answer in answers] == [0] * 4
    assert {answer.out for answer in answers} == {answers[0].out}


def test_words_of_a_headline(there, call):
    """They name a cluster if they fit no other one; else the articles that they fit are listed."""
    found = json.loads(call("explain", "Treasure cleaner", "--json").out)
    assert any(one["title"] == "Cleaner finds a treasure in a locker" for one in found["members"])
    assert json.loads(call("explain", "astrolabe", "--json").out)["cluster_id"] == found["cluster_id"]
    answer = call("explain", "port")
    assert answer.code == 1
    assert "Several clusters have 'port' in a headline" in answer.err
    listed = [line.split()[0] for line in answer.err.strip().splitlines()[1:]]
    clusters = {json.loads(call("explain", one, "--json").out)["cluster_id"] for one in listed}
    assert len(clusters) == len(listed) >= 2


def test_a_pipe_gets_lines_without_colour(there, call, copy):
    """A row per article, cut by tabs, never wrapped; then the passages."""
    out = call("explain", copy["article_id"]).out
    assert "\x1b" not in out
    table = out[out.index("article_id\t") :].split("\n\n")[0]
    rows = list(csv.DictReader(table.splitlines(), delimiter="\t"))
    assert {row["role"] for row in rows} == {"origin", "copy"}
    assert [row["relation"] for row in rows if row["article_id"] == copy["article_id"]] == ["derived"]
    assert "left_start" in out


def test_an_article_that_stands_alone(there, call):
    """It says so."""
    (row,) = ask(there, f"{CLUSTER} WHERE role = 'alone' ORDER BY article_id LIMIT 1")
    answer = call("explain", row["article_id"])
    assert answer.code == 0
    assert "stands alone" in answer.out


def test_copies_that_are_out_of_date_are_announced(there, call, copy):
    """What was computed with other parameters, or before articles changed, is shown with a remark."""
    matches = Layout(there.folder / "data").partition("matches", copy["date"])
    kept = matches.read_bytes()
    matches.unlink()
    try:
        answer = call("explain", copy["article_id"])
    finally:
        matches.write_bytes(kept)
    assert answer.code == 0
    assert "wirecopy rededup" in answer.out


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        pytest.param("0000000000", "No article has an id that begins with", id="no-such-id"),
        pytest.param("zeppelin crash", "none has these words in its headline", id="no-headline"),
        pytest.param("", "none has these words in its headline", id="nothing"),
        pytest.param("https://gazette.example/nowhere", "No article or feed entry has the address", id="no-address"),
    ],
)
def test_nothing_of_that_name(there, call, asked, says):
    """Exit 1, and how to find one."""
    answer = call("explain", asked)
    assert (answer.code, answer.out) == (1, "")
    assert says in answer.err
    assert "wirecopy query" in answer.err


def test_an_entry_that_gave_no_article(there, call):
    """The address of an entry that failed is answered with how it ended."""
    (row,) = ask(there, "SELECT link, code FROM outcomes WHERE code = 'robots'")
    answer = call("explain", row["link"])
    assert answer.code == 1
    assert "gave no article: robots" in answer.err


def test_an_ambiguous_beginning_names_the_articles(there, call):
    """Four characters may fit several."""
    layout = Layout(there.folder / "twins").make()
    twins = ("abcd" + name("one")[4:], "abcd" + name("two")[4:])
    commit(layout, *(capture(one[-3:], one, article_id=one, title=f"Twin {one[-3:]}") for one in twins))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIRECOPY_DATA", str(layout.root))
        answer = call("explain", "abcd")
        single = call("explain", twins[0])
    assert answer.code == 1
    assert all(one in answer.err for one in twins)
    assert "stands alone" in single.out  # and nobody has clustered it yet


def test_a_cluster_from_a_file(call, harbour):
    """--in explains a collection; the agency's own text is the origin, though another is dated before it."""
    found = json.loads(call("explain", "courier", "--in", harbour, "--json").out)
    assert found["origin_id"] == "wire"
    assert found["reason"] == "agency"
    assert [one["delay_seconds"] for one in found["members"]] == [-3600, 0, 7200, 10800]
    assert {one["id"]: one["relation"] for one in found["members"]}["courier"] == "identical"


def test_an_update_is_told_apart(call, tmp_path):
    """A publisher that carries its own text on: related, but not merged, and it says why."""
    rows = [
        samples.row("first", samples.WIRE, "Courier", 9),
        samples.row("later", samples.REWORDED, "Courier", 15),
    ]
    path = samples.write(tmp_path / "update.jsonl", rows)
    found = json.loads(call("explain", "first", "--in", path, "--json").out)
    assert [one["relation"] for one in found["apart"]] == ["update"]
    out = call("explain", "first", "--in", path).out
    assert "stands alone" in out
    assert "the same publisher carries its text on: never merged" in out


@pytest.mark.parametrize("terminal", ["0", "1"])
def test_an_article_does_not_steer_the_terminal(call, tmp_path, monkeypatch, terminal):
    """Escape sequences and marks that turn the direction are shown as what they are: nothing to be obeyed."""
    monkeypatch.setenv("TTY_COMPATIBLE", terminal)
    attack = "\x1b]0;owned\x07\x1b[2J\u202e"
    rows = [
        samples.row("one", f"{samples.WIRE} {attack}", attack + "Wire", 9, title=f"[red]{attack}[/] Basin"),
        samples.row("two", f"{attack}\n{samples.REWORDED}", attack + "Post", 10, title=attack),
    ]
    path = samples.write(tmp_path / "attack.jsonl", rows)
    for answer in (
        call("explain", "two", "--in", path),
        call("cluster", path),
        call("explain", "[/]\x1b[2J", "--in", path),
    ):
        said = answer.out + answer.err  # rich itself hides the cursor while a bar is drawn
        assert not [piece for piece in ("\x1b]0", "\x1b[2J", "\x07", "\u202e") if piece in said]
    assert "[red]" in call("cluster", path).out


def test_an_unknown_id_of_a_file(call, harbour):
    """Exit 2, with ids that are there."""
    for asked in ("nobody", ""):
        answer = call("explain", asked, "--in", harbour)
        assert answer.code == 2
        assert "no id that begins with" in answer.err
        assert "'wire'" in answer.err
    assert json.loads(call("explain", "wi", "--in", harbour, "--json").out)["asked"] == "wire"


def member(hours: float | None, name: str = "a", *, whole_day: bool = False) -> Member:
    when = None if hours is None else at(hours)
    return Member(
        id=name, text="", title=None, publisher=None, agency=None, language=None, url=None, published_at=when,
        whole_day=whole_day, date=None, role="copy", relation=None, probability=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "said"),
    [
        pytest.param(member(12 + 10 / 60), "+2 h 10 min", id="hours"),
        pytest.param(member(10 + 1 / 60), "+1 min", id="minutes"),
        pytest.param(member(10 + 30 / 3600), "+30 s", id="seconds"),
        pytest.param(member(10 + 76), "+3 d 4 h", id="days"),
        pytest.param(member(9.5), "−30 min", id="before"),
        pytest.param(member(10), "same time", id="same-time"),
        pytest.param(member(None), "", id="undated"),
        pytest.param(member(0, whole_day=True), "same day", id="only-the-day"),
        pytest.param(member(30, whole_day=True), "+1 d", id="only-the-next-day"),
        pytest.param(member(10, "origin"), "", id="the-origin-itself"),
    ],
)
def test_delays(one, said):
    """The two largest units, signed; no more than the dates tell."""
    assert wording.delay(one, member(10, "origin")) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (0.9975, "> 99%"), (0.985, "98%"), (0.5, "50%"), (0.001, "< 1%")],
)
def test_probabilities_are_never_certain(value, said):
    """No label supports 100%."""
    assert wording.probable(value) == said


def weather(day, publisher="gazette"):
    """One instalment of a series."""
    sky, town, road = ("clear Orrin icy", "grey Birk foggy", "bright Tarnby dry", "wet Holm flooded")[day].split()
    text = (
        f"The weather service expects {sky} skies over the whole province of {town} today and asks drivers to look out "
        f"for {road} patches on the roads near the coast.\nFishermen are advised to stay in the harbour until the wind "
        f"has calmed down, and ferries may be late by up to {10 + 17 * day} minutes, the service in {town} said."
    )
    return {
        "id": f"{publisher}-{day}",
        "publisher": publisher,
        "published_at": at(8, 20 + day).isoformat(),
        "text": text,
    }


def test_why_two_weather_reports_are_no_copies(call, tmp_path):
    """`compare` among the texts of a collection names the formula, and the page underlines it."""
    file = tmp_path / "weather.jsonl"
    file.write_text("\n".join(json.dumps(weather(day)) for day in range(4)))
    found = json.loads(call("compare", "gazette-2", "gazette-3", "--in", file, "--json").out)
    assert found["relation"] is None
    assert {"formula"} <= {one["why"] for one in found["removed_left"]}
    assert all(one["text"] in weather(3)["text"] for one in found["removed_right"])
    answer = call("compare", "gazette-2", "gazette-3", "--in", file, "--html", tmp_path / "both.html")
    assert "gazette-3: formula," in answer.out
    assert 'class="out" title="taken out: formula' in (tmp_path / "both.html").read_text()


def test_two_articles_of_the_store(there, call, copy):
    """They are compared among the texts of their days, as the store did it."""
    found = json.loads(call("explain", copy["article_id"], "--json").out)
    match = next(one for one in found["matches"] if one["removed_left"])  # of the pairs that are shown
    again = json.loads(call("compare", match["left_id"], match["right_id"], "--json").out)
    same = ("left_id", "right_id", "relation", "score", "probability", "reason", "quotation_agreement")
    assert {name: again[name] for name in same} == {name: match[name] for name in same}
    assert again["removed_left"] == match["removed_left"]
    assert "quotation" in {one["why"] for one in match["removed_left"]}
    assert "taken out before they were compared" in call("explain", copy["article_id"]).out
    assert "Both are" in call("compare", match["left_id"], match["left_id"]).err
