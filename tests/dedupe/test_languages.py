"""A reworded copy is found and an independent report kept apart, in ten languages; texts are ours."""

from __future__ import annotations

import pytest

from dedupe.matching.compare import compare
from dedupe.records import MERGING, ArticleText

REPORT, REWORDED, INDEPENDENT = 0, 1, 2
TEXTS = {
    "english": (
        "Firefighters in Saltmere rescued nineteen goats from a flooded quarry on Tuesday morning. The animals had climbed "
        "onto a ledge when the water rose after two days of rain. It took four hours and a borrowed raft to bring them "
        "ashore one by one. None of the goats was hurt, the fire service reported, but one of them ate a rescuer's glove. "
        "The quarry has been closed since a landslide three years ago and will stay closed until the spring.",
        "Nineteen goats were rescued from a flooded quarry in Saltmere on Tuesday morning by firefighters. When the water "
        "rose after two days of rain, the animals had climbed onto a ledge. It took four hours and a borrowed raft to get "
        "all of them ashore one by one. None of the goats was hurt, the fire service reported, although one of them ate "
        "the glove of a rescuer. Closed since a landslide three years ago, the quarry will stay closed until spring.",
        "A herd that belongs to the farmer Ada Quill was in danger for hours this week, and half the town came to watch. "
        "Rain had filled the old pit behind her meadow overnight. Neighbours lit the scene with their headlights while "
        "crews paddled back and forth. Quill says she will build a fence, which the council has asked her to do twice.",
    ),
    "spanish": (
        "Los bomberos de Salmera rescataron el martes por la mañana a diecinueve cabras de una cantera inundada. Los "
        "animales se habían subido a una cornisa cuando creció el agua tras dos días de lluvia. Hicieron falta cuatro horas "
        "y una balsa prestada para llevarlas una por una a la orilla. Ninguna cabra resultó herida, informó el servicio, "
        "pero una de ellas se comió el guante de un rescatador.",
        "Diecinueve cabras fueron rescatadas de una cantera inundada el martes por la mañana por los bomberos de Salmera. "
        "Cuando creció el agua tras dos días de lluvia, los animales se habían subido a una cornisa. Hicieron falta cuatro "
        "horas y una balsa prestada para llevarlas a todas a la orilla. Ninguna cabra resultó herida, informó el servicio, "
        "aunque una de ellas se comió el guante de un rescatador.",
        "Medio pueblo acudió a mirar cómo sacaban del agua el rebaño de una ganadera. La lluvia había llenado de noche el "
        "viejo hoyo que hay detrás de su prado. Los vecinos alumbraban con los faros mientras los equipos remaban de un "
        "lado a otro. La dueña promete ahora levantar la valla que el ayuntamiento le pidió ya dos veces.",
    ),
    "german": (
        "Feuerwehrleute haben am Dienstagmorgen neunzehn Ziegen aus einem überfluteten Steinbruch bei Salzmar gerettet. Die "
        "Tiere waren auf einen Vorsprung geklettert, als das Wasser nach zwei Tagen Regen stieg. Vier Stunden und ein "
        "geliehenes Floß waren nötig, um sie einzeln ans Ufer zu bringen. Keine der Ziegen wurde verletzt, teilte die "
        "Feuerwehr mit, doch eine fraß den Handschuh eines Retters.",
        "Neunzehn Ziegen sind am Dienstagmorgen aus einem überfluteten Steinbruch bei Salzmar gerettet worden. Als das Wasser "
        "nach zwei Tagen Regen stieg, waren die Tiere auf einen Vorsprung geklettert. Vier Stunden und ein geliehenes Floß "
        "waren nötig, um alle einzeln ans Ufer zu bringen. Keine der Ziegen wurde verletzt, teilte die Feuerwehr mit, eine "
        "fraß allerdings den Handschuh eines Retters.",
        "Das halbe Dorf sah zu, wie die Herde einer Bäuerin aus dem Wasser geholt wurde. In der Nacht hatte sich die alte "
        "Grube hinter ihrer Wiese gefüllt. Nachbarn leuchteten mit Scheinwerfern, während Helfer hin und her paddelten. Die "
        "Besitzerin will nun den Zaun bauen, den die Gemeinde schon zweimal verlangt hat.",
    ),
    "french": (
        "Les pompiers de Salmère ont sauvé mardi matin dix-neuf chèvres d'une carrière inondée. Les animaux étaient montés "
        "sur une corniche lorsque l'eau est montée après deux jours de pluie. Il a fallu quatre heures et un radeau prêté "
        "pour les ramener une à une sur la rive. Aucune chèvre n'a été blessée, ont indiqué les secours, mais l'une d'elles "
        "a mangé le gant d'un sauveteur.",
        "Dix-neuf chèvres ont été sauvées mardi matin d'une carrière inondée par les pompiers de Salmère. Lorsque l'eau est "
        "montée après deux jours de pluie, les animaux étaient montés sur une corniche. Il a fallu quatre heures et un radeau "
        "prêté pour les ramener toutes sur la rive. Aucune chèvre n'a été blessée, ont indiqué les secours, même si l'une "
        "d'elles a mangé le gant d'un sauveteur.",
        "La moitié du village est venue voir comment on tirait de l'eau le troupeau d'une éleveuse. La nuit, la pluie avait "
        "rempli le vieux trou derrière son pré. Des voisins éclairaient avec leurs phares pendant que les équipes ramaient. "
        "La propriétaire va construire la clôture que la mairie lui a déjà demandée deux fois.",
    ),
    "persian": (
        "آتش‌نشانان سالمر صبح سه‌شنبه نوزده بز را از یک معدن پر از آب نجات دادند. حیوانات وقتی آب پس از دو روز باران بالا آمد "
        "روی یک لبه رفته بودند. چهار ساعت زمان و یک قایق امانتی لازم بود تا آنها یکی یکی به ساحل آورده شوند. هیچ یک از بزها "
        "آسیب ندید، اما یکی از آنها دستکش یک امدادگر را خورد.",
        "نوزده بز صبح سه‌شنبه به دست آتش‌نشانان سالمر از یک معدن پر از آب نجات یافتند. وقتی آب پس از دو روز باران بالا آمد "
        "حیوانات روی یک لبه رفته بودند. چهار ساعت زمان و یک قایق امانتی لازم بود تا همه آنها به ساحل آورده شوند. هیچ یک از بزها "
        "آسیب ندید، گرچه یکی از آنها دستکش یک امدادگر را خورد.",
        "نیمی از اهالی روستا آمدند تا ببینند گله یک دامدار چگونه از گودال بیرون کشیده می‌شود. باران شبانه چاله قدیمی پشت چمنزار "
        "او را پر کرده بود. همسایه‌ها با چراغ خودروها نور می‌دادند و گروه‌ها پارو می‌زدند. صاحب گله قول داد حصاری بسازد که شورا "
        "دو بار خواسته است.",
    ),
    "arabic": (
        "أنقذ رجال الإطفاء في سالمير صباح الثلاثاء تسع عشرة عنزة من محجر غمرته المياه. وكانت الحيوانات قد صعدت إلى حافة صخرية "
        "عندما ارتفع الماء بعد يومين من المطر. واحتاج الأمر إلى أربع ساعات وطوف مستعار لنقلها واحدة بعد أخرى إلى الشاطئ. ولم "
        "تصب أي عنزة بأذى، لكن واحدة منها أكلت قفاز أحد المنقذين.",
        "تم إنقاذ تسع عشرة عنزة من محجر غمرته المياه صباح الثلاثاء على يد رجال الإطفاء في سالمير. وعندما ارتفع الماء بعد يومين "
        "من المطر كانت الحيوانات قد صعدت إلى حافة صخرية. واحتاج الأمر إلى أربع ساعات وطوف مستعار لنقلها جميعا إلى الشاطئ. ولم "
        "تصب أي عنزة بأذى، غير أن واحدة منها أكلت قفاز أحد المنقذين.",
        "جاء نصف سكان القرية ليشاهدوا كيف يخرج قطيع إحدى المربيات من الحفرة. كان المطر قد ملأ ليلا الحفرة القديمة خلف مرجها. وأضاء "
        "الجيران المكان بمصابيح سياراتهم بينما جدف العمال ذهابا وإيابا. ووعدت صاحبة القطيع ببناء سياج طلبته البلدية مرتين.",
    ),
    "russian": (
        "Пожарные Солмера утром во вторник спасли девятнадцать коз из затопленного карьера. Животные забрались на уступ, когда "
        "вода поднялась после двух дней дождя. Понадобилось четыре часа и чужой плот, чтобы доставить их по одной на берег. Ни "
        "одна коза не пострадала, сообщили спасатели, но одна из них съела перчатку пожарного.",
        "Девятнадцать коз спасли утром во вторник из затопленного карьера пожарные Солмера. Когда вода поднялась после двух дней "
        "дождя, животные забрались на уступ. Понадобилось четыре часа и чужой плот, чтобы доставить их всех на берег. Ни одна "
        "коза не пострадала, сообщили спасатели, хотя одна из них съела перчатку пожарного.",
        "Полдеревни собралось посмотреть, как из ямы вытаскивают стадо местной фермерши. Ночной ливень заполнил старую выработку "
        "за её лугом. Соседи светили фарами, пока бригады гребли туда и обратно. Хозяйка обещает построить забор, о котором "
        "администрация просила уже дважды.",
    ),
    "chinese": (
        "周二上午，萨尔梅尔的消防员从一座被淹的采石场救出了十九只山羊。连下两天雨后水位上涨，羊群爬上了一块岩石平台。救援人员借来一只木筏，"
        "用了四个小时才把它们一只一只送到岸边。消防部门说没有山羊受伤，不过有一只吃掉了一名救援人员的手套。这座采石场三年前因滑坡关闭，"
        "要到明年春天才会重新开放。",
        "萨尔梅尔的消防员周二上午从一座被淹的采石场救出了十九只山羊。羊群爬上了一块岩石平台，因为连下两天雨后水位上涨。救援人员借来一只木筏，"
        "用了四个小时才把它们全部送到岸边。消防部门说没有山羊受伤，但有一只吃掉了一名救援人员的手套。三年前因滑坡关闭的这座采石场，"
        "要到明年春天才会重新开放。",
        "半个村子的人都来看农妇的牲口怎样从水坑里被拉出来。夜里的大雨灌满了她草地后面的旧矿坑。邻居们打开车灯照明，几支队伍来回划船。"
        "主人答应修一道围栏，镇政府已经催过她两次了。",
    ),
    "japanese": (
        "火曜日の朝、サルメアの消防隊は水没した採石場から十九頭のヤギを救出した。二日間の雨で水位が上がり、ヤギたちは岩棚に登っていた。"
        "借りてきたいかだを使い、四時間かけて一頭ずつ岸まで運んだ。消防によるとけがをしたヤギはいなかったが、一頭が救助隊員の手袋を食べた。"
        "採石場は三年前の地滑り以来閉鎖されており、春まで閉鎖が続く。",
        "サルメアの消防隊は火曜日の朝、水没した採石場から十九頭のヤギを救出した。ヤギたちは岩棚に登っていた。二日間の雨で水位が上がったためだ。"
        "借りてきたいかだを使い、四時間かけて全頭を岸まで運んだ。消防によるとけがをしたヤギはいなかったものの、一頭が救助隊員の手袋を食べた。"
        "三年前の地滑り以来閉鎖されている採石場は、春まで閉鎖が続く。",
        "農場の家畜が穴から引き上げられる様子を、村の半分が見物に来た。夜の大雨で牧草地の裏の古いくぼみが満杯になったのだ。近所の人々が車の灯りで照らし、"
        "作業員は何度もこいで往復した。飼い主は役場に二度求められた柵を作ると約束している。",
    ),
    "thai": (
        "เช้าวันอังคาร นักดับเพลิงเมืองซัลเมียร์ช่วยแพะสิบเก้าตัวออกจากเหมืองหินที่น้ำท่วม แพะปีนขึ้นไปบนชะง่อนหินเมื่อน้ำสูงขึ้นหลังฝนตกสองวัน "
        "ต้องใช้เวลาสี่ชั่วโมงกับแพที่ยืมมาเพื่อพาพวกมันขึ้นฝั่งทีละตัว ไม่มีแพะตัวใดบาดเจ็บ แต่มีตัวหนึ่งกินถุงมือของผู้ช่วยเหลือ "
        "เหมืองปิดมาตั้งแต่ดินถล่มเมื่อสามปีก่อน",
        "นักดับเพลิงเมืองซัลเมียร์ช่วยแพะสิบเก้าตัวออกจากเหมืองหินที่น้ำท่วมเมื่อเช้าวันอังคาร เมื่อน้ำสูงขึ้นหลังฝนตกสองวัน แพะปีนขึ้นไปบนชะง่อนหิน "
        "ต้องใช้เวลาสี่ชั่วโมงกับแพที่ยืมมาเพื่อพาพวกมันทั้งหมดขึ้นฝั่ง ไม่มีแพะตัวใดบาดเจ็บ แม้มีตัวหนึ่งกินถุงมือของผู้ช่วยเหลือ "
        "เหมืองปิดมาตั้งแต่ดินถล่มเมื่อสามปีก่อน",
        "ชาวบ้านครึ่งหมู่บ้านมาดูการลากฝูงสัตว์ของเกษตรกรหญิงขึ้นจากบ่อ ฝนตอนกลางคืนทำให้หลุมเก่าหลังทุ่งหญ้าของเธอเต็ม "
        "เพื่อนบ้านเปิดไฟหน้ารถส่องให้ทีมงานพายไปมา เจ้าของสัญญาว่าจะสร้างรั้วที่เทศบาลขอไว้สองครั้งแล้ว",
    ),
}  # fmt: skip


def pair(language: str, one: int, two: int) -> tuple[ArticleText, ArticleText]:
    texts = TEXTS[language]
    return ArticleText(id="a", text=texts[one]), ArticleText(id="b", text=texts[two])


@pytest.mark.parametrize("language", TEXTS)
def test_a_reworded_copy_is_found(language: str) -> None:
    """Clauses swapped, a word in eight changed."""
    match = compare(*pair(language, REPORT, REWORDED))
    assert match is not None
    assert match.relation in MERGING
    assert match.passages


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("other", [REPORT, REWORDED])
def test_an_independent_report_stays_apart(language: str, other: int) -> None:
    """The same event told by another newsroom."""
    assert compare(*pair(language, other, INDEPENDENT)) is None


def test_serbian_in_both_scripts():
    """The same report in Cyrillic and in Latin letters is one text; Russian keeps its own letters apart."""
    cyrillic = "Народна скупштина Србије усвојила је јуче закон о џез-клубовима у Љубљанској улици и Његошевој. " * 3
    latin = "Narodna skupština Srbije usvojila je juče zakon o džez-klubovima u Ljubljanskoj ulici i Njegoševoj. " * 3
    found = compare(ArticleText(id="a", text=cyrillic), ArticleText(id="b", text=latin))
    assert found is not None
    assert found.relation == "identical"
