"""A later story that carries on a paragraph and the statement of an earlier report is a story of its own."""

from __future__ import annotations

import pytest

from dedupe.matching.compare import compare_closely

REPORTS = {
    "en": [
        "A fire at a timber store on the industrial estate of Highfen destroyed the roofs of two sheds and an office "
        "block, the regional rescue service said.",
        "Guards saw the flames at about four in the morning, when thick smoke came from under the gate of the farther "
        "shed. By the time the first crews arrived the whole eastern wall was burning and the wind carried sparks "
        "towards the railway siding.",
        "Firefighters led one hundred and twenty workers out of a hostel next door, among them families with children; "
        "doctors found nobody hurt. Suburban trains were halted until noon and passengers were taken on by bus.",
        "“We got everybody out within twenty minutes and lost nobody because every driver knew his route,” the fire "
        "chief said.",
        "A fire train and a helicopter that drew water from the town reservoir helped to put out the blaze. Open "
        "flames "
        "were out by nine, but the structure had to be cooled until the evening.",
        "Investigators believe that the cause was a short circuit in a drying chamber which the owner had put up "
        "without a permit. Prosecutors have opened an inquiry as well, since the firm had already been ordered last "
        "year to mend what was wrong.",
        "Neighbours spoke of gas bottles bursting one after another. The smoke could be seen from the lighthouse, and "
        "schools along the river kept their windows shut all day.",
    ],
    "de": [
        "Ein Brand in einem Holzlager im Gewerbegebiet von Oberfelden hat die Dächer zweier Hallen und ein Bürogebäude "
        "zerstört, wie der Rettungsdienst des Kreises mitteilte.",
        "Wachleute bemerkten die Flammen gegen vier Uhr früh, als dichter Rauch unter dem Tor der hinteren Halle "
        "hervorquoll. Als die ersten Züge eintrafen, brannte die ganze Ostwand, und der Wind trug Funken zum "
        "Anschlussgleis.",
        "Die Feuerwehr führte hundertzwanzig Arbeiter aus einem Wohnheim nebenan ins Freie, darunter Familien mit "
        "Kindern; verletzt wurde nach Angaben der Ärzte niemand. Der Vorortverkehr ruhte bis zum Mittag, Fahrgäste "
        "stiegen in Busse um.",
        "„Wir haben in zwanzig Minuten alle herausgeholt und niemanden verloren, weil jeder Fahrer seinen Weg kannte“, "
        "sagte der Feuerwehrchef.",
        "Bei den Löscharbeiten halfen ein Löschzug der Bahn und ein Hubschrauber, der Wasser aus dem städtischen "
        "Stausee schöpfte. Gegen neun waren die offenen Flammen aus, doch das Gerippe musste bis zum Abend gekühlt "
        "werden.",
        "Die Ermittler halten einen Kurzschluss in einer Trockenkammer für die Ursache, die der Betrieb ohne "
        "Genehmigung aufgestellt hatte. Auch die Staatsanwaltschaft ermittelt, denn schon im vorigen Jahr war "
        "angeordnet worden, Mängel zu beheben.",
        "Nachbarn berichteten von Gasflaschen, die eine nach der anderen platzten. Der Qualm war bis zum Leuchtturm zu "
        "sehen, und Schulen am Fluss hielten den ganzen Tag die Fenster geschlossen.",
    ],
}
STATEMENT = 3  # the paragraph of the report that is its only quotation
NEWS = {
    "en": [
        "Rail engineers replaced two signals that had melted. A spokesman said that trains would run slowly past the "
        "site until the ground had been examined.",
        "At the hostel families were allowed to fetch clothes and papers in groups of ten. A charity has put up beds "
        "in "
        "a sports hall, and a baker brings bread each morning.",
        "Firefighters led one and twenty workers out of a hostel next door, among them families children; doctors "
        "found "
        "nobody hurt. Suburban trains were halted until noon and were taken on by bus.",
        "Trade unions called a rally outside the county offices. They want more inspectors, and say that only three of "
        "them look after nine hundred companies.",
        "The mayor announced grants for workshops nearby, which still have no electricity, and promised to go over the "
        "emergency plans of the estate together with residents. A first meeting is called for next week in the hall.",
    ],
    "de": [
        "Techniker der Bahn tauschten zwei geschmolzene Signale aus. Bis der Untergrund untersucht ist, fahren die "
        "Züge "
        "dort langsam, sagte eine Sprecherin.",
        "Im Wohnheim durften Familien in kleinen Gruppen Kleidung und Papiere holen. Ein Hilfsverein hat in einer "
        "Turnhalle Betten aufgestellt, und ein Bäcker bringt jeden Morgen Brot.",
        "Gewerkschaften riefen zu einer Kundgebung vor dem Landratsamt auf. Sie fordern mehr Prüfer; bisher kümmerten "
        "sich drei von ihnen um neunhundert Betriebe.",
        "Der Bürgermeister kündigte Beihilfen für benachbarte Werkstätten an, die noch immer ohne Strom sind, und "
        "versprach, die Notfallpläne des Gebiets mit den Anwohnern durchzugehen. Ein erstes Treffen ist für nächste "
        "Woche im Gemeindesaal angesetzt.",
        "Wachleute bemerkten die gegen vier Uhr früh, als dichter unter dem Tor der hinteren Halle Als die ersten Züge "
        "eintrafen, brannte ganze Ostwand, und der Wind trug zum Anschlussgleis.",
    ],
}


@pytest.mark.parametrize("language", REPORTS)
def test_a_follow_up_with_an_old_paragraph_is_no_copy(make, language: str) -> None:
    """It shares a paragraph, a little shortened, and the statement: that is shown, and merges nothing."""
    report = REPORTS[language]
    follow_up = [*NEWS[language], report[STATEMENT]]
    found = compare_closely(make("a", "\n".join(report), day=0), make("b", "\n".join(follow_up), day=1))
    assert found.relation == "overlap"
    assert len(found.passages) == 2


@pytest.mark.parametrize("language", REPORTS)
def test_a_shortened_print_is_a_copy(make, language: str) -> None:
    """Three paragraphs of the report under a lead of its own: the same order of words still merges."""
    report = REPORTS[language]
    shortened = [NEWS[language][0], *report[1:3], report[STATEMENT], report[5]]
    found = compare_closely(make("a", "\n".join(report), day=0), make("b", "\n".join(shortened), day=0))
    assert found.relation in {"copy", "contains"}
