"""Names of months in the languages of feeds whose templates translate them, in the forms that stand in dates.

Where one word has two meanings, it is the month of the larger news output: `listopada` is November in Warsaw, and
October in Zagreb. Three letters that clash so (lip, lis, srp) are left out.
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = (
    "jan january januar jänner januari janvier janv enero ene gennaio gen janeiro styczeń stycznia sty ledna ianuarie "
    "tammikuuta ocak oca января янв січня ιανουαρίου ιαν th1 th01",
    "feb february februari februar února februarie février fév févr febrero febbraio fevereiro fev lutego lut "
    "helmikuuta şubat şub февраля фев февр лютого φεβρουαρίου φεβ th2 th02",
    "mar march märz mär mrz maart mrt mars marzo março marca března martie maret maaliskuuta mart марта мар березня "
    "μαρτίου μαρ th3 th03",
    "apr april avril avr abril abr aprile kwietnia kwi dubna aprilie huhtikuuta nisan nis апреля апр квітня απριλίου "
    "απρ th4 th04",
    "may mai mei maj maio mayo maggio mag maja května toukokuuta mayıs мая май травня μαΐου μαϊου μαΐ μαϊ th5 th05",
    "jun june juni juin junio giugno giu junho czerwca cze června iunie kesäkuuta haziran haz июня июн червня ιουνίου "
    "ιουν th6 th06",
    "jul july juli juillet juil julio luglio lug julho lipca července iulie heinäkuuta temmuz tem июля июл липня "
    "ιουλίου ιουλ th7 th07",
    "aug august augusti augustus août aout agosto ago agustus agu sierpnia sie srpna elokuuta ağustos ağu августа авг "
    "серпня αυγούστου αυγ th8 th08",
    "sep sept september septembre septiembre settembre set setembro septembrie września wrz září zář syyskuuta eylül "
    "eyl сентября сен сент вересня σεπτεμβρίου σεπ σεπτ th9 th09",
    "oct october oktober okt octobre octubre ottobre ott outubro out octombrie października paź října lokakuuta ekim "
    "eki октября окт жовтня οκτωβρίου οκτ th10",
    "nov november novembre noviembre novembro noiembrie listopada marraskuuta kasım kas ноября ноя нояб νοεμβρίου "
    "νοε νοεμ th11",
    "dec december dezember dez décembre déc decembre diciembre dic dicembre dezembro decembrie desember des grudnia "
    "gru prosince joulukuuta aralık ara декабря дек грудня δεκεμβρίου δεκ th12",
)
MONTHS: Final = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
"""Number of the month by its name in lower case."""
