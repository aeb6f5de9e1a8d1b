"""Which words are quotation."""

from __future__ import annotations

import time

import pytest

from dedupe.text.lines import find_lines
from dedupe.text.oddmarks import usual_marks
from dedupe.text.quotations import flag_quotations
from dedupe.text.words import Vocabulary, read_words


def quoted(text: str) -> str:
    """The flagged words of *text*."""
    words = read_words(usual_marks(text), Vocabulary())
    flags = flag_quotations(words, find_lines(words))
    return " ".join(words.normal[a:b] for a, b, flag in zip(words.starts, words.ends, flags, strict=True) if flag)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('He said "we will go" and left.', "we will go", id="straight"),
        pytest.param("He said “we will go” and left.", "we will go", id="curly"),
        pytest.param("Er sagte: „Wir gehen jetzt“ und ging. „Gut“, hieß es.", "Wir gehen jetzt Gut", id="german"),
        pytest.param("Er sagte: »Wir gehen« und ging.", "Wir gehen", id="german-chevrons"),
        pytest.param("Il dit « nous partons » et part.", "nous partons", id="french-with-blanks"),
        pytest.param("او گفت «ما می‌رویم» و رفت", "ما می‌رویم", id="persian"),
        pytest.param("Han sade ”vi går” och gick.", "vi går", id="swedish"),
        pytest.param("他说「我们走」然后离开", "我 们 走", id="chinese-corners"),
        pytest.param("He said 'we will go' and left.", "we will go", id="single"),
        pytest.param("‘We will go,’ he said, and didn’t.", "We will go", id="single-at-start-of-line"),
        pytest.param("It read:'All must go.' Then came silence.", "All must go", id="single-after-colon"),
        pytest.param("The workers' union didn't like the '90s.", "", id="apostrophes-are-none"),
        pytest.param(
            "She said 'the players' union will act' on Monday.", "the players union will act", id="possessive-inside"
        ),
        pytest.param("“We go on\nand on. He left.", "We go on", id="unclosed-to-the-end-of-its-line"),
        pytest.param(
            "The company wrote in a statement:\nWe regret what has happened and will mend it soon.\nShares fell.",
            "We regret what has happened and will mend it soon",
            id="block-after-colon",
        ),
        pytest.param("Opening hours:\nMonday to Friday.", "", id="short-block-is-none"),
        pytest.param(
            "News.\nSo proud of this team\n— Ann Other (@ann) 5 May\nMore news.",
            "So proud of this team Ann Other ann 5 May",
            id="post-with-signature",
        ),
        pytest.param(
            "News today.\nLook at this pic.twitter.com/xyz\nMore.", "Look at this pic twitter com xyz", id="post"
        ),
        pytest.param("— Мы уходим сегодня, — сказал он. — Прощайте.", "Мы уходим сегодня Прощайте", id="dash-russian"),
        pytest.param("—Nos vamos —dijo él—. Adiós.", "Nos vamos Adiós", id="dash-spanish"),
        pytest.param("– Nous partons, dit-il. – Au revoir à tous.", "Nous partons dit il", id="dash-french"),
        pytest.param("— Москва — столица России", "", id="a-dash-that-is-no-speech"),
        pytest.param("— Мы уходим сегодня.\nОн сказал это вчера.", "Мы уходим сегодня", id="a-line-of-speech"),
        pytest.param("- Milk and flour.", "", id="an-item-of-a-list"),
        pytest.param("He said ❝we go❞ and went", "we go", id="heavy-marks"),
        pytest.param("He said ``we will go'' and left.", "we will go", id="doubled-single-marks"),
        pytest.param("Er sagte: ,,Wir gehen'' und ging.", "Wir gehen", id="low-commas"),
        pytest.param("Er sagte: ‚Wir gehen‘ und ging.", "Wir gehen", id="low-single"),
        pytest.param("Il dit ‹nous partons› et part.", "nous partons", id="single-angles"),
        pytest.param("Il dit <<nous partons>> et part.", "nous partons", id="doubled-angles"),
        pytest.param("He said ″we will go″ and left.", "we will go", id="primes"),
        pytest.param("He said &quot;we will go&quot; and left.", "we will go", id="entity"),
        pytest.param('דובר צה"ל אמר היום כי מנכ"ל החברה הגיע', "", id="hebrew-acronyms-are-none"),
        pytest.param("Die man het 'n hond, 's avonds, so '90s, tell 'em now. It's Ann's.", "", id="elisions-are-none"),
        pytest.param('A 55" screen and a 6\'2" man walked in.', "", id="inches-are-none"),
        pytest.param("No quotation at all.", "", id="none"),
        pytest.param("", "", id="empty"),
    ],
)
def test_quoted(text: str, expected: str) -> None:
    """Marks of all kinds, blocks and posts are quotations; apostrophes are not."""
    assert expected == quoted(text)


@pytest.mark.parametrize("piece", [" 'a", "‘a ", '"', "'s' ", "« "], ids=repr)
def test_hostile_marks_cost_linear_time(piece: str) -> None:
    """A page of openers without end is no worse than another page of its length (was quadratic: minutes for 1 MB)."""
    started = time.process_time()
    quoted(piece * 100_000)
    assert time.process_time() - started < 3


def test_a_text_that_is_all_quotation_tells_it() -> None:
    """A press release behind a colon is the narrative of its page."""
    release = "\n".join(
        f"The company will build plant number {n} in the valley and hire people there." for n in range(12)
    )
    assert quoted(f"It reads:\n“{release.replace(chr(10), '”' + chr(10) + '“')}”") == ""
